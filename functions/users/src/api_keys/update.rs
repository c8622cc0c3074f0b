//! `PUT /api-keys/{id}`.

use axum::extract::State;
use domain::{ApiKey, ApiKeyId, Change, Label, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use web::wire::written;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::{ApiKeyView, check_requests};

/// What of a key changes. What it may do stays: make another one for that.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ApiKeyUpdate {
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = u32, minimum = 1, maximum = 1_000_000)]
    requests_per_hour: Field<u32>,
}

impl Fields for ApiKeyUpdate {
    const WRITES: &'static [&'static str] = &["name", "requests_per_hour"];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "user_id",
        "prefix",
        "scopes",
        "reach",
        "branch_ids",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "previous_until",
        "created_at",
        "updated_at",
    ];
}

/// Changes a key's name or how often it may ask.
#[utoipa::path(
    put, path = "/api-keys/{id}", tag = "api keys", params(("id" = ApiKeyId, Path)), request_body = ApiKeyUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<ApiKeyView>)),
)]
pub(crate) async fn api_key_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApiKeyId>,
    if_match: IfMatch,
    Body(body): Body<ApiKeyUpdate>,
) -> Result<Versioned<ApiKeyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApiKeysWrite)?;
    signed_in.person()?;
    let fields =
        written([("name", body.name.is_present()), ("requests_per_hour", body.requests_per_hour.is_present())]);
    let mut wrong = Vec::new();
    let name = body.name.replaced("name", &mut wrong);
    let requests = body.requests_per_hour.replaced("requests_per_hour", &mut wrong);
    check_requests(requests, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let now = app.now();
    let key = change(&app, &grant, id, if_match, &fields, |key: ApiKey| {
        let mut after = key.clone();
        if let Some(name) = &name {
            after.name = name.to_string();
        }
        after.requests_per_hour = requests.unwrap_or(after.requests_per_hour);
        after.meta.updated_at = now;
        Ok(Change::update(key, after, "api_key.updated"))
    })
    .await?;
    app.forget_key(id);
    let version = key.meta.version;
    Ok(Versioned(key.into(), version))
}
