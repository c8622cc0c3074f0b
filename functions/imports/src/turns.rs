//! Whose turn it is to get the leads of a file.
//!
//! Turns are taken when the file is planned, in the file's order, from the pool as it then stands, and
//! the pool moves on in the same write that ends the planning: a lead keeps its owner whenever and
//! however often its row is done, and the chunks do not queue for the pool. Only rows that look new take
//! a turn: nobody has their identifiers and no earlier row names them. What turns out otherwise later (a
//! row refused, a person added meanwhile) leaves its turn unused.

use std::collections::HashMap;

use domain::assignment::{AssignmentReason, Decision, Request, assign};
use domain::{AssignmentPool, BranchId, Grant, UserId};
use store::{Table, there};

use crate::error::StepError;

/// The turns of rows, and the pool before and after.
#[derive(Debug)]
pub(crate) struct Turns {
    pub(crate) taken: Vec<Option<UserId>>,
    pub(crate) before: AssignmentPool,
    pub(crate) after: domain::assignment::Pool,
}

/// A turn for each row that is `new`: 1 read of the pool and 1 Query of open leads.
pub(crate) async fn take(
    table: &Table,
    grant: &Grant,
    branch: BranchId,
    new: &[bool],
) -> Result<Option<Turns>, StepError> {
    let Some(before): Option<AssignmentPool> =
        there(table.get_to_change(grant, AssignmentPool::id_of(grant.organization())).await)?
    else {
        return Ok(None);
    };
    let open: HashMap<UserId, u32> = table
        .counts_now(grant, "open_leads_by_owner")
        .await?
        .into_iter()
        .filter_map(|count| Some((count.dimension.parse().ok()?, u32::try_from(count.n).unwrap_or(0))))
        .collect();
    let request = Request { referrer: None, branch: Some(branch) };
    let mut pool = before.pool.clone().holding(&open);
    let mut taken = Vec::with_capacity(new.len());
    for new in new {
        taken.push(if *new {
            let (decision, after) = assign(&pool, &request);
            pool = after;
            decision.user
        } else {
            None
        });
    }
    Ok(Some(Turns { taken, before, after: pool }))
}

/// The decision as the lead's history tells it; who else was looked at is left out of a file's leads.
pub(crate) fn decision(user: UserId) -> Decision {
    Decision { user: Some(user), reason: AssignmentReason::RoundRobin, considered: Vec::new() }
}
