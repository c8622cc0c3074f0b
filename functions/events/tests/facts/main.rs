//! Facts about what follows from events.

mod approvals;
mod deliveries;
mod follow;
mod messages;
mod notifications;
mod support;
