//! One change to many leads.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::filter::Filter;
use domain::pipeline::{MoveContext, StageKey};
use domain::{Change, FieldInvalid, Grant, Invalid, Lead, LeadId, LeadPipeline, Note, Permission, Tag, Tags, UserId};
use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use web::{
    App, Body, Data, Envelope, Field, FieldProblem, Fields, FromWire, IfMatch, Page, Problem, SignedIn, change,
    refuse_masked,
};

use crate::plan::{FIELDS, Plan, passes, plan};
use web::members::assignee;

/// One call changes so many leads at most; with a filter, `remaining` tells that there are more.
const MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
/// So many are changed at the same time.
const AT_ONCE: usize = 8;

/// A change to many leads, named by `ids` or chosen by `filter`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadBulk {
    /// At most 200 leads.
    #[serde(default)]
    #[schema(value_type = Option<Vec<LeadId>>)]
    ids: Field<Vec<LeadId>>,
    /// The filter grammar in its JSON form, instead of `ids`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    filter: Field<Value>,
    #[serde(default)]
    #[schema(value_type = Action, required)]
    action: Field<Action>,
    /// For `assign`; `null` takes the leads back.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    assigned_to: Field<UserId>,
    /// For `status`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    status: Field<String>,
    /// For `status` and `assign`.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    reason: Field<Note>,
    /// For `tag` and `untag`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Tag>>)]
    tags: Field<Vec<Tag>>,
}

impl Fields for LeadBulk {
    const WRITES: &'static [&'static str] = &["ids", "filter", "action", "assigned_to", "status", "reason", "tags"];
}

/// What is done to each lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// Give to a person.
    Assign,
    /// Move to a stage.
    Status,
    /// Add tags.
    Tag,
    /// Take tags off.
    Untag,
    /// Delete.
    Delete,
}

impl FromWire for Action {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        serde_json::from_value(value).map_err(|_| {
            let invalid = Invalid::new("unknown_action", "must be assign, status, tag, untag or delete");
            vec![FieldInvalid::new("", invalid)]
        })
    }
}

/// What became of one lead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outcome {
    id: LeadId,
    /// Whether it was changed.
    ok: bool,
    /// The problem's code where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Its wrong fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// What became of all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    /// How many were changed.
    changed: usize,
    /// How many were not.
    failed: usize,
    /// Whether the filter chooses more leads than one call changes.
    remaining: bool,
    results: Vec<Outcome>,
}

#[derive(Debug, Clone)]
enum Act {
    Assign(Option<UserId>, Option<String>),
    Status(StageKey, Option<String>),
    Tag(Vec<Tag>),
    Untag(Vec<Tag>),
    Delete,
}

/// Changes many leads, each on its own: what cannot be done to one is told and does not stop the others.
#[utoipa::path(
    post, path = "/leads/bulk", tag = "leads",
    request_body = LeadBulk,
    responses((status = 200, body = Envelope<BulkResult>)),
)]
pub(crate) async fn lead_bulk(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<LeadBulk>,
) -> Result<Data<BulkResult>, Problem> {
    let read = signed_in.caller.allow(Permission::LeadsRead)?;
    let (chosen, act) = parse(body)?;
    let grant = signed_in.caller.allow(match act {
        Act::Assign(..) => Permission::LeadsAssign,
        Act::Delete => Permission::LeadsDelete,
        Act::Status(..) | Act::Tag(_) | Act::Untag(_) => Permission::LeadsWrite,
    })?;
    if let Act::Assign(Some(user), _) = &act {
        assignee(&app, &grant, *user, "assigned_to").await?;
    }
    let (ids, remaining) = match chosen {
        Chosen::Ids(ids) => (ids, false),
        Chosen::Filter(filter) => matching(&app, &read, &filter).await?,
    };
    let pipeline = app.pipeline(&grant).await?;
    let results: Vec<Outcome> =
        stream::iter(ids).map(|id| one(&app, &grant, &pipeline, id, &act)).buffered(AT_ONCE).collect().await;
    let changed = results.iter().filter(|outcome| outcome.ok).count();
    Ok(Data(BulkResult { changed, failed: results.len() - changed, remaining, results }))
}

enum Chosen {
    Ids(Vec<LeadId>),
    Filter(Value),
}

