//! `GET /suspicious-activities`.

use axum::extract::State;
use domain::suspicious::SuspiciousKind;
use domain::{FieldInvalid, Invalid, Permission, Slot, SuspiciousActivity, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::SuspiciousActivityView;
use crate::listing::{Asked, page};
use crate::when::When;

/// A page of suspicious activities.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuspiciousActivityList {
    suspicious_activities: Vec<SuspiciousActivityView>,
    pagination: Pagination,
}

/// What somebody should look at, newest first. Costs 1 Query, and 1 read for the list's size.
#[utoipa::path(
    get, path = "/suspicious-activities", tag = "audit",
    params(
        PageQuery,
        ("kind" = Option<SuspiciousKind>, Query, description = "What looks wrong."),
        ("state" = Option<String>, Query, description = "`open` or `acknowledged`."),
        ("user_id" = Option<String>, Query, description = "Whose account it is about."),
        ("from" = Option<String>, Query, description = "A moment as RFC 3339 has it, or a day: not found before."),
        ("to" = Option<String>, Query, description = "A moment: before; or a day: the last."),
    ),
    responses((status = 200, description = "A page of suspicious activities.", body = Envelope<SuspiciousActivityList>)),
)]
pub(crate) async fn suspicious_activity_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SuspiciousActivityList>, Problem> {
    let grant = signed_in.caller.allow(Permission::SecurityRead)?;
    let mut wrong = Vec::new();
    let kind: Option<SuspiciousKind> = params.parsed("kind", &mut wrong);
    let user: Option<UserId> = params.parsed("user_id", &mut wrong);
    let state = params.get("state");
    if !matches!(state, None | Some("open" | "acknowledged")) {
        wrong.push(FieldInvalid::new("state", Invalid::new("unknown_value", "must be open or acknowledged")));
    }
    let when = When::read(&params, &mut wrong);
    let (slot, question, value) = match (user, state) {
        (Some(user), _) => (Slot::Two, "user", user.to_string()),
        (None, Some(state)) => (Slot::Three, "state", state.to_owned()),
        (None, None) => (Slot::One, "all", String::new()),
    };
    let partly = kind.is_some() || user.is_some() && state.is_some();
    let filters = format!("{kind:?} {user:?} {state:?} {}", when.name());
    let asked = Asked { slot, question, value, when, filters, partly };
    let keep = |activity: &SuspiciousActivity| {
        kind.is_none_or(|kind| activity.kind == kind) && state.is_none_or(|state| activity.state() == state)
    };
    let (activities, pagination) = page(&app, &grant, &params, asked, wrong, keep).await?;
    let suspicious_activities = activities.into_iter().map(SuspiciousActivityView::from).collect();
    Ok(Data(SuspiciousActivityList { suspicious_activities, pagination }))
}
