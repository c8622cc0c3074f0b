//! Keys of machines.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod update;
pub(crate) mod view;

use domain::{ApiKey, ApiKeyId, BranchId, FieldInvalid, Invalid, RowReach, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::people::texts;

/// A key of a machine, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    id: ApiKeyId,
    name: String,
    /// Whose it is: it acts for them and can never do more than they.
    user_id: UserId,
    /// What the key begins with, by which people tell keys apart.
    prefix: String,
    /// What it may do: `module:action`.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<&'static str>,
    /// How far it reaches, at most as far as its owner.
    reach: RowReach,
    /// The branches it reaches; empty for its owner's.
    branch_ids: Vec<BranchId>,
    requests_per_hour: u32,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    revoked_at: Option<Timestamp>,
    /// When it was last used, to a quarter of an hour.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_used_at: Option<Timestamp>,
    /// Until when the secret before the last rotation is good.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    previous_until: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            user_id: key.user,
            prefix: key.prefix,
            scopes: texts(key.scopes),
            reach: key.reach,
            branch_ids: key.branches,
            requests_per_hour: key.requests_per_hour,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
            previous_until: key.previous.map(|previous| previous.until),
            created_at: key.meta.created_at,
            updated_at: key.meta.updated_at,
        }
    }
}

/// A key with its whole text, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeyShown {
    /// Goes into `Authorization: Bearer …`. It is kept nowhere and cannot be shown again.
    key: String,
    api_key: ApiKeyView,
}

/// A key asks at least once and at most so often an hour.
const MAX_REQUESTS: u32 = 1_000_000;

fn check_requests(requests: Option<u32>, wrong: &mut Vec<FieldInvalid>) {
    if requests.is_some_and(|requests| !(1..=MAX_REQUESTS).contains(&requests)) {
        let invalid = Invalid::new("out_of_range", "must be 1 to 1,000,000");
        wrong.push(FieldInvalid::new("requests_per_hour", invalid));
    }
}
