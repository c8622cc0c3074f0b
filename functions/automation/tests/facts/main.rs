//! What `automation` promises.

mod approval_workflows;
mod approvals;
mod levels;
mod making;
mod notification_rules;
mod running;
mod support;
mod trying;
