//! Approvals: what somebody asks for, and the steps by which others decide it.
//!
//! An [`ApprovalWorkflow`] says who decides, step by step. Each time somebody asks is an [`ApprovalRequest`], which carries
//! the steps as they were, so that it ends by those it began with. Who may decide now has an [`ApprovalTask`], made and
//! removed together with the request's own changes, so that "mine to decide" is one list.
//!
//! Each change of a request is one event. Where a decision begins the next step or ends the request, the event has the name
//! of that (`approval.step_started`, `approval.approved`, `approval.rejected`) and tells the decision in its data.

mod deadline;
mod decide;
mod request;
mod step;
mod task;
mod workflow;

pub use deadline::Wanted;
pub use decide::Refusal;
pub use request::{ApprovalRequest, ApprovalState, Asking, Decision, MAX_DELEGATIONS, Pending, Verdict, WorkflowRef};
pub use step::{ApprovalStep, Approver, MAX_DEADLINE_HOURS, MAX_NAMED, Needs, OnDeadline};
pub use task::ApprovalTask;
pub use workflow::{ApprovalWorkflow, ApprovalWorkflowDetails, ApprovalWorkflowPatch};

use std::num::NonZeroU32;

/// An organization has at most so many approval workflows.
pub const MAX_APPROVAL_WORKFLOWS: NonZeroU32 = NonZeroU32::MIN.saturating_add(50 - 1);
/// A workflow has at most so many steps.
pub const MAX_APPROVAL_STEPS: usize = 10;
/// At most so many of its steps need all of their approvers, so that all that is decided fits one record.
pub const MAX_STEPS_OF_ALL: usize = 5;
/// A step has at most so many approvers at a time, so that those of two steps fit one transaction.
pub const MAX_APPROVERS: usize = 40;

#[cfg(test)]
mod tests;
