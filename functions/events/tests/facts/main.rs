//! Facts about what follows from events.

mod deliveries;
mod follow;
mod messages;
mod notifications;
mod support;
