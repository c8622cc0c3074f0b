//! `PUT /pipelines/{id}`.

use std::collections::HashMap;

use axum::extract::State;
use domain::pipeline::{Pipeline, Stage, StageKey, StageKind};
use domain::{Caller, Change, FieldInvalid, Invalid, Label, LeadPipeline, OrganizationId, Permission, PipelineId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, FromWire, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::PipelineView;
use web::wire::{fields, word, written};

/// What of a pipeline changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PipelineUpdate {
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    /// All stages, in their order: one or more open ones, one that wins, one that loses.
    #[serde(default)]
    #[schema(value_type = Vec<Stage>, min_items = 3, max_items = 20)]
    stages: Field<Vec<GivenStage>>,
}

impl Fields for PipelineUpdate {
    const WRITES: &'static [&'static str] = &["name", "stages"];
    const READ_ONLY: &'static [&'static str] = &["id", "created_at", "updated_at"];
}

#[derive(Debug)]
struct GivenStage(Stage);

#[derive(Deserialize)]
struct StageFields {
    #[serde(default)]
    key: Field<String>,
    #[serde(default)]
    name: Field<Label>,
    #[serde(default)]
    kind: Field<String>,
    #[serde(default)]
    position: Field<u32>,
    #[serde(default)]
    sla_hours: Field<u32>,
}

impl FromWire for GivenStage {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let given: StageFields = fields(value)?;
        let mut wrong = Vec::new();
        let key = given.key.required("key", &mut wrong);
        let name = given.name.required("name", &mut wrong);
        let kind = given.kind.required("kind", &mut wrong);
        let kind: Option<StageKind> = word(kind, "kind", &mut wrong);
        let position = given.position.optional("position", &mut wrong).map_or(Ok(0), u16::try_from);
        let sla_hours = given.sla_hours.optional("sla_hours", &mut wrong);
        let mut refuse = |field: &str, invalid| wrong.push(FieldInvalid::new(field, invalid));
        let key = key.and_then(|key| key.parse::<StageKey>().map_err(|invalid| refuse("key", invalid)).ok());
        let position = position
            .map_err(|_| refuse("position", Invalid::new("out_of_range", "must be a whole number up to 65,535")));
        match (key, name, kind, position) {
            (Some(key), Some(name), Some(kind), Ok(position)) if wrong.is_empty() => {
                Ok(Self(Stage { key, name, kind, position, sla_hours }))
            }
            _ => Err(wrong),
        }
    }
}

struct Patch {
    name: Option<Label>,
    stages: Option<Vec<Stage>>,
}

impl PipelineUpdate {
    fn parse(self) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.replaced("name", &mut wrong);
        let stages = self.stages.replaced("stages", &mut wrong);
        let stages = stages.map(|stages| stages.into_iter().map(|stage| stage.0).collect());
        if wrong.is_empty() { Ok(Patch { name, stages }) } else { Err(wrong.into()) }
    }
}

impl Patch {
    fn apply(
        &self,
        pipeline: LeadPipeline,
        held: &HashMap<String, i64>,
        now: Timestamp,
    ) -> Result<Change<LeadPipeline>, Problem> {
        let mut after = pipeline.clone();
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(stages) = &self.stages
            && stages.as_slice() != pipeline.pipeline.stages()
        {
            after.pipeline = pipeline.pipeline.edit(stages.clone())?;
            refuse_left_behind(&pipeline.pipeline, &after.pipeline, held)?;
        }
        after.meta.updated_at = now;
        Ok(Change::update(pipeline, after, "pipeline.updated"))
    }
}

/// A stage that holds leads cannot go.
fn refuse_left_behind(before: &Pipeline, after: &Pipeline, held: &HashMap<String, i64>) -> Result<(), Problem> {
    let left: HashMap<&str, i64> = before
        .stages()
        .iter()
        .filter(|stage| after.stage(&stage.key).is_none())
        .filter_map(|stage| Some((stage.key.as_str(), *held.get(stage.key.as_str())?)))
        .filter(|(_, leads)| *leads > 0)
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Problem::conflict("stage_in_use", "Move the leads of the stages that go to others first.")
        .naming([FieldInvalid::new("stages", Invalid::new("stage_in_use", "leaves out a stage that holds leads"))])
        .with("leads_by_stage", left))
}

/// How many leads each stage holds, in all branches: 1 Query.
async fn leads_by_stage(app: &App, organization: OrganizationId) -> Result<HashMap<String, i64>, Problem> {
    let grant = Caller::system(organization, "organization").own();
    let counts = app.table().counts_now(&grant, "leads_by_stage").await?;
    Ok(counts.into_iter().map(|row| (row.dimension, row.n)).collect())
}

/// Changes a pipeline. A stage that holds leads cannot be left out; a renamed key is another stage.
#[utoipa::path(
    put, path = "/pipelines/{id}", tag = "organization",
    params(("id" = PipelineId, Path)), request_body = PipelineUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<PipelineView>)),
)]
pub(crate) async fn pipeline_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<PipelineId>,
    if_match: IfMatch,
    Body(body): Body<PipelineUpdate>,
) -> Result<Versioned<PipelineView>, Problem> {
    let grant = signed_in.caller.allow(Permission::PipelinesWrite)?;
    let fields = written([("name", body.name.is_present()), ("pipeline", body.stages.is_present())]);
    let (patch, now) = (body.parse()?, app.now());
    let held = leads_by_stage(&app, grant.organization()).await?;
    let pipeline = change(&app, &grant, id, if_match, &fields, |pipeline| patch.apply(pipeline, &held, now)).await?;
    app.forget_organization(grant.organization());
    let version = pipeline.meta.version;
    Ok(Versioned(pipeline.into(), version))
}
