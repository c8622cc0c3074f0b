//! Room for one more: of leads in an organization's plan, of what it may have so many of.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use domain::{Grant, OrganizationId, Plan, Record, Slot};
use jiff::SignedDuration;
use store::ListQuery;

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

/// 409 with this code where the organization has as many records of a kind as it may have; `things` says what they are. The
/// records are those of the kind's first list, and few: 1 Query reads them all.
///
/// Two that are made at the same moment may both find room: what is asked for is a bound, not a count.
pub async fn room_for<R: Record>(
    app: &App,
    grant: &Grant,
    most: NonZeroU32,
    code: &'static str,
    things: &str,
) -> Result<(), Problem> {
    let known = app.table().list::<R>(grant, &ListQuery::new(Slot::One, "all", "", most), |_| true).await?.records;
    if known.len() < most.get() as usize {
        return Ok(());
    }
    Err(Problem::conflict(code, format!("An organization may have {most} {things} at most.")))
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
