//! Tokens of invitations: how they are written, made and recognized.

use domain::{Invite, InviteId, OrganizationId};
use subtle::ConstantTimeEq as _;

use crate::secret;

/// An invitation's token: its id and its organization's without their prefixes, and 256 random bits. So it leads to its
/// record with one read.
pub struct InviteToken {
    /// The tenant.
    pub organization: OrganizationId,
    /// The invitation.
    pub id: InviteId,
    text: String,
}

impl std::fmt::Debug for InviteToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InviteToken({})", self.id)
    }
}

impl InviteToken {
    /// A new one.
    pub fn new(organization: OrganizationId, id: InviteId, secret: [u8; 32]) -> Self {
        let text = secret::written("", &id.to_string(), organization, secret);
        Self { organization, id, text }
    }

    /// Reads what somebody shows; `None` where it is no token.
    pub fn read(text: &str) -> Option<Self> {
        let (id, organization) = secret::read("", InviteId::PREFIX, text)?;
        Some(Self { organization, id, text: text.to_owned() })
    }

    /// What the table keeps.
    pub fn hash(&self) -> String {
        secret::hashed(&self.text)
    }

    /// Whether it is the token of this invitation.
    pub fn opens(&self, invite: &Invite) -> bool {
        self.organization == invite.meta.organization
            && bool::from(self.hash().as_bytes().ct_eq(invite.token_hash.as_bytes()))
    }

    /// The whole text, for the link in the message.
    pub fn into_text(self) -> String {
        self.text
    }
}
