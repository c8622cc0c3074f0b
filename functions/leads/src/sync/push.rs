//! `POST /leads/sync`.

use axum::extract::State;
use domain::lead::LeadPatch;
use domain::pipeline::{MoveContext, StageKey};
use domain::sync::{Sent, conflicts};
use domain::{Change, Event, FieldInvalid, Grant, Invalid, Lead, LeadId, LeadPipeline, Note, Permission};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use store::{CommitError, Refused, there};
use web::members::branch_for;
use web::sync::{Applied, Conflict, ConflictField, Op, Outcome, Rejected, SyncAnswer, SyncRequest, Wanted, fetch};
use web::{App, Body, Data, Envelope, Field, Fields, Problem, SignedIn};

use super::LIST;
use crate::create::{LeadCreate, arriving, commit};
use crate::update::LeadUpdate;
use crate::view::LeadView;

/// Records that are worked on at the same time.
const AT_ONCE: usize = 8;
/// Tries against other writers of the same lead.
const TRIES: u32 = 8;

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
    const WRITES: [&'static str; 2] = ["status", "reason"];

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
/// Costs as the operations themselves, and 1 Query more for an update of what has changed meanwhile.
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
    let session = signed_in.session.map_or_else(|| signed_in.user.to_string(), |session| session.to_string());
    let batch = body.parse(app.table().hash_key(), &session)?;
    let pipeline = app.pipeline(&grant).await?;
    let push = Push { app: &app, signed_in: &signed_in, grant: &grant, pipeline: &pipeline };
    let mut leads: IndexMap<String, Vec<Wanted>> = IndexMap::new();
    for wanted in batch.wanted {
        leads.entry(wanted.id.clone()).or_default().push(wanted);
    }
    let outcomes: Vec<Vec<Outcome<LeadView>>> = stream::iter(leads.into_values())
        .map(|changes| push.all(changes))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let view = |lead: Lead| LeadView::seen_by(&grant, lead);
    let since = (batch.since.as_deref(), batch.limit);
    let changes = fetch(&app, &grant, signed_in.user, LIST, since, view).await?;
    Ok(Data(SyncAnswer::new(outcomes.into_iter().flatten(), batch.rejected, changes)))
}

struct Push<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    grant: &'a Grant,
    pipeline: &'a LeadPipeline,
}

