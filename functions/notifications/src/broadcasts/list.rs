//! `GET /notifications/broadcasts`.

use axum::extract::State;
use domain::broadcast::Broadcast;
use domain::{List, Permission, Rows, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::BroadcastView;

/// A page of broadcasts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BroadcastList {
    broadcasts: Vec<BroadcastView>,
    pagination: Pagination,
}

/// One's own broadcasts, or all for whoever reaches all rows, newest first: 1 Query.
#[utoipa::path(
    get, path = "/notifications/broadcasts", tag = "notifications", params(PageQuery),
    responses((status = 200, description = "A page of broadcasts.", body = Envelope<BroadcastList>)),
)]
pub(crate) async fn broadcast_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<BroadcastList>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotificationsBroadcast)?;
    let list = match grant.rows() {
        Rows::All => List::new(Slot::One, "all", ""),
        _ => List::new(Slot::Two, "sender", signed_in.user),
    };
    let (broadcasts, pagination) = page_of(&app, &grant, &params, &list, Shown::Whole, |_: &Broadcast| true).await?;
    Ok(Data(BroadcastList { broadcasts: broadcasts.into_iter().map(BroadcastView::from).collect(), pagination }))
}
