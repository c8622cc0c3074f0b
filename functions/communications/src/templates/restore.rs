//! `POST /templates/{id}/restore`.

use axum::extract::State;
use domain::{Permission, Template, TemplateId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::view::TemplateView;

/// Brings a template back that was deleted within 30 days: 1 read, 1 transaction.
#[utoipa::path(
    post, path = "/templates/{id}/restore", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 200, description = "There again.", body = Envelope<TemplateView>, headers(("ETag" = String)))),
)]
pub(crate) async fn template_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
) -> Result<Versioned<TemplateView>, Problem> {
    let grant = signed_in.caller.allow(Permission::TemplatesWrite)?;
    let template: Template = app.table().get_deleted(&grant, id).await?;
    let template = app.table().commit(&grant, template.restore(app.now())).await?;
    let version = template.meta.version;
    Ok(Versioned(template.into(), version))
}
