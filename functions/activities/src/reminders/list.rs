//! `GET /reminders`.

use axum::extract::State;
use domain::{Grant, Permission, Reminder};
use serde::Serialize;
use utoipa::ToSchema;
use views::ReminderView;
use web::listing::page_asked;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::KIND;
use crate::asked::{Question, RangeQuery, passes};

/// A page of reminders.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReminderList {
    /// The reminders.
    reminders: Vec<ReminderView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Lists reminders, those that are due first at the top.
///
/// Costs 1 Query for a person's reminders of one status, 3 for those of all, and 1 read for the list's size; a filter
/// beyond the days, and beyond `agentId`, `status` or `lead_id`, reads on until the page is full, 2,000 reminders at
/// most.
#[utoipa::path(
    get, path = "/reminders", tag = "reminders",
    params(
        PageQuery,
        RangeQuery,
        ("agentId" = Option<String>, Query, description = "A user's id."),
        ("lead_id" = Option<String>, Query, description = "A lead's id; `leadId` is the same."),
        ("status" = Option<String>, Query, description = "Where reminders stand; `all` means any."),
        ("priority" = Option<String>, Query, description = "How urgent they are."),
        ("type" = Option<String>, Query, description = "What they are for."),
    ),
    responses((status = 200, body = Envelope<ReminderList>)),
)]
pub(crate) async fn reminder_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<ReminderList>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    let question = KIND.question(&app, &grant, &params, None).await?;
    listed(&app, &grant, &params, &question).await
}

/// A page of the reminders that are asked for.
pub(crate) async fn listed(
    app: &App,
    grant: &Grant,
    params: &Params,
    Question { asked, residual }: &Question,
) -> Result<Data<ReminderList>, Problem> {
    let keep = |reminder: &Reminder| passes(residual, reminder, ReminderView::from);
    let (reminders, pagination) = page_asked(app, grant, params, asked, keep).await?;
    let reminders = reminders.into_iter().map(ReminderView::from).collect();
    Ok(Data(ReminderList { reminders, pagination }))
}
