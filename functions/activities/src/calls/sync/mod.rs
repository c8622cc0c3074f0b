//! Calls for clients that work offline.

pub(crate) mod fetch;
pub(crate) mod push;
