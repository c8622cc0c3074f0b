//! Leads for clients that work offline.

pub(crate) mod fetch;
pub(crate) mod push;

use domain::Slot;

/// The list that begins a client's knowledge: the leads of a person.
const LIST: (Slot, &str) = (Slot::Two, "owner");
