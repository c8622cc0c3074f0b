//! `POST /calls/{id}/end`.

use axum::extract::State;
use domain::call::Ending;
use domain::pipeline::{MoveContext, StageKey};
use domain::{
    Call, CallId, CallOutcome, CallStatus, Change, FieldInvalid, Grant, Invalid, Lead, LeadPipeline, Note, Permission,
};
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, PathId, Problem, SignedIn, Versioned};

use super::CallView;
use crate::people::named_lead;

/// Tries against other writers of the same records.
const TRIES: u32 = 8;

/// How a call ended.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CallEnd {
    /// `completed` where they talked, `no_answer` where it rang, `canceled` where it waited, if absent.
    #[serde(default)]
    #[schema(value_type = Option<CallStatus>)]
    status: Field<CallStatus>,
    #[serde(default)]
    #[schema(value_type = Option<CallOutcome>)]
    outcome: Field<CallOutcome>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    notes: Field<Note>,
    /// The stage that the lead goes to, by the pipeline's rules.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    lead_status: Field<String>,
    /// Why, where that move needs a reason.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    reason: Field<Note>,
}

impl Fields for CallEnd {
    const WRITES: &'static [&'static str] = &["status", "outcome", "notes", "lead_status", "reason"];
}

/// A move of the call's lead.
struct LeadMove {
    to: StageKey,
    reason: Option<Note>,
    pipeline: LeadPipeline,
}

/// What ends with a call.
struct Wanted {
    ending: Ending,
    lead_status: Option<StageKey>,
    reason: Option<Note>,
}

impl CallEnd {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let ending = Ending {
            status: self.status.optional("status", w),
            outcome: self.outcome.optional("outcome", w),
            notes: self.notes.optional("notes", w),
        };
        let lead_status = self
            .lead_status
            .optional("lead_status", w)
            .and_then(|text| text.parse().map_err(|invalid| w.push(FieldInvalid::new("lead_status", invalid))).ok());
        let reason = self.reason.optional("reason", w);
        if wrong.is_empty() { Ok(Wanted { ending, lead_status, reason }) } else { Err(wrong) }
    }
}

/// Ends a call by our clock, with what came of it, and moves its lead, all in one transaction. Asked again, it answers
/// the same and changes nothing.
#[utoipa::path(
    post, path = "/calls/{id}/end", tag = "calls",
    params(("id" = CallId, Path)),
    request_body = CallEnd,
    responses((status = 200, body = Envelope<CallView>, headers(("ETag" = String)))),
)]
pub(crate) async fn call_end(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CallId>,
    Body(body): Body<CallEnd>,
) -> Result<Versioned<CallView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsWrite)?;
    let Wanted { ending, lead_status, reason } = body.parse()?;
    let lead_move = match lead_status {
        Some(to) => {
            signed_in.caller.allow(Permission::LeadsWrite)?;
            Some(LeadMove { to, reason, pipeline: app.pipeline(&grant).await? })
        }
        None => None,
    };
    let call = end(&app, &grant, id, &ending, lead_move.as_ref()).await?;
    let version = call.meta.version;
    Ok(Versioned(CallView::seen_by(&grant, call), version))
}

async fn end(
    app: &App,
    grant: &Grant,
    id: CallId,
    ending: &Ending,
    lead_move: Option<&LeadMove>,
) -> Result<Call, Problem> {
    for _ in 0..TRIES {
        let call: Call = app.table().get_to_change(grant, id).await?;
        if call.status.is_over() {
            return Ok(call);
        }
        let mut transaction = app.table().transaction();
        if let Some(moving) = lead_move
            && let Some(change) = lead_change(app, grant, &call, moving).await?
        {
            transaction.push(grant, change)?;
        }
        let ended = call.end(ending.clone(), app.now()).map_err(|refused| Problem::invalid([refused.into()]))?;
        let call = transaction.push(grant, ended)?;
        match transaction.commit().await {
            Ok(()) => return Ok(call),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

/// The move of the call's lead; `None` where it stands there already.
async fn lead_change(
    app: &App,
    grant: &Grant,
    call: &Call,
    LeadMove { to, reason, pipeline }: &LeadMove,
) -> Result<Option<Change<Lead>>, Problem> {
    let Some(lead) = call.lead_id else {
        return Err(Problem::field("lead_status", Invalid::new("no_lead", "needs a call with a lead")));
    };
    let lead = named_lead(app, grant, lead).await?;
    if lead.status == *to {
        return Ok(None);
    }
    let context =
        MoveContext { may_skip: grant.may(Permission::LeadsSkipStage), reason: reason.as_ref().map(Note::as_str) };
    let moved = lead.move_to(to, &context, &pipeline.pipeline, app.now());
    moved.map(Some).map_err(|refused| Problem::invalid([FieldInvalid::from(refused).under("status", "lead_status")]))
}
