//! What is true of open connections.
#![expect(clippy::expect_used, reason = "a test stops where its ground is missing")]

mod connecting;
mod saying;
mod support;
