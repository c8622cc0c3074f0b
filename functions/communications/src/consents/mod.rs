//! The ledger of consents.

pub(crate) mod create;
pub(crate) mod current;
pub(crate) mod dnd;
pub(crate) mod list;
pub(crate) mod view;

use domain::outreach::ConsentState;
use domain::{Consent, ConsentId, ContactChannel, ContactPurpose, LeadId, PersonalFields, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    id: ConsentId,
    /// Whose address it was.
    #[schema(required)]
    lead_id: Option<LeadId>,
    /// The address or number, masked for those who do not see such; `null` where it is known by its hash alone.
    #[schema(required)]
    contact: Option<String>,
    channel: ContactChannel,
    purpose: ContactPurpose,
    state: ConsentState,
    /// Where they said it.
    source: String,
    /// What shows that they did.
    #[schema(required)]
    proof: Option<String>,
    /// When they said it.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who entered it; `null` where the person did themselves.
    #[schema(required)]
    recorded_by: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl ConsentView {
    pub(crate) fn new(consent: Consent, clear: PersonalFields) -> Self {
        let Consent {
            meta,
            id,
            contact: _,
            address,
            channel,
            purpose,
            state,
            source,
            proof,
            lead,
            branch_id: _,
            owner: _,
            recorded_by,
            at,
        } = consent;
        Self {
            id,
            lead_id: lead,
            contact: address.map(|address| address.seen(clear)),
            channel,
            purpose,
            state,
            source: source.to_string(),
            proof: proof.map(|proof| proof.to_string()),
            at,
            recorded_by,
            created_at: meta.created_at,
        }
    }
}
