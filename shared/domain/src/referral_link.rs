//! A person's link that brings leads to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{BranchId, FormId, OrganizationId, ReferralLinkId, UserId};

/// A code has so many characters.
pub const CODE_LENGTH: usize = 8;
/// The figure of leads that links brought, by link.
pub const LEADS: &str = "referral_leads";

/// A person's link that brings leads to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralLink {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ReferralLinkId,
    /// What stands in the link; unique on the platform.
    pub code: String,
    /// Whose leads it brings.
    pub user: UserId,
    /// Where they work.
    pub branch: BranchId,
    /// What people call it.
    pub label: String,
    /// The form it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormId>,
}

impl ReferralLink {
    /// A new one of somebody who works in a branch.
    pub const fn new(
        id: ReferralLinkId,
        organization: OrganizationId,
        (user, branch): (UserId, BranchId),
        label: String,
        code: String,
        now: Timestamp,
    ) -> Self {
        Self { meta: Meta::new(organization, now), id, code, user, branch, label, form: None }
    }

    /// A code from random bytes.
    pub fn code(random: [u8; CODE_LENGTH]) -> String {
        crate::code::readable(&random)
    }

    /// The claim on a code.
    pub fn code_claim(code: &str) -> Claim {
        Claim::platform("code", code)
    }

    /// The name of the sequence that counts a link's clicks.
    pub fn clicks(id: ReferralLinkId) -> String {
        format!("referral_clicks#{id}")
    }
}

impl Record for ReferralLink {
    const KIND: &'static str = "referral_link";
    type Id = ReferralLinkId;

    fn id(&self) -> ReferralLinkId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch)
    }
    fn owner(&self) -> Option<UserId> {
        Some(self.user)
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    fn claims(&self) -> Vec<Claim> {
        vec![Self::code_claim(&self.code)]
    }
}
