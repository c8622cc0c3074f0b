//! `PUT /subscriptions/current`.

use axum::extract::State;
use domain::{Caller, Change, Organization, Permission, Plan};
use serde::Deserialize;
use serde_json::{Map, json};
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::seats::seats;
use web::{App, Body, Data, Envelope, Field, Fields, IfMatch, Problem, SignedIn, refuse_changed};

use super::{SubscriptionView, Usage};

/// Tries against other writers of the organization or its seats.
const TRIES: u32 = 8;

/// The plan to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SubscriptionUpdate {
    #[serde(default)]
    #[schema(value_type = Plan, required)]
    plan: Field<Plan>,
}

impl Fields for SubscriptionUpdate {
    const WRITES: &'static [&'static str] = &["plan"];
    const READ_ONLY: &'static [&'static str] = &["usage"];
}

impl SubscriptionUpdate {
    fn parse(self) -> Result<Plan, Problem> {
        let mut wrong = Vec::new();
        self.plan.required("plan", &mut wrong).ok_or_else(|| wrong.into())
    }
}

/// Refuses a plan that allows less than is used: 409 that names each figure with its limit.
fn refuse_too_small(plan: Plan, used: Usage) -> Result<(), Problem> {
    let allowance = plan.allowance();
    let exceeded: Map<_, _> = [("seats", used.seats, allowance.seats), ("leads", used.leads, allowance.leads)]
        .into_iter()
        .filter_map(|(what, used, limit)| Some((what, used, limit.filter(|limit| used > *limit)?)))
        .map(|(what, used, limit)| (what.to_owned(), json!({"used": used, "limit": limit})))
        .collect();
    if exceeded.is_empty() {
        return Ok(());
    }
    let detail = "More is used than this plan allows.";
    Err(Problem::conflict("plan_too_small", detail).with("exceeded", exceeded))
}

/// Changes the plan. It is felt within 30 seconds. A plan that allows less than is used is 409 `plan_too_small`; the
/// seats are counted exactly, also where somebody joins at the same time.
#[utoipa::path(
    put, path = "/subscriptions/current", tag = "organization", request_body = SubscriptionUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<SubscriptionView>)),
)]
pub(crate) async fn subscription_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<SubscriptionUpdate>,
) -> Result<Data<SubscriptionView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SubscriptionWrite)?;
    let (plan, now, id) = (body.parse()?, app.now(), grant.organization());
    let tenant = Caller::system(id, "organization").own();
    for _ in 0..TRIES {
        let seats = seats(&app, id).await?;
        let before: Organization = app.table().get_to_change(&grant, id).await?;
        refuse_changed(&app, &grant, &before, if_match, &["plan"]).await?;
        let usage = Usage { seats: seats.active, ..Usage::of(&app, id).await? };
        if plan == before.plan {
            return Ok(Data(SubscriptionView { plan: plan.into(), usage }));
        }
        refuse_too_small(plan, usage)?;
        let mut after = before.clone();
        after.plan = plan;
        after.meta.updated_at = now;
        let mut transaction = app.table().transaction();
        transaction.push(&grant, Change::update(before, after, "organization.plan_changed"))?;
        // Whoever takes a seat at the same time counts it under this plan.
        transaction.push(&tenant, seats.hold(now))?;
        match transaction.commit().await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            committed => {
                committed?;
                app.forget_organization(id);
                app.forget_everybody();
                return Ok(Data(SubscriptionView { plan: plan.into(), usage }));
            }
        }
    }
    Err(Refused::Conflict.into())
}
