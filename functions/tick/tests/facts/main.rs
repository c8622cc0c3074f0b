//! Facts about the clock.

mod approvals;
mod data_key;
mod digests;
mod jobs;
mod messages;
mod reminders;
