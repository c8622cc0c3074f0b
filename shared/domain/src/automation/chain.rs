//! What led to a change: the automations behind it, so that none sets itself going for ever.

use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::{Change, Event, WorkflowId};

/// An automation sets another one going by what it changes, and so on: at most so many in a row.
pub const MAX_CHAIN: usize = 5;

/// Where events carry the chain.
const KEY: &str = "automation";

/// One automation that acted, and what it acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorkflowLink)]
pub struct Link {
    /// The automation.
    pub workflow: WorkflowId,
    /// The id of the record it was about; empty where it was about none.
    pub subject: String,
}

/// What an event carries of its causes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cause {
    chain: Vec<Link>,
}

impl<R: Record> Change<R> {
    /// With the automations that led to it, for whoever follows its event.
    #[must_use]
    pub fn caused_by(self, chain: Vec<Link>) -> Self {
        if chain.is_empty() { self } else { self.with(KEY, Cause { chain }) }
    }
}

/// The automations that led to an event, the first of them first.
pub fn chain_of(event: &Event) -> Vec<Link> {
    let cause = event.data.get(KEY).and_then(|cause| serde_json::from_value::<Cause>(cause.clone()).ok());
    cause.unwrap_or_default().chain
}

/// Why an automation must not be set going by what this chain led to, where it must not.
pub fn refused(chain: &[Link], workflow: WorkflowId, subject: &str) -> Option<&'static str> {
    if chain.iter().any(|link| link.workflow == workflow && link.subject == subject) {
        Some("loop")
    } else if chain.len() >= MAX_CHAIN {
        Some("chain_too_long")
    } else {
        None
    }
}
