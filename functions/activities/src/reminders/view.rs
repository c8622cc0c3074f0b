//! `GET /reminders/{id}`.

use axum::extract::State;
use domain::{Permission, Reminder, ReminderId};
use views::ReminderView;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// Shows a reminder. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/reminders/{id}", tag = "reminders",
    params(("id" = ReminderId, Path)),
    responses((status = 200, body = Envelope<ReminderView>, headers(("ETag" = String)))),
)]
pub(crate) async fn reminder_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReminderId>,
) -> Result<Versioned<ReminderView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    let reminder: Reminder = app.table().get(&grant, id).await?;
    let version = reminder.meta.version;
    Ok(Versioned(reminder.into(), version))
}
