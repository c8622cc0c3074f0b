//! `GET /approvals`.

use axum::extract::State;
use domain::approval::ApprovalState;
use domain::{ApprovalId, ApprovalRequest, ApprovalTask, FieldInvalid, Invalid, List, Permission, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::view::ApprovalView;

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalList {
    /// The requests.
    approvals: Vec<ApprovalView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists requests, newest first: with `role=approver` what you have to decide now, with `role=requester` what you asked
/// for, else what you reach. Who may not see approvals of others gets their own.
///
/// Costs 1 Query, and 1 `BatchGetItem` for what you have to decide; 1 Query for each person of a team. A page that leaves
/// out what is out of your reach, or your own of another state, reads on until it is full, 2,000 requests at most.
#[utoipa::path(
    get, path = "/approvals", tag = "approvals",
    params(
        PageQuery,
        ("role" = Option<String>, Query, description = "`approver` or `requester`."),
        ("state" = Option<String>, Query, description = "`pending`, `approved`, `rejected` or `cancelled`; `all` means any."),
    ),
    responses((status = 200, body = Envelope<ApprovalList>)),
)]
pub(crate) async fn approval_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<ApprovalList>, Problem> {
    let mut wrong = Vec::new();
    let state: Option<ApprovalState> = match params.get("state") {
        None | Some("all") => None,
        Some(_) => params.parsed("state", &mut wrong),
    };
    let role = params.get("role");
    if !matches!(role, None | Some("approver" | "requester")) {
        wrong.push(FieldInvalid::new("role", Invalid::new("unknown_role", "must be approver or requester")));
    }
    if role == Some("approver") && !matches!(state, None | Some(ApprovalState::Pending)) {
        let invalid = Invalid::new("contradiction", "must be pending for what you have to decide");
        wrong.push(FieldInvalid::new("state", invalid));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let (requests, pagination) = match role {
        Some("approver") => to_decide(&app, &signed_in, &params).await?,
        Some(_) => own(&app, &signed_in, &params, state).await?,
        None if !signed_in.caller.may(Permission::ApprovalsRead) => own(&app, &signed_in, &params, state).await?,
        None => in_reach(&app, &signed_in, &params, state).await?,
    };
    let approvals = requests.into_iter().map(|request| ApprovalView::of(request, signed_in.user)).collect();
    Ok(Data(ApprovalList { approvals, pagination }))
}

type Found = (Vec<ApprovalRequest>, Pagination);

/// What the caller has to decide now.
async fn to_decide(app: &App, signed_in: &SignedIn, params: &Params) -> Result<Found, Problem> {
    let grant = signed_in.own().everywhere();
    let list = List::new(Slot::One, "user", signed_in.user);
    let (tasks, pagination) = page_of(app, &grant, params, &list, Shown::Filtered, |_: &ApprovalTask| true).await?;
    let ids: Vec<ApprovalId> = tasks.iter().map(|task| task.request).collect();
    let mut known = app.table().get_many::<ApprovalRequest>(&grant, &ids).await?;
    // One that was decided meanwhile is no more to be decided.
    let requests = ids.iter().filter_map(|id| known.remove(id)).filter(|request| request.waits_for(signed_in.user));
    Ok((requests.collect(), pagination))
}

/// What the caller asked for, wherever it belongs.
async fn own(app: &App, signed_in: &SignedIn, params: &Params, state: Option<ApprovalState>) -> Result<Found, Problem> {
    let grant = signed_in.own().everywhere();
    let list = List::new(Slot::Three, "requester", signed_in.user);
    let shown = if state.is_none() { Shown::Whole } else { Shown::Filtered };
    let keep = |request: &ApprovalRequest| state.is_none_or(|state| request.state == state);
    let asked = Asked { shown, words: words(state), ..Asked::of(&list) };
    page_asked(app, &grant, params, &asked, keep).await
}

/// What the caller reaches.
async fn in_reach(
    app: &App,
    signed_in: &SignedIn,
    params: &Params,
    state: Option<ApprovalState>,
) -> Result<Found, Problem> {
    let grant = signed_in.caller.allow(Permission::ApprovalsRead)?;
    let (list, people) = match (grant.rows().owners(), state) {
        (Some(people), _) => {
            let values = people.iter().map(ToString::to_string).collect();
            (List::new(Slot::Three, "requester", ""), Some(values))
        }
        (None, Some(state)) => (List::new(Slot::Two, "state", state), None),
        (None, None) => (List::new(Slot::One, "all", ""), None),
    };
    let whole = *grant.rows() == domain::Rows::All || (people.is_some() && state.is_none());
    let shown = if whole { Shown::Whole } else { Shown::Filtered };
    let asked = Asked::of(&list);
    let asked = Asked { shown, words: words(state), values: people.unwrap_or(asked.values.clone()), ..asked };
    let keep = |request: &ApprovalRequest| state.is_none_or(|state| request.state == state);
    page_asked(app, &grant, params, &asked, keep).await
}

fn words(state: Option<ApprovalState>) -> String {
    state.map(|state| state.to_string()).unwrap_or_default()
}
