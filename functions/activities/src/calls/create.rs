//! `POST /calls`.

use axum::extract::State;
use domain::call::{CallDetails, Dialling, Held};
use domain::{
    BranchId, Call, CallDirection, CallId, CallOutcome, CallStatus, Change, CustomFields, FieldInvalid, Grant,
    HttpsUrl, LeadId, Note, Permission, Phone, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use views::CallView;
use web::members::branch_for;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::READ_ONLY;
use crate::people::{agent, named_lead};

/// A new call: planned with `scheduled_at`, begun now, or over and told of with `started_at` and `ended_at` or
/// `duration_seconds`. One of `lead_id` and `phone` is needed.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CallCreate {
    /// Its id, for clients that work offline; made here where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<CallId>)]
    id: Field<CallId>,
    /// Whose call it is: a user's id, yours where absent.
    #[serde(default, rename = "agentId")]
    #[schema(value_type = Option<UserId>)]
    agent: Field<UserId>,
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// The other side's number as people write it; the lead's where absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Field<Phone>,
    /// Where it belongs where it is with no lead: your branch where absent.
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
    /// `outbound` where absent.
    #[serde(default)]
    #[schema(value_type = Option<CallDirection>)]
    direction: Field<CallDirection>,
    /// `completed` where times are told, `queued` where it is planned, else `initiated`.
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
    /// Of a call that is over; of others it is the server's.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Field<Timestamp>,
    /// Likewise.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Field<Timestamp>,
    /// Likewise.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 86400)]
    duration_seconds: Field<u32>,
    /// The same as `duration_seconds`.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 86400)]
    duration: Field<u32>,
    #[serde(default)]
    #[schema(value_type = Option<HttpsUrl>)]
    recording_url: Field<HttpsUrl>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Field<Map<String, Value>>,
}

impl Fields for CallCreate {
    const WRITES: &'static [&'static str] = &[
        "id",
        "agentId",
        "lead_id",
        "phone",
        "branch_id",
        "direction",
        "status",
        "outcome",
        "notes",
        "scheduled_at",
        "started_at",
        "ended_at",
        "duration_seconds",
        "duration",
        "recording_url",
        "metadata",
    ];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

struct Wanted {
    id: Option<CallId>,
    agent: Option<UserId>,
    lead: Option<LeadId>,
    branch: Option<BranchId>,
    details: CallDetails,
}

impl CallCreate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let held = Held {
            started_at: self.started_at.optional("started_at", w),
            ended_at: self.ended_at.optional("ended_at", w),
            duration_seconds: self
                .duration_seconds
                .optional("duration_seconds", w)
                .or(self.duration.optional("duration", w)),
        };
        let metadata = CustomFields::new(self.metadata.optional("metadata", w).unwrap_or_default());
        let details = CallDetails {
            phone: self.phone.optional("phone", w),
            direction: self.direction.optional("direction", w),
            status: self.status.optional("status", w),
            outcome: self.outcome.optional("outcome", w),
            notes: self.notes.optional("notes", w),
            scheduled_at: self.scheduled_at.optional("scheduled_at", w),
            held,
            recording_url: self.recording_url.optional("recording_url", w),
            metadata: metadata.unwrap_or_else(|errors| {
                w.extend(errors.into_iter().map(|error| error.under("custom_fields", "metadata")));
                CustomFields::default()
            }),
        };
        let wanted = Wanted {
            id: self.id.optional("id", w),
            agent: self.agent.optional("agentId", w),
            lead: self.lead_id.optional("lead_id", w),
            branch: self.branch_id.optional("branch_id", w),
            details,
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }
}

/// Plans a call, begins one, or tells of one that was held. Costs 1 transaction, and 1 read each for a lead and for
/// somebody else whose call it is.
#[utoipa::path(
    post, path = "/calls", tag = "calls",
    request_body = CallCreate,
    responses((status = 201, body = Envelope<CallView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn call_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<CallCreate>,
) -> Result<Created<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsWrite)?;
    let change = dialled(&app, &signed_in, &grant, body).await?;
    let call = app.table().commit(&grant, change).await?;
    let (version, location) = (call.meta.version, format!("/calls/{}", call.id));
    Ok(Created { data: CallView::seen_by(&grant, call), location, version })
}

/// A new call as a body asks for it.
pub(super) async fn dialled(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    body: CallCreate,
) -> Result<Change<Call>, Problem> {
    let Wanted { id, agent: named, lead, branch, mut details } = body.parse()?;
    let agent = agent(app, grant, signed_in, named).await?;
    let branch = match lead {
        Some(lead) => {
            let lead = named_lead(app, grant, lead, "lead_id").await?;
            details.phone = details.phone.or(lead.phone);
            lead.branch_id
        }
        None => branch_for(app, grant, signed_in, branch).await?,
    };
    let now = app.now();
    let id = id.unwrap_or_else(|| CallId::at(now, app.platform().random()));
    let dialling = Dialling { id, organization: grant.organization(), branch, agent, lead, now };
    Ok(Call::create(details, dialling)?)
}
