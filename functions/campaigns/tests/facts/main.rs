//! Facts about campaigns: what people write, and what their planner makes of it.

mod channels;
mod faults;
mod figures;
mod halting;
mod launching;
mod support;
mod trying;
mod writing;
