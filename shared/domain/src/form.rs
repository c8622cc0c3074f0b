//! A public form that captures leads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{BranchId, FormId, OrganizationId, UserId};

/// A public lead form. Its id is the public key that a page embeds; it opens nothing but capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What every record carries.
    pub meta: Meta,
    /// Its id and public key.
    pub id: FormId,
    /// What people call it.
    pub name: String,
    /// The source of the leads it captures.
    pub source: String,
    /// Where its leads go.
    pub branch_id: BranchId,
    /// Whose link it is: a referral form gives its leads to this person, if they have room.
    pub referrer: Option<UserId>,
    /// A closed form answers as if it did not exist.
    pub is_active: bool,
}

impl Form {
    /// A new, open form.
    pub fn new(
        id: FormId,
        organization: OrganizationId,
        branch_id: BranchId,
        name: String,
        source: String,
        now: Timestamp,
    ) -> Self {
        Self { meta: Meta::new(organization, now), id, name, source, branch_id, referrer: None, is_active: true }
    }
}

impl Record for Form {
    const KIND: &'static str = "form";
    type Id = FormId;

    fn id(&self) -> FormId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        self.referrer
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    /// A page knows only the key: the platform-wide claim leads from it to the organization.
    fn claims(&self) -> Vec<Claim> {
        vec![Claim::platform("key", self.id.to_string())]
    }
}
