//! Where people belong who are no lead yet.

use serde::{Deserialize, Serialize};

use super::reader::Reader;
use crate::values::wire_enum;
use crate::{BranchId, Invalid, Label, UserId};

wire_enum! {
    /// What becomes of people that are no lead.
    Strangers, "unknown_choice",
    /// What they said or did is kept.
    Keep = "keep",
    /// They become a lead.
    Lead = "lead",
}

/// Where people belong who are no lead yet, and whose what they say is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// Whose is what nobody else has.
    #[serde(rename = "agentId")]
    pub agent: UserId,
    /// Where it belongs.
    pub branch_id: BranchId,
    /// The source of the leads they become.
    pub source: Label,
}

impl Intake {
    /// One that a patch names: all of it, or nothing.
    pub(super) fn named(reader: &mut Reader) -> Option<Self> {
        let agent = reader.open("agentId", None);
        let (branch_id, source) = (reader.open("branch_id", None), reader.open("source", None));
        let named = [("agentId", agent.is_some()), ("branch_id", branch_id.is_some()), ("source", source.is_some())];
        if named.iter().any(|(_, there)| *there) {
            for (name, _) in named.iter().filter(|(_, there)| !there) {
                reader.refuse(name, Invalid::required());
            }
        }
        Some(Self { agent: agent?, branch_id: branch_id?, source: source? })
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            agent: reader.kept("agentId", self.agent),
            branch_id: reader.kept("branch_id", self.branch_id),
            source: reader.kept("source", self.source),
        }
    }
}
