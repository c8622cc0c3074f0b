//! `GET /security-events`.

use axum::extract::State;
use domain::{Permission, SecurityEvent, SecurityKind, Slot, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::SecurityEventView;
use crate::listing::{Asked, page};
use crate::when::When;

/// A page of security events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecurityEventList {
    security_events: Vec<SecurityEventView>,
    pagination: Pagination,
}

/// What happened around signing in, newest first. Costs 1 Query, and 1 read for the list's size.
#[utoipa::path(
    get, path = "/security-events", tag = "audit",
    params(
        PageQuery,
        ("kind" = Option<SecurityKind>, Query, description = "What happened."),
        ("user_id" = Option<String>, Query, description = "Whose account it was about."),
        ("from" = Option<String>, Query, description = "A moment as RFC 3339 has it, or a day: not before."),
        ("to" = Option<String>, Query, description = "A moment: before; or a day: the last."),
    ),
    responses((status = 200, description = "A page of security events.", body = Envelope<SecurityEventList>)),
)]
pub(crate) async fn security_event_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SecurityEventList>, Problem> {
    let grant = signed_in.caller.allow(Permission::SecurityRead)?;
    let mut wrong = Vec::new();
    let kind: Option<SecurityKind> = params.parsed("kind", &mut wrong);
    let user: Option<UserId> = params.parsed("user_id", &mut wrong);
    let when = When::read(&params, &mut wrong);
    let (slot, question, value) = match (user, kind) {
        (Some(user), _) => (Slot::Two, "user", user.to_string()),
        (None, Some(kind)) => (Slot::Three, "kind", kind.as_str().to_owned()),
        (None, None) => (Slot::One, "all", String::new()),
    };
    let partly = user.is_some() && kind.is_some();
    let filters = format!("{kind:?} {user:?} {}", when.name());
    let asked = Asked { slot, question, value, when, filters, partly };
    let keep = |event: &SecurityEvent| kind.is_none_or(|kind| event.kind == kind);
    let (events, pagination) = page(&app, &grant, &params, asked, wrong, keep).await?;
    let security_events = events.into_iter().map(|event| SecurityEventView::of(event, grant.clear())).collect();
    Ok(Data(SecurityEventList { security_events, pagination }))
}
