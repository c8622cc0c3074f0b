//! What people are told of the moment it happens, over an open connection.
//!
//! An event that a frontend lives on becomes a [`Told`]: which record, which of its fields, and where it belonged before.
//! Together with the record as it is now it becomes a [`View`], which says for each listener whether they hear of it, and
//! what. A frame names the record and shows its open fields that tell nothing of a person; everything else the frontend
//! fetches, where field permissions decide.

mod kind;
mod room;
mod told;
mod view;

use jiff::SignedDuration;

pub use kind::Kind;
pub use room::Room;
pub use told::{Outline, Told};
pub use view::{MAX_ROOMS_OF_A_VIEW, View};

use serde::{Deserialize, Serialize};

/// A token opens a connection this long after it was given.
pub const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(60);
/// API Gateway ends a connection after two hours; ten minutes more, and nothing of ours remembers it.
pub const CONNECTION_LIFE: SignedDuration = SignedDuration::from_mins(130);
/// What happened is remembered this long for those who were away.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// What happened may be remembered so late after its time, so the last of it is told again.
pub const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
/// A connection is in at most so many rooms: a team's, and leads beside.
pub const MAX_ROOMS: usize = 100;

/// What the queue carries: an event, and behind which connection to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// What happened.
    pub told: Told,
    /// The last connection of the page before; `None` for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[cfg(test)]
mod tests;
