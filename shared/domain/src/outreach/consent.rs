//! The ledger of consents: one entry each time that somebody agreed or withdrew. Entries are never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ContactAddress, ContactChannel, ContactPurpose};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    BranchId, Change, ConsentId, FieldInvalid, Invalid, Label, LeadId, Note, OrganizationId, ReachabilityId, UserId,
};

wire_enum! {
    /// What somebody said.
    ConsentState, "unknown_consent_state",
    /// Yes.
    Granted = "granted",
    /// No more.
    Withdrawn = "withdrawn",
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ConsentId,
    /// The address or number, by its keyed hash.
    pub contact: ReachabilityId,
    /// The same in the clear, where it was known: one who follows a link is known by its hash alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ContactAddress>,
    /// Over which channel.
    pub channel: ContactChannel,
    /// What for.
    pub purpose: ContactPurpose,
    /// What they said.
    pub state: ConsentState,
    /// Where they said it: `form`, `call`, `unsubscribe_link`, `reply`.
    pub source: Label,
    /// What shows that they did: the words they were asked, the place of a recording, the id of what they wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Note>,
    /// Whose address it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// The branch of that lead then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_id: Option<BranchId>,
    /// Who worked on that lead then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// Who entered it; nobody where the person did themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<UserId>,
    /// When they said it, which may be before it was entered.
    pub at: Timestamp,
}

/// What is told of a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentDetails {
    /// Over which channel.
    pub channel: ContactChannel,
    /// What for.
    pub purpose: ContactPurpose,
    /// What they said.
    pub state: ConsentState,
    /// Where.
    pub source: Label,
    /// What shows it.
    pub proof: Option<Note>,
    /// When; now where it is absent.
    pub at: Option<Timestamp>,
}

/// Who is spoken of, and by whom.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The entry's id.
    pub id: ConsentId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The address or number, by its keyed hash.
    pub contact: ReachabilityId,
    /// The same in the clear, where it is known.
    pub address: Option<ContactAddress>,
    /// Whose it is, with their branch and who works on them.
    pub lead: Option<(LeadId, BranchId, Option<UserId>)>,
    /// Who enters it.
    pub by: Option<UserId>,
    /// Now.
    pub now: Timestamp,
}

impl Consent {
    /// A new entry. Refuses a channel that does not go to the address, and a time to come.
    pub fn record(details: ConsentDetails, recording: Recording) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let ConsentDetails { channel, purpose, state, source, proof, at } = details;
        let Recording { id, organization, contact, address, lead, by, now } = recording;
        let mut wrong = Vec::new();
        if let Some(Err(invalid)) = address.as_ref().map(|address| address.fits(channel)) {
            wrong.push(FieldInvalid::new("channel", invalid));
        }
        if at.is_some_and(|at| at > now) {
            wrong.push(FieldInvalid::new("at", Invalid::new("in_the_future", "must not be in the future")));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let consent = Self {
            meta: Meta::new(organization, now),
            id,
            contact,
            address,
            channel,
            purpose,
            state,
            source,
            proof,
            lead: lead.map(|(lead, _, _)| lead),
            branch_id: lead.map(|(_, branch, _)| branch),
            owner: lead.and_then(|(_, _, owner)| owner),
            recorded_by: by,
            at: at.unwrap_or(now),
        };
        Ok(Change::create(consent, "consent.recorded").with("state", state).with("channel", channel))
    }
}

impl Record for Consent {
    const KIND: &'static str = "consent";
    type Id = ConsentId;

    fn id(&self) -> ConsentId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        self.branch_id
    }
    fn owner(&self) -> Option<UserId> {
        self.owner
    }
    fn lists(&self) -> Vec<List> {
        let of_lead = self.lead.map(|lead| List::new(Slot::Three, "lead", lead));
        [List::new(Slot::One, "all", ""), List::new(Slot::Two, "contact", self.contact)]
            .into_iter()
            .chain(of_lead)
            .collect()
    }
    const SEALED: &'static [&'static str] = &["address", "proof"];
}
