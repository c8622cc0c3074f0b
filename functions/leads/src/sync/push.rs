//! `POST /leads/sync`.

use axum::extract::State;
use domain::lead::LeadPatch;
use domain::pipeline::{MoveContext, StageKey};
use domain::{Change, FieldInvalid, Grant, Lead, LeadPipeline, Note, Permission};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::CommitError;
use views::LeadView;
use web::members::branch_for;
use web::sync::{Merged, Offline, SyncAnswer, SyncRequest, push, read};
use web::{App, Body, Data, Envelope, Field, Fields, Problem, SignedIn};

use crate::create::{LeadCreate, arriving, refused};
use crate::update::LeadUpdate;

/// What a client may change of a lead: its details, and its stage.
#[derive(Debug, Deserialize)]
struct LeadChange {
    #[serde(flatten)]
    details: LeadUpdate,
    #[serde(default)]
    status: Field<String>,
    #[serde(default)]
    reason: Field<Note>,
}

struct Asked {
    patch: LeadPatch,
    status: Option<StageKey>,
    reason: Option<Note>,
}

impl LeadChange {
    const WRITES: &'static [&'static str] = &["status", "reason"];

    fn parse(self) -> Result<Asked, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let status = self
            .status
            .optional("status", &mut wrong)
            .and_then(|text| text.parse().map_err(|invalid| wrong.push(FieldInvalid::new("status", invalid))).ok());
        let reason = self.reason.optional("reason", &mut wrong);
        let patch = self.details.parse().map_err(|more| wrong.extend(more)).ok();
        match patch {
            Some((patch, _)) if wrong.is_empty() => Ok(Asked { patch, status, reason }),
            _ => Err(wrong),
        }
    }
}

/// Takes the changes of a client that was offline, and tells it what else it must know.
///
/// Each change stands alone, those of one lead in their order. An update is merged field by field: what others changed
/// since `base_version` is a conflict only where the client changed the same field to another value, and then that field
/// stays as it stands; both values are told, and the client sends the one to keep with the `version` told. Nothing is
/// done twice: a batch may come again. What the client's clock says decides nothing.
///
/// Costs as the operations themselves, 1 Query more for an update of what has changed meanwhile, and as a fetch.
#[utoipa::path(
    post, path = "/leads/sync", tag = "leads", request_body = SyncRequest,
    responses((status = 200, description = "What became of each change.", body = Envelope<SyncAnswer<LeadView>>)),
)]
pub(crate) async fn lead_sync_push(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<SyncRequest>,
) -> Result<Data<SyncAnswer<LeadView>>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let pipeline = app.pipeline(&grant).await?;
    let leads = Leads { app: &app, signed_in: &signed_in, grant: &grant, pipeline: &pipeline };
    Ok(Data(push(&app, &signed_in, &grant, &leads, body).await?))
}

struct Leads<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    grant: &'a Grant,
    pipeline: &'a LeadPipeline,
}

impl Offline for Leads<'_> {
    type Record = Lead;
    type View = LeadView;
    type Asked = Asked;

    const WRITE: Permission = Permission::LeadsWrite;
    const DELETE: Permission = Permission::LeadsDelete;
    const CREATES: &'static [&'static str] = LeadCreate::WRITES;
    const UPDATES: &'static [&'static [&'static str]] = &[LeadUpdate::WRITES, LeadChange::WRITES];

    async fn create(&self, fields: Map<String, Value>) -> Result<Change<Lead>, Problem> {
        arriving(self.app, self.signed_in, self.grant, read(fields)?).await
    }

    async fn refused(&self, error: CommitError) -> Problem {
        refused(self.app, self.grant, error).await
    }

    async fn asked(&self, fields: Map<String, Value>) -> Result<Asked, Problem> {
        let mut asked = read::<LeadChange>(fields)?.parse()?;
        if let Some(branch) = asked.patch.branch_id {
            asked.patch.branch_id = Some(branch_for(self.app, self.grant, self.signed_in, Some(branch)).await?);
        }
        Ok(asked)
    }

    fn writing(&self, asked: &Asked) -> Vec<&'static str> {
        let mut writing = asked.patch.writing();
        writing.extend(asked.status.as_ref().map(|_| "status"));
        writing
    }

    fn wanted(&self, lead: Lead, asked: &Asked) -> Result<Lead, Problem> {
        let wanted = lead.update(asked.patch.clone(), &self.pipeline.pipeline, self.app.now())?.after;
        Ok(Lead { status: asked.status.clone().unwrap_or(wanted.status), ..wanted })
    }

    fn merged(&self, lead: Lead, asked: &Asked, kept: &[&str]) -> Result<Merged<Lead>, Problem> {
        let (pipeline, now) = (&self.pipeline.pipeline, self.app.now());
        let to = asked.status.as_ref().filter(|to| **to != lead.status && !kept.contains(&"status"));
        let change = lead.update(asked.patch.clone().without(kept.iter().copied()), pipeline, now)?;
        let Some(to) = to else { return Ok(change.into()) };
        let may_skip = self.grant.may(Permission::LeadsSkipStage);
        let context = MoveContext { may_skip, reason: asked.reason.as_ref().map(Note::as_str) };
        let change = change.then(|lead| lead.move_to(to, &context, pipeline, now));
        Ok(change.map_err(|refused| Problem::invalid([refused.into()]))?.into())
    }

    fn deleted(&self, lead: Lead) -> Change<Lead> {
        lead.delete(&self.pipeline.pipeline, self.app.now())
    }

    fn view(&self, lead: Lead) -> LeadView {
        LeadView::seen_by(self.grant, lead)
    }
}
