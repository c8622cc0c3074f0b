//! Facts about connections to services of others.

mod backfills;
mod connections;
mod deliveries;
mod logs;
mod support;
