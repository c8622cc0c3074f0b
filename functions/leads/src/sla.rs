//! `GET /leads/{id}/sla`.

use axum::extract::State;
use domain::{Lead, LeadId, List, Permission, SlaClock, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use views::SlaClockView;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn};

/// A page of a lead's clocks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadSla {
    /// The clocks.
    clocks: Vec<SlaClockView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// How a lead stands against the service levels: its clocks, the newest first. Costs 1 Query and 3 reads.
#[utoipa::path(
    get, path = "/leads/{id}/sla", tag = "leads",
    params(("id" = LeadId, Path), PageQuery),
    responses((status = 200, body = Envelope<LeadSla>)),
)]
pub(crate) async fn lead_sla(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    params: Params,
) -> Result<Data<LeadSla>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaRead)?;
    let lead: Lead = app.table().get(&grant, id).await?;
    let list = List::new(Slot::Two, "lead", lead.id);
    let (clocks, pagination) = page_of::<SlaClock>(&app, &grant, &params, &list, Shown::Filtered, |_| true).await?;
    let (calendar, now) = (app.platform().calendar(&grant).await?, app.now());
    let clocks = clocks.into_iter().map(|clock| SlaClockView::at(clock, &calendar, now)).collect();
    Ok(Data(LeadSla { clocks, pagination }))
}
