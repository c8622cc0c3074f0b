//! `GET /calls`.

use axum::extract::State;
use domain::{Call, Grant, Permission, PersonalFields};
use serde::Serialize;
use utoipa::ToSchema;
use views::CallView;
use web::listing::page_asked;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::KIND;
use crate::asked::{Question, RangeQuery, passes};

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallList {
    /// The calls.
    calls: Vec<CallView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists calls by when they were, or shall be, the latest first.
///
/// Costs 1 Query and 1 `GetItem` for the list's size; a filter beyond the days, and beyond `agentId` or `lead_id`, reads
/// on until the page is full, 2,000 calls at most.
#[utoipa::path(
    get, path = "/calls", tag = "calls",
    params(
        PageQuery,
        RangeQuery,
        ("agentId" = Option<String>, Query, description = "A user's id."),
        ("lead_id" = Option<String>, Query, description = "A lead's id; `leadId` is the same."),
        ("status" = Option<String>, Query, description = "Where calls stand; `all` means any."),
        ("outcome" = Option<String>, Query, description = "What came of them."),
        ("direction" = Option<String>, Query, description = "Who called."),
    ),
    responses((status = 200, body = Envelope<CallList>)),
)]
pub(crate) async fn call_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<CallList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CallsRead)?;
    let question = KIND.question(&app, &grant, &params, None).await?;
    listed(&app, &grant, &params, &question).await
}

/// A page of the calls that are asked for.
pub(crate) async fn listed(
    app: &App,
    grant: &Grant,
    params: &Params,
    Question { asked, residual }: &Question,
) -> Result<Data<CallList>, Problem> {
    let keep = |call: &Call| passes(residual, call, |call| CallView::new(call, PersonalFields::NONE));
    let (calls, pagination) = page_asked(app, grant, params, asked, keep).await?;
    let calls = calls.into_iter().map(|call| CallView::seen_by(grant, call)).collect();
    Ok(Data(CallList { calls, pagination }))
}
