//! Listing the leads of a stage.

use axum::extract::State;
use domain::Permission;
use web::{App, Data, Envelope, Page, PageQuery, Params, PathText, Problem, SignedIn};

use crate::list::listed;
use crate::page::LeadList;
use crate::plan::{FIELDS, filter};

/// Lists the leads of a stage, newest first; `all` means any stage. Filters as in the list of leads.
#[utoipa::path(
    get, path = "/leads/status/{status}", tag = "leads",
    params(("status" = String, Path, description = "A stage's key."), PageQuery),
    responses((status = 200, body = Envelope<LeadList>)),
)]
pub(crate) async fn lead_list_by_status(
    State(app): State<App>,
    signed_in: SignedIn,
    PathText(status): PathText,
    params: Params,
) -> Result<Data<LeadList>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let zone = app.organization(&grant).await?.time_zone();
    let stage = domain::filter::Filter::from_query([("status", status.as_str())], &FIELDS, &zone)?;
    let filter = filter(&app, &grant, &params, &Page::RESERVED).await?.and(stage);
    listed(&app, &grant, filter, &params).await
}
