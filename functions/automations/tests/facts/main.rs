//! What `automations` promises.

mod acting;
mod bounds;
mod faults;
mod support;
mod templates;
mod waiting;
