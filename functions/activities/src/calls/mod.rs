//! Calls: planned, held, told of.

pub(crate) mod by_agent;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod end;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod start;
pub(crate) mod sync;
pub(crate) mod update;
pub(crate) mod view;

use domain::filter::{FieldType, Fields};
use domain::{CallDirection, CallOutcome, CallStatus};
use web::Sort;

use crate::asked::{Kind, word};

/// How calls are asked for.
const KIND: Kind = Kind {
    fields: Fields::new(&[
        ("agentId", FieldType::Id),
        ("branch_id", FieldType::Id),
        ("created_at", FieldType::Timestamp),
        ("direction", FieldType::Text),
        ("duration_seconds", FieldType::Number),
        ("ended_at", FieldType::Timestamp),
        ("lead_id", FieldType::Id),
        ("outcome", FieldType::Text),
        ("scheduled_at", FieldType::Timestamp),
        ("started_at", FieldType::Timestamp),
        ("status", FieldType::Text),
        ("updated_at", FieldType::Timestamp),
    ]),
    words: &[("direction", word::<CallDirection>), ("outcome", word::<CallOutcome>), ("status", word::<CallStatus>)],
    statuses: None,
    sort: Sort { by: "started_at", newest_first: true },
};

/// What frontends send back of a call and only we write.
const READ_ONLY: &[&str] = &["branch_id", "follow_up_id", "created_at", "updated_at", "version"];
