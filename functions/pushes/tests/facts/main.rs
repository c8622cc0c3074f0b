//! What is true of live updates.
#![expect(clippy::expect_used, reason = "a test stops where its ground is missing")]

mod away;
mod faults;
mod rights;
mod support;
mod telling;
