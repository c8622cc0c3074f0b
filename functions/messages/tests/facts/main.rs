//! Facts about messages to people.

mod attaching;
mod doubt;
mod faults;
mod objecting;
mod pushing;
mod sending;
mod speaking;
mod support;
mod tracking;
