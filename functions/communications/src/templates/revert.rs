//! `POST /templates/{id}/versions/{revision}/restore`.

use axum::extract::State;
use domain::{Permission, Template, TemplateId, TemplateVersion};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::view::TemplateView;
use super::{change, check, version_id};

/// Says again what a template said once, as a new version: 2 reads, 1 transaction.
#[utoipa::path(
    post, path = "/templates/{id}/versions/{revision}/restore", tag = "templates",
    params(("id" = TemplateId, Path), ("revision" = u32, Path, description = "The number of the version.")),
    responses((status = 200, description = "As it is now.", body = Envelope<TemplateView>, headers(("ETag" = String)))),
)]
pub(crate) async fn template_version_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId((id, revision)): PathId<(TemplateId, u32)>,
    if_match: IfMatch,
) -> Result<Versioned<TemplateView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::TemplatesWrite)?, app.now());
    let template: Template = app.table().get(&grant, id).await?;
    let version: TemplateVersion = app.table().get(&grant, version_id(&app, &template, revision)).await?;
    check(&version.content)?;
    let template = change(&app, &grant, id, if_match, &["revision"], |template| {
        Ok(template.revert(&version, signed_in.user, now))
    })
    .await?;
    let version = template.meta.version;
    Ok(Versioned(template.into(), version))
}
