//! Facts about messages to people.

mod faults;
mod pushing;
mod sending;
mod support;
