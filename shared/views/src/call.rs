//! How a call looks from outside.

use domain::{
    BranchId, Call, CallDirection, CallId, CallOutcome, CallStatus, CustomFields, Grant, HttpsUrl, LeadId, Meta, Note,
    PersonalFields, ReminderId, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    /// Its id.
    id: CallId,
    /// Whose call it is: a user's id.
    #[serde(rename = "agentId")]
    agent: UserId,
    /// The lead it is with.
    #[schema(required)]
    lead_id: Option<LeadId>,
    /// The branch it belongs to.
    branch_id: BranchId,
    /// The other side's number in E.164; `+91******3210` for those who do not see numbers.
    #[schema(required)]
    phone: Option<String>,
    /// Who called.
    direction: CallDirection,
    /// Where it stands.
    status: CallStatus,
    /// What came of it.
    #[schema(required)]
    outcome: Option<CallOutcome>,
    /// What was said.
    #[schema(required)]
    notes: Option<Note>,
    /// When it shall be.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    scheduled_at: Option<Timestamp>,
    /// When they began to talk.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    started_at: Option<Timestamp>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    ended_at: Option<Timestamp>,
    /// How long they talked, once it is over.
    #[schema(required)]
    duration_seconds: Option<u32>,
    /// Where its recording lies.
    #[schema(required)]
    recording_url: Option<HttpsUrl>,
    /// The reminder that was made when it ended.
    #[schema(required)]
    follow_up_id: Option<ReminderId>,
    /// Whatever the phone wants to remember of it.
    #[schema(value_type = Object)]
    metadata: CustomFields,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl CallView {
    /// A call as whoever has the grant sees it.
    pub fn seen_by(grant: &Grant, call: Call) -> Self {
        Self::new(call, grant.clear())
    }

    /// A call with these personal fields in the clear.
    pub fn new(call: Call, clear: PersonalFields) -> Self {
        let Call {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            branch_id,
            agent,
            lead_id,
            phone,
            direction,
            status,
            outcome,
            notes,
            scheduled_at,
            started_at,
            ended_at,
            duration_seconds,
            recording_url,
            follow_up_id,
            reported: _,
            metadata,
        } = call;
        Self {
            id,
            agent,
            lead_id,
            branch_id,
            phone: phone.as_ref().map(|number| clear.phone(number)),
            direction,
            status,
            outcome,
            notes,
            scheduled_at,
            started_at,
            ended_at,
            duration_seconds,
            recording_url,
            follow_up_id,
            metadata,
            created_at,
            updated_at,
            version,
        }
    }
}
