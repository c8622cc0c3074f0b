//! `GET /sla-policies/{id}/clocks`.

use axum::extract::State;
use domain::sla::ClockState;
use domain::{FieldInvalid, Permission, SlaClock, SlaPolicy, SlaPolicyId, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use views::SlaClockView;
use web::listing::{Asked, Shown, page_asked};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn, Sort};

/// A page of clocks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlaClockList {
    /// The clocks.
    clocks: Vec<SlaClockView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists the clocks of a service level about leads that you reach, the newest first. Costs 1 Query for a state and 3 reads;
/// without one, a Query for each of the five.
#[utoipa::path(
    get, path = "/sla-policies/{id}/clocks", tag = "sla",
    params(
        ("id" = SlaPolicyId, Path),
        PageQuery,
        ("state" = Option<String>, Query, description = "`running`, `warned`, `breached`, `met` or `cancelled`; `all` means any."),
    ),
    responses((status = 200, body = Envelope<SlaClockList>)),
)]
pub(crate) async fn sla_policy_clock_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SlaPolicyId>,
    params: Params,
) -> Result<Data<SlaClockList>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaRead)?;
    let states = match params.get("state") {
        None | Some("all") => ClockState::ALL.to_vec(),
        Some(text) => {
            let state = text.parse::<ClockState>();
            vec![state.map_err(|invalid| Problem::invalid([FieldInvalid::new("state", invalid)]))?]
        }
    };
    let policy: SlaPolicy = app.table().get(&grant, id).await?;
    let asked = Asked {
        slot: Slot::One,
        question: "policy",
        values: states.into_iter().map(|state| SlaClock::policy_state(policy.id, state)).collect(),
        since: None,
        until: None,
        // Whose leads they are is a filter of its own.
        shown: Shown::Filtered,
        sort: Sort::CREATED,
        words: String::new(),
    };
    let (clocks, pagination) = page_asked::<SlaClock>(&app, &grant, &params, &asked, |_| true).await?;
    let (calendar, now) = (app.platform().calendar(&grant).await?, app.now());
    let clocks = clocks.into_iter().map(|clock| SlaClockView::at(clock, &calendar, now)).collect();
    Ok(Data(SlaClockList { clocks, pagination }))
}
