//! What `automations` promises.

mod acting;
mod bounds;
mod faults;
mod levels;
mod support;
mod templates;
mod waiting;
