//! Facts about reports, told over the real router and a table in memory.

mod activity;
mod events;
mod performance;
mod questions;
mod recount;
mod reports;
mod sla;
mod support;
