//! `GET /branches`.

use axum::extract::State;
use domain::{Branch, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::{BranchView, Visible};
use web::listing::page;

/// A page of branches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchList {
    branches: Vec<BranchView>,
    pagination: Pagination,
}

/// The branches in reach.
#[utoipa::path(
    get, path = "/branches", tag = "organization", params(PageQuery),
    responses((status = 200, description = "A page of branches.", body = Envelope<BranchList>)),
)]
pub(crate) async fn branch_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<BranchList>, Problem> {
    let visible = Visible::to(&app, &signed_in, Permission::BranchesRead).await?;
    let (branches, pagination) =
        page(&app, visible.grant(), &params, |branch: &Branch| visible.shows(branch.id)).await?;
    Ok(Data(BranchList { branches: branches.into_iter().map(BranchView::from).collect(), pagination }))
}
