//! An organization's assignment pool, as a record: who takes new leads, and whose turn it is.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assignment::{Decision, Pool, Request, assign};
use crate::record::{Meta, Record};
use crate::{Change, OrganizationId, PoolId, UserId};

/// An organization's assignment pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignmentPool {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the organization's UUID, as there is one pool an organization.
    pub id: PoolId,
    /// The people and the rotation.
    pub pool: Pool,
}

impl AssignmentPool {
    /// The id of an organization's pool.
    pub const fn id_of(organization: OrganizationId) -> PoolId {
        PoolId::from_uuid(organization.uuid())
    }

    /// An empty pool: new leads wait.
    pub fn new(organization: OrganizationId, now: Timestamp) -> Self {
        Self { meta: Meta::new(organization, now), id: Self::id_of(organization), pool: Pool::default() }
    }

    /// Decides who gets a lead; `open` says how many open leads each person holds now.
    pub fn next(self, request: &Request, open: &HashMap<UserId, u32>, now: Timestamp) -> (Decision, Change<Self>) {
        let (decision, pool) = assign(&self.pool.clone().holding(open), request);
        let mut after = self.clone();
        after.pool = pool;
        after.meta.updated_at = now;
        (decision, Change::update(self, after, "assignment.decided"))
    }

    /// Sets who is in it.
    pub fn edit(self, pool: Pool, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.pool = pool;
        after.meta.updated_at = now;
        Change::update(self, after, "assignment.updated")
    }
}

impl Record for AssignmentPool {
    const KIND: &'static str = "assignment_pool";
    type Id = PoolId;

    fn id(&self) -> PoolId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    /// Each decision is kept with the lead it was made for; the rotation itself needs no history.
    const REMEMBERED: bool = false;
}
