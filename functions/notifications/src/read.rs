//! `PUT /notifications/{id}/read`.

use axum::extract::State;
use domain::{NotificationId, Permission};
use store::{CommitError, Refused};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, refuse_changed};

use crate::view::NotificationView;
use crate::{TRIES, reach};

/// Marks a notification as read; one that is read already stays as it is. 2 reads and 1 transaction of 3 items.
#[utoipa::path(
    put, path = "/notifications/{id}/read", tag = "notifications", params(("id" = NotificationId, Path)),
    responses((status = 200, description = "As it is now.", body = Envelope<NotificationView>)),
)]
pub(crate) async fn notification_read(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NotificationId>,
    if_match: IfMatch,
) -> Result<Versioned<NotificationView>, Problem> {
    for _ in 0..TRIES {
        let (grant, notification, inbox) = reach::one(&app, &signed_in, id, Permission::NotificationsWrite).await?;
        refuse_changed(&app, &grant, &notification, if_match, &["is_read"]).await?;
        if inbox.is_read(&notification) {
            let version = notification.meta.version;
            return Ok(Versioned(NotificationView::of(notification, &inbox), version));
        }
        let now = app.now();
        let mut transaction = app.table().transaction();
        let inbox = transaction.push(&grant, inbox.read(&notification, now))?;
        let notification = transaction.push(&grant, notification.read(now))?;
        match transaction.commit().await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let version = notification.meta.version;
                return Ok(Versioned(NotificationView::of(notification, &inbox), version));
            }
        }
    }
    Err(Refused::Conflict.into())
}
