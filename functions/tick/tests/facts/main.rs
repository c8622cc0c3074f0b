//! Facts about the clock.

mod data_key;
mod jobs;
mod messages;
mod reminders;
