//! Facts about what follows from events.

mod approvals;
mod follow;
mod messages;
mod notifications;
mod support;
