//! `POST /reminders/{id}/complete`.

use axum::extract::State;
use domain::{Permission, Reminder, ReminderId};
use views::ReminderView;
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::followed;

/// It is done; the one that comes after it is made, if it was not before. Asked again, it answers the same and changes
/// nothing; 409 `not_pending` where it was cancelled.
#[utoipa::path(
    post, path = "/reminders/{id}/complete", tag = "reminders",
    params(("id" = ReminderId, Path)),
    responses((status = 200, body = Envelope<ReminderView>, headers(("ETag" = String)))),
)]
pub(crate) async fn reminder_complete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReminderId>,
) -> Result<Versioned<ReminderView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let (now, next) = (app.now(), ReminderId::at(app.now(), app.platform().random()));
    let reminder = followed(&app, &grant, id, IfMatch(None), &[], |reminder: Reminder| {
        let cancelled = |_| Problem::conflict("not_pending", "The reminder was cancelled.");
        reminder.complete(next, &zone, now).map_err(cancelled)
    })
    .await?;
    let version = reminder.meta.version;
    Ok(Versioned(reminder.into(), version))
}
