//! `DELETE /notifications/{id}`.

use axum::extract::State;
use domain::{Change, NotificationId, Permission};
use store::{CommitError, Refused};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, refuse_changed};

use crate::{TRIES, reach};

/// Deletes a notification. 2 reads and 1 transaction of 3 items.
#[utoipa::path(
    delete, path = "/notifications/{id}", tag = "notifications", params(("id" = NotificationId, Path)),
    responses((status = 200, description = "It is gone.", body = Envelope<Deleted>)),
)]
pub(crate) async fn notification_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NotificationId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    for _ in 0..TRIES {
        let (grant, notification, inbox) = reach::one(&app, &signed_in, id, Permission::NotificationsWrite).await?;
        refuse_changed(&app, &grant, &notification, if_match, &[]).await?;
        let now = app.now();
        let mut transaction = app.table().transaction();
        transaction.push(&grant, inbox.drop_one(&notification, now))?;
        transaction.push(&grant, Change::delete(notification, now, "notification.deleted"))?;
        match transaction.commit().await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok(Data(Deleted::for_good(&id))),
        }
    }
    Err(Refused::Conflict.into())
}
