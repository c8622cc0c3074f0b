//! `GET /subscriptions/current`.

use axum::extract::State;
use domain::{Organization, Permission};
use web::{App, Data, Envelope, Problem, SignedIn};

use super::{SubscriptionView, Usage};

/// The organization's plan, and how much of it is used.
#[utoipa::path(
    get, path = "/subscriptions/current", tag = "organization",
    responses((status = 200, description = "The plan.", body = Envelope<SubscriptionView>)),
)]
pub(crate) async fn subscription_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Data<SubscriptionView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SubscriptionRead)?;
    let organization: Organization = app.table().get(&grant, grant.organization()).await?;
    let usage = Usage::of(&app, grant.organization()).await?;
    Ok(Data(SubscriptionView { plan: organization.plan.into(), usage }))
}
