//! What is true of the whole platform and no room can say for itself.
#![expect(clippy::expect_used, reason = "a test stops where its ground is missing")]

mod access;
mod approvals;
mod binaries;
mod caller;
mod campaigning;
mod catalog;
mod costs;
mod day;
mod doubt;
mod faults;
mod journey;
mod kms;
mod manifests;
mod month;
mod objecting;
mod push;
mod reaching;
mod realtime;
mod sealing;
mod techbro24;
mod telephony;
mod template;
mod webhooks;
