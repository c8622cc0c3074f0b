//! What is true of activities, told through the real router over the in-memory table.

mod calls;
mod crashes;
mod ending;
mod notes;
mod reminders;
mod support;
mod syncing;
