//! `GET /roles`.

use axum::extract::State;
use domain::{CustomRole, Permission, Role};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::page;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::RoleView;

/// The templates, and a page of the organization's own roles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleList {
    /// The same on every page.
    templates: Vec<RoleView>,
    /// The organization's own.
    roles: Vec<RoleView>,
    pagination: Pagination,
}

/// The roles that people can have.
#[utoipa::path(
    get, path = "/roles", tag = "roles", params(PageQuery),
    responses((status = 200, description = "Templates, and a page of own roles.", body = Envelope<RoleList>)),
)]
pub(crate) async fn role_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<RoleList>, Problem> {
    let grant = signed_in.caller.allow(Permission::RolesRead)?;
    let (roles, pagination) = page(&app, &grant, &params, |_: &CustomRole| true).await?;
    let templates = Role::ALL.into_iter().map(RoleView::from).collect();
    Ok(Data(RoleList { templates, roles: roles.into_iter().map(RoleView::from).collect(), pagination }))
}
