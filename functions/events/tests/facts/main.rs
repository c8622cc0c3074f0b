//! Facts about what follows from events.

mod follow;
mod messages;
mod notifications;
mod support;
