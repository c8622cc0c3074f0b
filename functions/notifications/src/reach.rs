//! Whose notifications somebody may see and change: their own, and with a permission those of people in reach.

use domain::{Grant, Inbox, Notification, NotificationId, Permission, UserId};
use web::members::member;
use web::{App, Problem, SignedIn};

/// The proof for somebody's notifications; without one there is nobody there. A machine needs the permission for its
/// owner's too: they are not what its key was made for. No call for one's own, else 1 read.
pub(crate) async fn of(
    app: &App,
    signed_in: &SignedIn,
    user: UserId,
    permission: Permission,
) -> Result<Grant, Problem> {
    if user == signed_in.user {
        return if signed_in.session.is_some() {
            Ok(signed_in.own())
        } else {
            Ok(signed_in.caller.allow(permission)?)
        };
    }
    let grant = signed_in.caller.allow(permission).map_err(|_| Problem::not_found())?;
    member(app, &grant, user).await?;
    Ok(grant)
}

/// A notification that somebody may see or change, with its receiver's inbox: 2 reads, and 1 more for another's. What
/// has expired is not there.
pub(crate) async fn one(
    app: &App,
    signed_in: &SignedIn,
    id: NotificationId,
    permission: Permission,
) -> Result<(Grant, Notification, Inbox), Problem> {
    let now = app.now();
    let notification: Notification = app.table().get_to_change(&signed_in.own(), id).await?;
    if notification.is_expired(now) {
        return Err(Problem::not_found());
    }
    let grant = of(app, signed_in, notification.user, permission).await?;
    let inbox = app.table().inbox(&grant, notification.user, now).await?;
    Ok((grant, notification, inbox))
}