fn parse(body: LeadBulk) -> Result<(Chosen, Act), Vec<FieldInvalid>> {
    let LeadBulk { ids, filter, action, assigned_to, status, reason, tags } = body;
    let mut wrong = Vec::new();
    let w = &mut wrong;
    let ids = ids.optional("ids", w);
    let filter = filter.optional("filter", w);
    let chosen = match (ids, filter) {
        (Some(mut ids), None) => {
            ids.sort();
            ids.dedup();
            if ids.is_empty() || ids.len() > MAX.get() as usize {
                w.push(FieldInvalid::new("ids", Invalid::new("out_of_range", "must name 1 to 200 leads")));
            }
            Some(Chosen::Ids(ids))
        }
        (None, Some(filter)) => Some(Chosen::Filter(filter)),
        (Some(_), Some(_)) | (None, None) => {
            w.push(FieldInvalid::new("ids", Invalid::new("required", "name leads by ids or by filter, not both")));
            None
        }
    };
    let reason = reason.optional("reason", w).map(|reason| reason.to_string());
    let act = action.required("action", w).and_then(|action| match action {
        Action::Assign => {
            if !assigned_to.is_present() {
                w.push(FieldInvalid::new("assigned_to", Invalid::required()));
            }
            Some(Act::Assign(assigned_to.optional("assigned_to", w), reason))
        }
        Action::Status => {
            let text = status.required("status", w)?;
            let stage = text.parse().map_err(|invalid| w.push(FieldInvalid::new("status", invalid))).ok()?;
            Some(Act::Status(stage, reason))
        }
        Action::Tag => tags.required("tags", w).map(Act::Tag),
        Action::Untag => tags.required("tags", w).map(Act::Untag),
        Action::Delete => Some(Act::Delete),
    });
    match (chosen, act) {
        (Some(chosen), Some(act)) if wrong.is_empty() => Ok((chosen, act)),
        _ => Err(wrong),
    }
}

async fn matching(app: &App, grant: &Grant, filter: &Value) -> Result<(Vec<LeadId>, bool), Problem> {
    let zone = app.organization(grant).await?.time_zone();
    let within =
        |errors: Vec<FieldInvalid>| -> Vec<_> { errors.into_iter().map(|error| error.within("filter")).collect() };
    let filter = Filter::from_json(filter, &FIELDS, &zone).map_err(within)?;
    refuse_masked(grant, |field| filter.names(field)).map_err(within)?;
    let page = Page { limit: MAX, skip: 0, cursor: None, newest_first: true };
    let Plan { query, residual } = plan(app, grant, filter, &page).await?;
    let leads = app.table().list::<Lead>(grant, &query, |lead| passes(&residual, lead)).await?;
    Ok((leads.records.iter().map(|lead| lead.id).collect(), leads.next.is_some()))
}

async fn one(app: &App, grant: &Grant, pipeline: &LeadPipeline, id: LeadId, act: &Act) -> Outcome {
    let now = app.now();
    let stages = &pipeline.pipeline;
    let done = change(app, grant, id, IfMatch(None), &[], |lead: Lead| decide(lead, act, grant, stages, now)).await;
    match done {
        Ok(_) => Outcome { id, ok: true, code: None, errors: Vec::new() },
        Err(problem) => {
            Outcome { id, ok: false, code: Some(problem.code().to_owned()), errors: problem.errors().to_vec() }
        }
    }
}

fn decide(
    lead: Lead,
    act: &Act,
    grant: &Grant,
    pipeline: &domain::pipeline::Pipeline,
    now: jiff::Timestamp,
) -> Result<Change<Lead>, Problem> {
    let retag = |lead: Lead, tags: Vec<Tag>| {
        let tags = Tags::new(tags).map_err(|invalid| Problem::field("tags", invalid))?;
        let patch = domain::lead::LeadPatch { tags: Some(Some(tags)), ..Default::default() };
        Ok(lead.update(patch, pipeline, now)?)
    };
    match act {
        Act::Assign(to, notes) => Ok(lead.assign(*to, notes.clone(), pipeline, now)),
        Act::Status(to, reason) => {
            let context = MoveContext { may_skip: grant.may(Permission::LeadsSkipStage), reason: reason.as_deref() };
            lead.move_to(to, &context, pipeline, now).map_err(|refused| Problem::invalid([refused.into()]))
        }
        Act::Tag(tags) => {
            let all = lead.tags.iter().chain(tags).cloned().collect();
            retag(lead, all)
        }
        Act::Untag(tags) => {
            let same = |a: &Tag, b: &Tag| a.as_str().to_lowercase() == b.as_str().to_lowercase();
            let left = lead.tags.iter().filter(|tag| !tags.iter().any(|gone| same(tag, gone))).cloned().collect();
            retag(lead, left)
        }
        Act::Delete => Ok(lead.delete(pipeline, now)),
    }
}
