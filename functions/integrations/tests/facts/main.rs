//! Facts about connections to services of others.

mod connections;
mod deliveries;
mod logs;
mod support;
