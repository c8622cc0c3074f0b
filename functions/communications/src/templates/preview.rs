//! `POST /templates/{id}/preview`.

use axum::extract::State;
use domain::template::TemplateChannel;
use domain::{Permission, Template, TemplateId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, PathId, Problem, SignedIn};
use wording::Filled;

use super::filling::{TemplateFilling, filled};

/// A template filled in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplatePreview {
    channel: TemplateChannel,
    #[schema(required)]
    subject: Option<String>,
    body: String,
    #[schema(required)]
    html: Option<String>,
    /// The number of the version.
    revision: u32,
}

/// Fills a template in for a lead as whoever asks sees them, or for a made-up one: 1 to 3 reads, and 1 more every 30
/// seconds. Nothing is sent.
#[utoipa::path(
    post, path = "/templates/{id}/preview", tag = "templates", params(("id" = TemplateId, Path)),
    request_body = TemplateFilling,
    responses((status = 200, description = "Filled in.", body = Envelope<TemplatePreview>)),
)]
pub(crate) async fn template_preview(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
    Body(body): Body<TemplateFilling>,
) -> Result<Data<TemplatePreview>, Problem> {
    let grant = signed_in.caller.allow(Permission::TemplatesRead)?;
    let template: Template = app.table().get(&grant, id).await?;
    let Filled { subject, body, html, held: _ } = filled(&app, &signed_in, &grant, &template, body).await?;
    Ok(Data(TemplatePreview { channel: template.channel, subject, body, html, revision: template.revision }))
}
