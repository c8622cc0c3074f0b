//! `POST /integration-logs`.

use axum::extract::State;
use domain::integration_log::{IntegrationOutcome, IntegrationWork};
use domain::{FieldInvalid, IntegrationLog, IntegrationLogId, Label, Line, Permission, Prose};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::LogView;

/// A row that somebody tells.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogCreate {
    /// The service, or the part of it.
    #[serde(default)]
    #[schema(value_type = Label, required, example = "facebook_leads")]
    integration_name: Field<Label>,
    /// What was done.
    #[serde(default)]
    #[schema(value_type = Line<80>, required, example = "lead_sync")]
    activity_type: Field<Line<80>>,
    #[serde(default)]
    #[schema(value_type = Option<Prose<2_000>>)]
    description: Field<Prose<2_000>>,
    #[serde(default)]
    #[schema(value_type = IntegrationOutcome, required)]
    status: Field<IntegrationOutcome>,
    /// What was asked. Fields that are named like secrets are not kept, and of more than 8 KiB only the beginning.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    request_data: Field<Value>,
    /// What was answered, likewise.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    response_data: Field<Value>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    execution_time: Field<u32>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    records_processed: Field<u32>,
}

impl Fields for LogCreate {
    const WRITES: &'static [&'static str] = &[
        "integration_name",
        "activity_type",
        "description",
        "status",
        "request_data",
        "response_data",
        "execution_time",
        "records_processed",
    ];
    const READ_ONLY: &'static [&'static str] = &["id", "integration_id", "created_by", "created_at"];
}

impl LogCreate {
    fn parse(self) -> Result<IntegrationWork, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let integration_name = self.integration_name.required("integration_name", w);
        let activity_type = self.activity_type.required("activity_type", w);
        let status = self.status.required("status", w);
        let description = self.description.optional("description", w);
        let request_data = self.request_data.optional("request_data", w);
        let response_data = self.response_data.optional("response_data", w);
        let execution_time = self.execution_time.optional("execution_time", w);
        let records_processed = self.records_processed.optional("records_processed", w);
        match (integration_name, activity_type, status) {
            (Some(integration_name), Some(activity_type), Some(status)) if wrong.is_empty() => Ok(IntegrationWork {
                integration_name,
                integration: None,
                activity_type,
                description,
                status,
                request_data,
                response_data,
                execution_time,
                records_processed,
            }),
            _ => Err(wrong),
        }
    }
}

/// Tells of a piece of work with a service of others. A row is kept for 90 days. Costs 1 write.
#[utoipa::path(
    post, path = "/integration-logs", tag = "integrations", request_body = LogCreate,
    responses((status = 201, body = Envelope<LogView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn integration_log_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<LogCreate>,
) -> Result<Created<LogView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsWrite)?;
    let work = body.parse()?;
    let now = app.now();
    let id = IntegrationLogId::at(now, app.platform().random());
    let row = IntegrationLog::write(id, grant.organization(), work, Some(signed_in.user), now);
    let row = app.table().commit_unseen(&grant, row).await?;
    let (version, location) = (row.meta.version, format!("/integration-logs/{id}"));
    Ok(Created { data: LogView::seen_by(&grant, row), location, version })
}
