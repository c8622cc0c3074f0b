//! `POST /api-keys/{id}/rotate`.

use axum::extract::State;
use domain::api_key::MAX_OVERLAP;
use domain::{ApiKey, ApiKeyId, FieldInvalid, Invalid, Permission};
use jiff::SignedDuration;
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::api_key::KeyText;
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, Secret, SignedIn};

use super::ApiKeyShown;
use crate::TRIES;

/// How a key is rotated.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Rotation {
    /// For so many hours the old secret stays good beside the new one; at most a week.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 168, default = 0)]
    overlap_hours: Field<u32>,
}

impl Fields for Rotation {
    const WRITES: &'static [&'static str] = &["overlap_hours"];
}

impl Rotation {
    fn parse(self) -> Result<SignedDuration, Problem> {
        let mut wrong = Vec::new();
        let hours = self.overlap_hours.optional("overlap_hours", &mut wrong).unwrap_or_default();
        let overlap = SignedDuration::from_hours(i64::from(hours));
        if overlap > MAX_OVERLAP {
            let invalid = Invalid::new("out_of_range", "must be at most 168 hours");
            wrong.push(FieldInvalid::new("overlap_hours", invalid));
        }
        if wrong.is_empty() { Ok(overlap) } else { Err(wrong.into()) }
    }
}

/// Gives a key a new secret; the one before the old one is good no more. Who owns the key rotates it, as its secret
/// acts for them; a revoked or expired key is 409 `key_over`.
#[utoipa::path(
    post, path = "/api-keys/{id}/rotate", tag = "api keys", params(("id" = ApiKeyId, Path)), request_body = Rotation,
    responses((status = 200, description = "Rotated; the key is shown this once.", body = Envelope<ApiKeyShown>)),
)]
pub(crate) async fn api_key_rotate(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ApiKeyId>,
    Body(body): Body<Rotation>,
) -> Result<Secret<Data<ApiKeyShown>>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApiKeysWrite)?;
    signed_in.person()?;
    let (overlap, now) = (body.parse()?, app.now());
    for _ in 0..TRIES {
        let key: ApiKey = app.table().get_to_change(&grant, id).await?;
        if key.user != signed_in.user {
            // Its secret would act for somebody else.
            return Err(Problem::conflict("not_yours", "Only its owner can rotate this key; you can revoke it."));
        }
        if !key.is_live(now) {
            return Err(Problem::conflict("key_over", "This key is revoked or has ended."));
        }
        let text = KeyText::new(grant.organization(), id, app.platform().random());
        let change = key.rotate(text.hash(), text.prefix(), overlap, now);
        match app.table().commit(&grant, change).await {
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            committed => {
                let key = committed?;
                app.forget_key(id);
                return Ok(Secret(Data(ApiKeyShown { key: text.into_text(), api_key: key.into() })));
            }
        }
    }
    Err(Refused::Conflict.into())
}
