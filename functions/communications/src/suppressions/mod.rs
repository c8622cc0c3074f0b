//! Addresses and numbers that are not written to.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;

use domain::outreach::{SuppressionDetails, SuppressionReason};
use domain::{Change, ContactChannel, Grant, Meta, PersonalFields, Suppression, SuppressionId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::{CommitError, Refused, there};
use utoipa::ToSchema;
use web::{App, Problem};

/// Tries against other writers of the same suppression.
const TRIES: u32 = 8;

/// An address or number that is not written to over a channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionView {
    id: SuppressionId,
    /// Masked for those who do not see such; `null` where it is known by its hash alone.
    #[schema(required)]
    contact: Option<String>,
    channel: ContactChannel,
    reason: SuppressionReason,
    #[schema(required)]
    note: Option<String>,
    /// Until when; `null` for good.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    expires_at: Option<Timestamp>,
    /// Whether it stands now.
    active: bool,
    /// Who said so; `null` where a provider or the person did.
    #[schema(required)]
    suppressed_by: Option<UserId>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl SuppressionView {
    fn new(suppression: Suppression, clear: PersonalFields, now: Timestamp) -> Self {
        let active = suppression.is_active(now);
        let Suppression {
            meta: Meta { updated_at, .. },
            id,
            contact: _,
            address,
            channel,
            reason,
            note,
            expires_at,
            suppressed_by,
            since,
            lifted_at: _,
        } = suppression;
        Self {
            id,
            contact: address.map(|address| address.seen(clear)),
            channel,
            reason,
            note: note.map(|note| note.to_string()),
            expires_at,
            active,
            suppressed_by,
            created_at: since,
            updated_at,
        }
    }
}

/// The suppression of an id that was not lifted: 1 read.
async fn standing(app: &App, grant: &Grant, id: SuppressionId) -> Result<Suppression, Problem> {
    let suppression: Suppression = app.table().get(grant, id).await?;
    if suppression.lifted_at.is_some() { Err(Problem::not_found()) } else { Ok(suppression) }
}

/// Suppresses an address: 1 read, 1 transaction. Whether it was not before.
async fn suppress(app: &App, grant: &Grant, details: &SuppressionDetails) -> Result<(Suppression, bool), Problem> {
    let (table, organization) = (app.table(), grant.organization());
    let address = details.address.as_ref().ok_or_else(|| Problem::internal("a suppression names an address"))?;
    let contact = table.hash_key().reachability_id(organization, address);
    let id = table.hash_key().suppression_id(contact, details.channel);
    for _ in 0..TRIES {
        let before: Option<Suppression> = there(table.get_to_change(grant, id).await)?;
        let now = app.now();
        let new = before.as_ref().is_none_or(|before| !before.is_active(now));
        let change = Suppression::suppress(before, id, organization, contact, details.clone(), now);
        if let Some(before) = unchanged(&change) {
            return Ok((before, false));
        }
        match table.commit(grant, change).await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            committed => return Ok((committed?, new)),
        }
    }
    Err(Refused::Conflict.into())
}

fn unchanged(change: &Change<Suppression>) -> Option<Suppression> {
    change.before.as_ref().filter(|before| **before == change.after).cloned()
}
