//! Facts about events and the machines that are told of them.

mod endpoints;
mod events;
mod support;
