//! The kinds of records that clients keep.

use domain::sync::SyncRun;
use domain::{Call, FieldInvalid, Invalid, Lead, Permission, Record as _, Reminder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use web::FromWire;

/// A kind of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Leads,
    Calls,
    Reminders,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Leads, Self::Calls, Self::Reminders];

    /// As the store names it.
    pub(crate) const fn stored(self) -> &'static str {
        match self {
            Self::Leads => Lead::KIND,
            Self::Calls => Call::KIND,
            Self::Reminders => Reminder::KIND,
        }
    }

    /// What reading it needs.
    pub(crate) const fn reading(self) -> Permission {
        match self {
            Self::Leads => Permission::LeadsRead,
            Self::Calls => Permission::CallsRead,
            Self::Reminders => Permission::RemindersRead,
        }
    }

    /// Its last run among those of all kinds.
    pub(crate) fn among(self, runs: &[SyncRun]) -> Option<&SyncRun> {
        runs.iter().find(|run| run.records == self.stored())
    }

    /// The kind of a run.
    pub(crate) fn of(run: &SyncRun) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.stored() == run.records)
    }
}

impl FromWire for Kind {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        serde_json::from_value(value).map_err(|_| {
            vec![FieldInvalid::new("", Invalid::new("unknown_value", "must be leads, calls or reminders"))]
        })
    }
}
