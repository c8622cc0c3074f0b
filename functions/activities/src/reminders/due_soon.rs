//! `GET /reminders/due-soon/{agentId}`.

use axum::extract::State;
use domain::filter::Filter;
use domain::{FieldInvalid, Invalid, List, Permission, Reminder, ReminderStatus, Slot, UserId};
use jiff::{SignedDuration, Timestamp};
use web::listing::{Asked, Shown};
use web::members::member;
use web::{App, Data, Envelope, PageQuery, Params, PathId, Problem, SignedIn};

use super::KIND;
use super::list::{ReminderList, listed};
use crate::asked::Question;

/// Soon is within so many minutes where nobody says another number.
const SOON: u32 = 60;
/// And at most so many: a week.
const MAX_MINUTES: u32 = 10_080;

/// Lists a person's reminders that are due from now on within some minutes, the next one first: 1 Query.
#[utoipa::path(
    get, path = "/reminders/due-soon/{agentId}", tag = "reminders",
    params(
        ("agentId" = UserId, Path, description = "A user's id."),
        PageQuery,
        ("within" = Option<u32>, Query, minimum = 1, maximum = 10080, description = "Minutes from now; 60 where absent."),
    ),
    responses((status = 200, body = Envelope<ReminderList>)),
)]
pub(crate) async fn reminder_list_due_soon(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<ReminderList>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    let mut wrong = Vec::new();
    let within = params.number("within", &mut wrong).unwrap_or(SOON);
    if !(1..=MAX_MINUTES).contains(&within) {
        wrong.push(FieldInvalid::new("within", Invalid::new("out_of_range", "must be 1 to 10,080")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    member(&app, &grant, agent).await?;
    let now = app.now();
    let until = now + SignedDuration::from_mins(within.into());
    let question = pending(agent, (Some(now), until), format!("due within {within}"));
    listed(&app, &grant, &params, &question).await
}

/// A person's pending reminders that are due in a time, asked for in these words.
pub(crate) fn pending(agent: UserId, (since, until): (Option<Timestamp>, Timestamp), words: String) -> Question {
    let list = List::new(Slot::Two, "agent", Reminder::agent_status(agent, ReminderStatus::Pending));
    let asked = Asked { since, until: Some(until), shown: Shown::Filtered, sort: KIND.sort, words, ..Asked::of(&list) };
    Question { asked, residual: Filter::default() }
}