impl Push<'_> {
    /// The changes of one lead, one after the other.
    async fn all(&self, changes: Vec<Wanted>) -> Result<Vec<Outcome<LeadView>>, Problem> {
        let mut outcomes = Vec::with_capacity(changes.len());
        for wanted in changes {
            let (index, id) = (wanted.index, wanted.id.clone());
            outcomes.push(match self.one(wanted).await {
                Ok(outcome) => outcome,
                Err(problem) => Outcome::Rejected(Rejected::because(index, id, problem)?),
            });
        }
        Ok(outcomes)
    }

    async fn one(&self, wanted: Wanted) -> Result<Outcome<LeadView>, Problem> {
        let id: LeadId = wanted.id.parse().map_err(|invalid| Problem::field("id", invalid))?;
        let needed = match wanted.op {
            Op::Create | Op::Update => Permission::LeadsWrite,
            Op::Delete => Permission::LeadsDelete,
        };
        self.signed_in.caller.allow(needed)?;
        match wanted.op {
            Op::Create => self.create(id, wanted).await,
            Op::Update => self.update(id, wanted).await,
            Op::Delete => self.delete(id, &wanted).await,
        }
    }

    async fn create(&self, id: LeadId, mut wanted: Wanted) -> Result<Outcome<LeadView>, Problem> {
        if let Some(lead) = self.live(id).await? {
            let (events, _) = self.app.table().events_since(self.grant, &lead, 0).await?;
            return if is_among(&wanted, &events) {
                Ok(applied(&wanted, &lead, Vec::new()))
            } else {
                Err(Refused::Exists.into())
            };
        }
        let ignored = ignored(&wanted.fields, &[LeadCreate::WRITES]);
        wanted.fields.insert("id".to_owned(), id.to_string().into());
        let body: LeadCreate = read(std::mem::take(&mut wanted.fields))?;
        let change = arriving(self.app, self.signed_in, self.grant, body).await?;
        let lead = commit(self.app, self.grant, change.with(Sent::NAME, &wanted.sent)).await?;
        Ok(applied(&wanted, &lead, ignored))
    }

    async fn update(&self, id: LeadId, mut wanted: Wanted) -> Result<Outcome<LeadView>, Problem> {
        let ignored = ignored(&wanted.fields, &[LeadUpdate::WRITES, &LeadChange::WRITES]);
        let mut asked = read::<LeadChange>(std::mem::take(&mut wanted.fields))?.parse()?;
        if let Some(branch) = asked.patch.branch_id {
            asked.patch.branch_id = Some(branch_for(self.app, self.grant, self.signed_in, Some(branch)).await?);
        }
        for _ in 0..TRIES {
            let Some(lead) = self.live(id).await? else { return self.gone(id, &wanted).await };
            let Some(since) = self.since(&lead, &wanted).await? else { return Ok(applied(&wanted, &lead, ignored)) };
            let (change, fields) = self.merged(lead, &asked, since.as_deref(), &wanted.sent)?;
            let lead = if change.changes().is_empty() {
                change.after
            } else {
                match self.app.table().commit(self.grant, change).await {
                    Err(CommitError::Refused { refused: Refused::Conflict, .. }) => continue,
                    committed => committed?,
                }
            };
            return Ok(if fields.is_empty() {
                applied(&wanted, &lead, ignored)
            } else {
                let version = lead.meta.version;
                let server = Some(LeadView::seen_by(self.grant, lead));
                Outcome::Conflict(Box::new(Conflict { index: wanted.index, id: wanted.id, version, fields, server }))
            });
        }
        Err(Refused::Conflict.into())
    }

    /// The change with what of it does not conflict, and what does.
    fn merged(
        &self,
        lead: Lead,
        asked: &Asked,
        since: Option<&[Event]>,
        sent: &Sent,
    ) -> Result<(Change<Lead>, Vec<ConflictField>), Problem> {
        let (pipeline, now) = (&self.pipeline.pipeline, self.app.now());
        let to = asked.status.clone().filter(|to| *to != lead.status);
        let mut wanted = lead.clone().update(asked.patch.clone(), pipeline, now)?.after;
        if let Some(to) = &to {
            wanted.status = to.clone();
        }
        let against = conflicts(&lead, &wanted, since, &sent.client);
        let kept: Vec<&str> = against.iter().map(|conflict| conflict.field.as_str()).collect();
        let patch = asked.patch.clone().without(kept.iter().copied());
        let to = to.filter(|_| !kept.contains(&"status"));
        let shown = LeadView::seen_by(self.grant, lead.clone());
        let shown = serde_json::to_value(&shown).map_err(Problem::internal)?;
        let change = lead.update(patch, pipeline, now)?;
        let change = match &to {
            None => change,
            Some(to) => {
                let may_skip = self.grant.may(Permission::LeadsSkipStage);
                let context = MoveContext { may_skip, reason: asked.reason.as_ref().map(Note::as_str) };
                change
                    .then(|lead| lead.move_to(to, &context, pipeline, now))
                    .map_err(|refused| Problem::invalid([refused.into()]))?
            }
        };
        let fields = against.into_iter().map(|conflict| ConflictField {
            // As the caller sees it: it may be masked.
            server: shown.get(&conflict.field).cloned().unwrap_or(conflict.server),
            client: conflict.client,
            field: conflict.field,
        });
        Ok((change.with(Sent::NAME, sent), fields.collect()))
    }

    async fn delete(&self, id: LeadId, wanted: &Wanted) -> Result<Outcome<LeadView>, Problem> {
        for _ in 0..TRIES {
            let Some(lead) = self.live(id).await? else {
                return match self.gone(id, wanted).await? {
                    Outcome::Conflict(conflict) => {
                        let Conflict { index, id, version, .. } = *conflict;
                        Ok(Outcome::Applied(Applied { index, id, version, ignored: Vec::new() }))
                    }
                    outcome => Ok(outcome),
                };
            };
            if wanted.base_version > 0 {
                let since = self.since(&lead, wanted).await?;
                let own = |event: &Event| Sent::of(event).is_some_and(|sent| sent.client == wanted.sent.client);
                if since.is_some_and(|since| since.is_none_or(|events| !events.iter().all(own))) {
                    let (index, id, version) = (wanted.index, wanted.id.clone(), lead.meta.version);
                    let server = Some(LeadView::seen_by(self.grant, lead));
                    return Ok(Outcome::Conflict(Box::new(Conflict {
                        index,
                        id,
                        version,
                        fields: Vec::new(),
                        server,
                    })));
                }
            }
            let change = lead.delete(&self.pipeline.pipeline, self.app.now()).with(Sent::NAME, &wanted.sent);
            match self.app.table().commit(self.grant, change).await {
                Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
                committed => return Ok(applied(wanted, &committed?, Vec::new())),
            }
        }
        Err(Refused::Conflict.into())
    }

    async fn live(&self, id: LeadId) -> Result<Option<Lead>, Problem> {
        Ok(there(self.app.table().get_to_change(self.grant, id).await)?)
    }

    /// A lead that is not there: deleted, which the client must know, or never there.
    async fn gone(&self, id: LeadId, wanted: &Wanted) -> Result<Outcome<LeadView>, Problem> {
        let deleted: Lead = self.app.table().get_deleted(self.grant, id).await?;
        let (index, id, version) = (wanted.index, wanted.id.clone(), deleted.meta.version);
        Ok(Outcome::Conflict(Box::new(Conflict { index, id, version, fields: Vec::new(), server: None })))
    }

    /// What happened since the client saw the lead: `None` where the change is among it, and within, `None` where it is
    /// too much to tell.
    async fn since(&self, lead: &Lead, wanted: &Wanted) -> Result<Option<Option<Vec<Event>>>, Problem> {
        let version = lead.meta.version;
        if wanted.base_version > version {
            let invalid = Invalid::new("unknown_version", "is a version that this lead never had");
            return Err(Problem::field("base_version", invalid));
        }
        if wanted.base_version == version {
            return Ok(Some(Some(Vec::new())));
        }
        let (events, all) = self.app.table().events_since(self.grant, lead, wanted.base_version).await?;
        if is_among(wanted, &events) {
            return Ok(None);
        }
        Ok(Some(all.then_some(events)))
    }
}

fn is_among(wanted: &Wanted, events: &[Event]) -> bool {
    events.iter().filter_map(Sent::of).any(|sent| sent.key == wanted.sent.key)
}

fn applied(wanted: &Wanted, lead: &Lead, ignored: Vec<String>) -> Outcome<LeadView> {
    Outcome::Applied(Applied { index: wanted.index, id: wanted.id.clone(), version: lead.meta.version, ignored })
}

fn ignored(fields: &Map<String, Value>, writes: &[&[&str]]) -> Vec<String> {
    fields.keys().filter(|field| !writes.iter().any(|names| names.contains(&field.as_str()))).cloned().collect()
}

fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(fields)).map_err(Problem::internal)
}
