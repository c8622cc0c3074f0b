//! `POST /reminders/{id}/restore`.

use axum::extract::State;
use domain::{Permission, Reminder, ReminderId};
use views::ReminderView;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// Brings a deleted reminder back; if it is past due and was not told of, it is told of now.
#[utoipa::path(
    post, path = "/reminders/{id}/restore", tag = "reminders",
    params(("id" = ReminderId, Path)),
    responses((status = 200, body = Envelope<ReminderView>, headers(("ETag" = String)))),
)]
pub(crate) async fn reminder_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReminderId>,
) -> Result<Versioned<ReminderView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersWrite)?;
    let reminder: Reminder = app.table().get_deleted(&grant, id).await?;
    let reminder = app.table().commit(&grant, reminder.restore(app.now())).await?;
    let version = reminder.meta.version;
    Ok(Versioned(reminder.into(), version))
}
