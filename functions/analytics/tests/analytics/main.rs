//! Facts about reports, told over the real router and a table in memory.

mod questions;
mod recount;
mod reports;
mod support;
