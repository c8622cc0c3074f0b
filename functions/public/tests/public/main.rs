//! Facts about public forms, told over the real router and a table in memory.

mod assignment;
mod capture;
mod forms;
mod limits;
mod links;
mod support;
mod tracking;
