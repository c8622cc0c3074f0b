//! Invitations to join an organization.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{BranchId, Change, EmailAddress, InviteId, RoleKey, RowReach, UserId};

/// An invitation's token is good for so long.
pub const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An invitation to join an organization, by e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: InviteId,
    /// Who is invited; one invitation at a time.
    pub email: EmailAddress,
    /// What they will be.
    pub role: RoleKey,
    /// Where they will work.
    pub branches: Vec<BranchId>,
    /// The rows they will reach, if not the role's usual ones.
    pub reach: Option<RowReach>,
    /// Who invites: what is granted is theirs to grant, also when the invitation is taken up.
    pub invited_by: UserId,
    /// SHA-256 of the token that is good now, in hexadecimal.
    pub token_hash: String,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: InviteState,
    /// Who took it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<UserId>,
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InviteState {
    /// It waits to be taken up; after [`Invite::expires_at`] it must be sent again first.
    Pending,
    /// It was taken up.
    Accepted,
    /// It was taken back.
    Revoked,
}

impl Invite {
    /// Whether its token can be taken up at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == InviteState::Pending && now < self.expires_at
    }

    /// A new token of somebody's replaces the old one.
    pub fn resend(self, by: UserId, token_hash: String, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.invited_by = by;
        after.token_hash = token_hash;
        after.expires_at = now + LIFE;
        after.meta.updated_at = now;
        Change::update(self, after, "invite.resent")
    }

    /// Takes it back.
    pub fn revoke(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.state = InviteState::Revoked;
        after.meta.updated_at = now;
        Change::update(self, after, "invite.revoked")
    }

    /// Somebody takes it up.
    pub fn accept(self, user: UserId, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.state = InviteState::Accepted;
        after.accepted_by = Some(user);
        after.meta.updated_at = now;
        Change::update(self, after, "invite.accepted")
    }
}

impl Record for Invite {
    const KIND: &'static str = "invite";
    type Id = InviteId;

    fn id(&self) -> InviteId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    /// One open invitation an address.
    fn claims(&self) -> Vec<Claim> {
        let pending = self.state == InviteState::Pending;
        pending.then(|| Claim::new("email", self.email.normalized())).into_iter().collect()
    }
    const SEALED: &'static [&'static str] = &["email"];
    const DERIVED: &'static [&'static str] = &["token_hash"];
}
