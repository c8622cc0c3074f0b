//! `POST /templates`.

use axum::extract::State;
use domain::{Permission, Template, TemplateId};
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::body::TemplateBody;
use super::view::TemplateView;
use super::{check, commit};

/// Makes a template, with its first version: 1 transaction. What cannot be filled in is refused with its line.
#[utoipa::path(
    post, path = "/templates", tag = "templates", request_body = TemplateBody,
    responses((status = 201, description = "Made.", body = Envelope<TemplateView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn template_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<TemplateBody>,
) -> Result<Created<TemplateView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::TemplatesWrite)?, app.now());
    let details = body.details()?;
    check(&details.content)?;
    let id = TemplateId::at(now, app.platform().random());
    let template =
        commit(&app, &grant, Template::create(id, grant.organization(), details, signed_in.user, now)?).await?;
    let version = template.meta.version;
    Ok(Created { data: template.into(), location: format!("/templates/{id}"), version })
}
