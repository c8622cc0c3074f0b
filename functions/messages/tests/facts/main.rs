//! Facts about messages to people.

mod faults;
mod sending;
mod support;
