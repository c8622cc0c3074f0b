//! `GET /templates/{id}/versions`.

use axum::extract::State;
use domain::{List, Permission, Slot, Template, TemplateId, TemplateVersion};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn};

use super::view::TemplateView;

/// A page of what a template said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateVersionList {
    versions: Vec<TemplateView>,
    pagination: Pagination,
}

/// What a template said, the latest first: 1 read, 1 Query.
#[utoipa::path(
    get, path = "/templates/{id}/versions", tag = "templates", params(("id" = TemplateId, Path), PageQuery),
    responses((status = 200, description = "A page of versions.", body = Envelope<TemplateVersionList>)),
)]
pub(crate) async fn template_version_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
    params: Params,
) -> Result<Data<TemplateVersionList>, Problem> {
    let grant = signed_in.caller.allow(Permission::TemplatesRead)?;
    let template: Template = app.table().get(&grant, id).await?;
    let list = List::new(Slot::One, "template", id);
    let (found, pagination) =
        page_of(&app, &grant, &params, &list, Shown::Filtered, |_: &TemplateVersion| true).await?;
    let versions = found.into_iter().map(|version| TemplateView::as_of(&template, version)).collect();
    Ok(Data(TemplateVersionList { versions, pagination }))
}
