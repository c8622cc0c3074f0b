//! `PUT /calls/{id}`.

use axum::extract::State;
use domain::call::CallPatch;
use domain::{
    Call, CallDirection, CallId, CallOutcome, CallStatus, FieldInvalid, Grant, HttpsUrl, LeadId, Note, Permission,
    Phone, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use views::CallView;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::people::{agent, named_lead};

/// A merge update: a field that is absent stays, `null` clears it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CallUpdate {
    #[serde(default, rename = "agentId")]
    #[schema(value_type = Option<UserId>)]
    agent: Field<UserId>,
    /// The call goes to the lead's branch.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Field<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<CallDirection>)]
    direction: Field<CallDirection>,
    /// Only where it may go from here; by our clock it begins and ends.
    #[serde(default)]
    #[schema(value_type = Option<CallStatus>)]
    status: Field<CallStatus>,
    #[serde(default)]
    #[schema(value_type = Option<CallOutcome>)]
    outcome: Field<CallOutcome>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    notes: Field<Note>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    scheduled_at: Field<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<HttpsUrl>)]
    recording_url: Field<HttpsUrl>,
    /// Merged key by key; `null` removes a key.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Field<Map<String, Value>>,
}

impl Fields for CallUpdate {
    const WRITES: &'static [&'static str] = &[
        "agentId",
        "lead_id",
        "phone",
        "direction",
        "status",
        "outcome",
        "notes",
        "scheduled_at",
        "recording_url",
        "metadata",
    ];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "branch_id",
        "follow_up_id",
        "started_at",
        "ended_at",
        "duration_seconds",
        "duration",
        "created_at",
        "updated_at",
        "version",
    ];
}

/// What a body changes, before the people and the lead it names are looked for.
struct Wanted {
    agent: Option<UserId>,
    lead: Option<Option<LeadId>>,
    patch: CallPatch,
}

impl CallUpdate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let wanted = Wanted {
            agent: self.agent.replaced("agentId", w),
            lead: self.lead_id.patch("lead_id", w),
            patch: CallPatch {
                agent: None,
                lead: None,
                phone: self.phone.patch("phone", w),
                direction: self.direction.replaced("direction", w),
                status: self.status.replaced("status", w),
                outcome: self.outcome.patch("outcome", w),
                notes: self.notes.patch("notes", w),
                scheduled_at: self.scheduled_at.patch("scheduled_at", w),
                recording_url: self.recording_url.patch("recording_url", w),
                metadata: self.metadata.patch("metadata", w),
            },
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }

    /// What it changes, with the people and the lead it names: 1 read for each.
    pub(super) async fn patch(self, app: &App, signed_in: &SignedIn, grant: &Grant) -> Result<CallPatch, Problem> {
        let Wanted { agent: named, lead, mut patch } = self.parse()?;
        if named.is_some() {
            patch.agent = Some(agent(app, grant, signed_in, named).await?);
        }
        patch.lead = match lead {
            Some(Some(lead)) => {
                let lead = named_lead(app, grant, lead, "lead_id").await?;
                Some(Some((lead.id, lead.branch_id)))
            }
            Some(None) => Some(None),
            None => None,
        };
        Ok(patch)
    }
}

/// Changes a call. With `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/calls/{id}", tag = "calls",
    params(("id" = CallId, Path)),
    request_body = CallUpdate,
    responses((status = 200, body = Envelope<CallView>, headers(("ETag" = String)))),
)]
pub(crate) async fn call_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
    if_match: IfMatch,
    Body(body): Body<CallUpdate>,
) -> Result<Versioned<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsWrite)?;
    let patch = body.patch(&app, &signed_in, &grant).await?;
    let (now, writing) = (app.now(), patch.writing());
    let call = change(&app, &grant, id, if_match, &writing, |call: Call| Ok(call.update(patch.clone(), now)?)).await?;
    let version = call.meta.version;
    Ok(Versioned(CallView::seen_by(&grant, call), version))
}
