//! `GET /automation/templates`, `POST /automation/from-template/{templateName}`.

use axum::extract::State;
use domain::automation::{Step, TriggerType, WorkflowStatus, WorkflowTemplate};
use domain::{Label, Note, Permission};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Created, Data, Envelope, Field, Fields, PathText, Problem, SignedIn};

use crate::create::made;
use crate::view::WorkflowView;

/// An automation that nobody needs to write.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// Its key, for `/automation/from-template/{templateName}`.
    key: WorkflowTemplate,
    /// What people call it; its name works there too.
    name: Label,
    /// What it does.
    #[schema(required)]
    description: Option<Note>,
    /// What sets it going.
    trigger: TriggerType,
    /// For what records.
    #[schema(value_type = Value)]
    conditions: Value,
    /// What is done.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
}

/// The templates.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateList {
    /// All of them, as they would be made with the organization's pipeline.
    templates: Vec<TemplateView>,
}

/// Lists the templates of automations. Costs 1 read.
#[utoipa::path(
    get, path = "/automation/templates", tag = "automation",
    responses((status = 200, body = Envelope<TemplateList>)),
)]
pub(crate) async fn automation_templates(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Data<TemplateList>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationRead)?;
    let pipeline = app.pipeline(&grant).await?;
    let view = |template: &WorkflowTemplate| {
        let details = template.details(&pipeline.pipeline);
        TemplateView {
            key: *template,
            name: details.name,
            description: details.description,
            trigger: details.trigger,
            conditions: details.conditions.written(),
            actions: details.steps.iter().map(Step::written).collect(),
        }
    };
    Ok(Data(TemplateList { templates: WorkflowTemplate::ALL.iter().map(view).collect() }))
}

/// What of a template is to be otherwise.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FromTemplate {
    /// The template's where absent.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    /// Likewise.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// Whether it is set going; `true` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_active: Field<bool>,
}

impl Fields for FromTemplate {
    const WRITES: &'static [&'static str] = &["name", "description", "is_active"];
}

/// Makes an automation from a template: `New Lead Follow-up`, `Missed Call Follow-up`, `Lead Qualification` or
/// `Overdue Reminder Alert`, or one of their keys. What it does can be changed afterwards like any other's.
#[utoipa::path(
    post, path = "/automation/from-template/{templateName}", tag = "automation",
    params(("templateName" = String, Path, example = "new_lead_follow_up")),
    request_body = FromTemplate,
    responses((status = 201, body = Envelope<WorkflowView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn automation_create_from_template(
    State(app): State<App>,
    signed_in: SignedIn,
    PathText(name): PathText,
    Body(body): Body<FromTemplate>,
) -> Result<Created<WorkflowView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AutomationWrite)?;
    let template = WorkflowTemplate::read(&name).map_err(|_| Problem::not_found())?;
    let mut wrong = Vec::new();
    let (name, description) =
        (body.name.optional("name", &mut wrong), body.description.patch("description", &mut wrong));
    let active = body.is_active.optional("is_active", &mut wrong).unwrap_or(true);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let mut details = template.details(&app.pipeline(&grant).await?.pipeline);
    details.name = name.unwrap_or(details.name);
    details.description = description.unwrap_or(details.description);
    details.status = if active { WorkflowStatus::Active } else { WorkflowStatus::Paused };
    made(&app, &signed_in, &grant, details, Some(template), "/automation").await
}
