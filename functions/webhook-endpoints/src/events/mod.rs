//! What happened in an organization.

pub(crate) mod list;
pub(crate) mod view;
