//! `PUT /templates/{id}`.

use axum::extract::State;
use domain::{Permission, TemplateId};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::body::TemplateBody;
use super::view::TemplateView;
use super::{change, check};

/// Changes a template; a change of what it says makes a new version. 1 read, 1 transaction.
#[utoipa::path(
    put, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)), request_body = TemplateBody,
    responses((status = 200, description = "As it is now.", body = Envelope<TemplateView>, headers(("ETag" = String)))),
)]
pub(crate) async fn template_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
    if_match: IfMatch,
    Body(body): Body<TemplateBody>,
) -> Result<Versioned<TemplateView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::TemplatesWrite)?, app.now());
    let (patch, fields) = body.patch()?;
    let template = change(&app, &grant, id, if_match, &fields, |template| {
        let change = template.update(patch.clone(), signed_in.user, now)?;
        check(&change.after.content)?;
        Ok(change)
    })
    .await?;
    let version = template.meta.version;
    Ok(Versioned(template.into(), version))
}
