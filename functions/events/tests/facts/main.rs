//! Facts about what follows from events.

mod approvals;
mod deliveries;
mod files;
mod follow;
mod messages;
mod notifications;
mod support;
