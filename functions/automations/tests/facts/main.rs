//! What `automations` promises.

mod acting;
mod bounds;
mod faults;
mod objecting;
mod support;
mod templates;
mod waiting;
