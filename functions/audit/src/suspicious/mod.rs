//! What somebody should look at.

pub(crate) mod acknowledge;
pub(crate) mod list;
pub(crate) mod view;

use domain::suspicious::{Acknowledged, SuspiciousKind};
use domain::{SecurityEventId, SuspiciousActivity, SuspiciousActivityId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that somebody should look at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuspiciousActivityView {
    id: SuspiciousActivityId,
    kind: SuspiciousKind,
    /// `open` or `acknowledged`.
    state: &'static str,
    /// Whose account it is about.
    #[schema(required)]
    user_id: Option<UserId>,
    /// Where it came from, where it is the address that is suspicious.
    #[schema(required)]
    address: Option<String>,
    /// The first of its events.
    #[schema(value_type = String, format = DateTime)]
    first_at: Timestamp,
    /// The last of its events, as of `count`.
    #[schema(value_type = String, format = DateTime)]
    last_at: Timestamp,
    /// How many events there were; written again each time they have doubled, up to 200.
    count: u32,
    /// The first of its events, at most 20.
    evidence: Vec<SecurityEventId>,
    /// Who has looked.
    #[schema(required)]
    acknowledged_by: Option<UserId>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    acknowledged_at: Option<Timestamp>,
    /// What they found.
    #[schema(required)]
    note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<SuspiciousActivity> for SuspiciousActivityView {
    fn from(activity: SuspiciousActivity) -> Self {
        let state = activity.state();
        let SuspiciousActivity { meta, id, kind, user, address, first_at, last_at, count, evidence, acknowledged } =
            activity;
        let (acknowledged_by, acknowledged_at, note) = match acknowledged {
            Some(Acknowledged { by, at, note }) => (Some(by), Some(at), note),
            None => (None, None, None),
        };
        Self {
            id,
            kind,
            state,
            user_id: user,
            address,
            first_at,
            last_at,
            count,
            evidence,
            acknowledged_by,
            acknowledged_at,
            note,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }
}
