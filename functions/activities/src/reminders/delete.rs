//! `DELETE /reminders/{id}`.

use axum::extract::State;
use domain::{Permission, Reminder, ReminderId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a reminder: nobody is told, and none comes after it. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/reminders/{id}", tag = "reminders",
    params(("id" = ReminderId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn reminder_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReminderId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersWrite)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |reminder: Reminder| Ok(reminder.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
