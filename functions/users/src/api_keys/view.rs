//! `GET /api-keys/{id}`.

use axum::extract::State;
use domain::{ApiKey, ApiKeyId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::ApiKeyView;

/// One key.
#[utoipa::path(
    get, path = "/api-keys/{id}", tag = "api keys", params(("id" = ApiKeyId, Path)),
    responses((status = 200, description = "The key.", body = Envelope<ApiKeyView>)),
)]
pub(crate) async fn api_key_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApiKeyId>,
) -> Result<Versioned<ApiKeyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApiKeysRead)?;
    let key: ApiKey = app.table().get(&grant, id).await?;
    let version = key.meta.version;
    Ok(Versioned(key.into(), version))
}
