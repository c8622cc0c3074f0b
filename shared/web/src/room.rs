//! Room for leads in an organization's plan.

use axum::http::StatusCode;
use domain::{OrganizationId, Plan};
use jiff::SignedDuration;

use crate::{App, Problem, SignedIn};

/// Where there is room for so many, a figure is believed for [`BELIEVED`]; where there is less, it is read each time.
const PLENTY: u32 = 1_000;
const BELIEVED: SignedDuration = SignedDuration::from_secs(30);

/// 403 `plan_limit` where the caller's plan holds no lead more. No call, or 1 Query where the figure is old or the plan
/// nearly full.
///
/// Leads are counted by their events, moments after they come: those that come in the meantime stand above the limit
/// and are counted all the same. What a public form brings is never refused.
pub async fn room_for_lead(app: &App, signed_in: &SignedIn) -> Result<(), Problem> {
    let (organization, plan) = (signed_in.own().organization(), signed_in.authority.plan);
    let Some(limit) = plan.allowance().leads else { return Ok(()) };
    let live = live_leads(app, organization, plan).await?;
    if live < limit {
        return Ok(());
    }
    Err(full("Your organization's plan has no room for another lead.", limit, Plan::with_more_leads(live)))
}

async fn live_leads(app: &App, organization: OrganizationId, plan: Plan) -> Result<u32, Problem> {
    let now = app.now();
    if let Some(live) = app.live_leads().get(&organization, now) {
        return Ok(live);
    }
    let live = app.table().live_leads(organization).await?;
    if plan.room_for_leads(live).is_some_and(|room| room > PLENTY) {
        app.live_leads().put(organization, live, now + BELIEVED);
    }
    Ok(live)
}

/// 403 `plan_limit`: the plan holds no more of something; `plan` is the smallest that does.
pub(crate) fn full(detail: &'static str, limit: u32, plan: Option<Plan>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "plan_limit", detail).with("limit", limit).with("plan", plan)
}
