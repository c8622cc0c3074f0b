//! Rooms: where connections listen.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::{BranchId, Invalid, LeadId, UserId};

/// Where connections listen. Being in one makes nobody hear what is not theirs to see: that is looked at for each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Room {
    /// What belongs to a person.
    User(UserId),
    /// What belongs to a branch.
    Branch(BranchId),
    /// Everything of the organization.
    All,
    /// A lead, and what is about it.
    Lead(LeadId),
}

impl Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => user.fmt(f),
            Self::Branch(branch) => branch.fmt(f),
            Self::All => f.write_str("all"),
            Self::Lead(lead) => lead.fmt(f),
        }
    }
}

impl FromStr for Room {
    type Err = Invalid;

    /// Reads a room as it is written: the id tells the kind.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "all" {
            return Ok(Self::All);
        }
        let user = text.parse().map(Self::User);
        let branch = || text.parse().map(Self::Branch);
        user.or_else(|_| branch()).or_else(|_| text.parse().map(Self::Lead))
    }
}
