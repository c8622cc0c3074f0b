//! `POST /api-keys/{id}/revoke`.

use axum::extract::State;
use domain::{ApiKey, ApiKeyId, Change, Permission};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::ApiKeyView;

/// Ends a key for good, within 30 seconds: its own or another's of the organization. A machine may end its own key
/// where its scopes say so.
#[utoipa::path(
    post, path = "/api-keys/{id}/revoke", tag = "api keys", params(("id" = ApiKeyId, Path)),
    responses((status = 200, description = "It is over.", body = Envelope<ApiKeyView>)),
)]
pub(crate) async fn api_key_revoke(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApiKeyId>,
) -> Result<Versioned<ApiKeyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApiKeysWrite)?;
    let now = app.now();
    let key = change(&app, &grant, id, IfMatch(None), &[], |key: ApiKey| {
        let mut after = key.clone();
        after.revoked_at = after.revoked_at.or(Some(now));
        after.previous = None;
        after.meta.updated_at = now;
        Ok(Change::update(key, after, "api_key.revoked"))
    })
    .await?;
    app.forget_key(id);
    let version = key.meta.version;
    Ok(Versioned(key.into(), version))
}
