//! What `automations` promises.

mod acting;
mod bounds;
mod faults;
mod levels;
mod objecting;
mod support;
mod templates;
mod waiting;
