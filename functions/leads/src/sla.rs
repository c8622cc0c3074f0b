//! `GET /leads/{id}/sla`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::{Lead, LeadId, Permission, SlaClock, Slot};
use serde::Serialize;
use store::ListQuery;
use utoipa::ToSchema;
use views::SlaClockView;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

/// A lead has a clock for each target of each service level that it met as it came; the newest so many are shown.
const MOST: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// How a lead stands against the service levels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadSla {
    /// Its clocks, the newest first.
    #[schema(max_items = 100)]
    clocks: Vec<SlaClockView>,
}

/// How a lead stands against the service levels: its clocks, the newest first. Costs 1 Query and 3 reads.
#[utoipa::path(
    get, path = "/leads/{id}/sla", tag = "leads",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<LeadSla>)),
)]
pub(crate) async fn lead_sla(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
) -> Result<Data<LeadSla>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaRead)?;
    let lead: Lead = app.table().get(&grant, id).await?;
    let query = ListQuery::new(Slot::Two, "lead", lead.id.to_string(), MOST);
    let clocks = app.table().list::<SlaClock>(&grant, &query, |_| true).await?.records;
    let (calendar, now) = (app.platform().calendar(&grant).await?, app.now());
    Ok(Data(LeadSla { clocks: clocks.into_iter().map(|clock| SlaClockView::at(clock, &calendar, now)).collect() }))
}
