//! A person's part in a request: theirs to decide now.

use serde::{Deserialize, Serialize};

use super::{ApprovalRequest, Pending};
use crate::record::{List, Meta, Record, Slot};
use crate::{ApprovalId, ApprovalTaskId, UserId};

/// One entry of the list of what somebody has to decide. It follows from its request: it is written and removed in the
/// transactions that change that, and never changed itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalTask {
    /// What every record carries.
    pub meta: Meta,
    /// Its id, derived from the request, the step, the person and since when.
    pub id: ApprovalTaskId,
    /// The request.
    pub request: ApprovalId,
    /// The step, from 0.
    pub step: u32,
    /// Who has to decide.
    pub user: UserId,
}

impl ApprovalTask {
    /// The one of somebody who has to decide a request's step, as it was or will be written.
    pub fn of(request: &ApprovalRequest, step: u32, pending: Pending, id: ApprovalTaskId) -> Self {
        let mut meta = Meta::new(request.meta.organization, pending.since);
        // It is written once, so that its removal needs no read.
        meta.version = 1;
        Self { meta, id, request: request.id, step, user: pending.user }
    }
}

impl Record for ApprovalTask {
    const KIND: &'static str = "approval_task";
    type Id = ApprovalTaskId;

    fn id(&self) -> ApprovalTaskId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "user", self.user)]
    }
    /// Its request's events tell of it.
    const REMEMBERED: bool = false;
}
