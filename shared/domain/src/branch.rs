//! A branch: a place of an organization where people work, and the wall between them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{BranchId, OrganizationId};

/// A place of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: BranchId,
    /// Its name, unique in its organization.
    pub name: String,
    /// The town.
    pub city: Option<String>,
    /// Whether it is the head office, which cannot be closed and takes what names no branch.
    pub head_office: bool,
}

impl Branch {
    /// A new branch.
    pub fn new(id: BranchId, organization: OrganizationId, name: String, head_office: bool, now: Timestamp) -> Self {
        Self { meta: Meta::new(organization, now), id, name, city: None, head_office }
    }
}

impl Record for Branch {
    const KIND: &'static str = "branch";
    type Id = BranchId;

    fn id(&self) -> BranchId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.id)
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    fn claims(&self) -> Vec<Claim> {
        vec![Claim::new("name", self.name.to_lowercase())]
    }
}
