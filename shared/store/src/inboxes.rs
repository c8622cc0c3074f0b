//! Puts notifications into inboxes.

use std::time::Duration;

use domain::notification::Arriving;
use domain::{Grant, Inbox, Notification, NotificationPreferences, UserId};
use jiff::Timestamp;

use crate::error::{CommitError, ReadError, Refused, StoreError};
use crate::table::Table;

/// Tries against others who change the same inbox, and the rest after the first.
const TRIES: u32 = 8;
const REST: Duration = Duration::from_millis(5);

/// What became of a notification.
#[derive(Debug, Clone, PartialEq)]
pub enum Notified {
    /// It is in the inbox now.
    New(Box<Notification>),
    /// It has been there before.
    Known,
    /// The inbox takes no more of what expires.
    Full,
}

impl Table {
    /// Somebody's inbox as it is now: 1 `GetItem`, 1 read unit. One that nothing came to is empty.
    pub async fn inbox(&self, grant: &Grant, user: UserId, now: Timestamp) -> Result<Inbox, StoreError> {
        match self.get_to_change::<Inbox>(grant, Inbox::id_of(user)).await {
            Ok(inbox) => Ok(inbox),
            Err(ReadError::NotFound) => Ok(Inbox::new(grant.organization(), user, now)),
            Err(ReadError::Store(error)) => Err(error),
        }
    }

    /// How somebody wants to be told: 1 `GetItem`, 1 read unit. Of who chose nothing, what is usual.
    pub async fn notification_preferences(
        &self,
        grant: &Grant,
        user: UserId,
        now: Timestamp,
    ) -> Result<NotificationPreferences, StoreError> {
        match self.get_to_change::<NotificationPreferences>(grant, NotificationPreferences::id_of(user)).await {
            Ok(preferences) => Ok(preferences),
            Err(ReadError::NotFound) => Ok(NotificationPreferences::new(grant.organization(), user, now)),
            Err(ReadError::Store(error)) => Err(error),
        }
    }

    /// Puts a notification into its receiver's inbox, once for each id: 1 read and 1 transaction of 3 items.
    pub async fn notify(&self, grant: &Grant, arriving: &Arriving, now: Timestamp) -> Result<Notified, CommitError> {
        let mut rest = REST;
        for _ in 0..TRIES {
            let inbox = self.inbox(grant, arriving.user, now).await?;
            let Ok((notification, inbox)) = inbox.receive(arriving.clone(), now) else {
                return self.refused(grant, arriving).await;
            };
            let mut transaction = self.transaction();
            let notification = transaction.push(grant, notification)?;
            transaction.push(grant, inbox)?;
            match transaction.commit().await {
                Ok(()) => return Ok(Notified::New(Box::new(notification))),
                Err(CommitError::Refused { all, .. }) if all.contains(&(0, Refused::Exists)) => {
                    return Ok(Notified::Known);
                }
                Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(rest).await;
            rest *= 2;
        }
        Err(CommitError::refused(0, Refused::Conflict))
    }

    /// A full inbox may have had it before it was full: 1 read.
    async fn refused(&self, grant: &Grant, arriving: &Arriving) -> Result<Notified, CommitError> {
        match self.get_to_change::<Notification>(grant, arriving.id).await {
            Ok(_) => Ok(Notified::Known),
            Err(ReadError::NotFound) => Ok(Notified::Full),
            Err(ReadError::Store(error)) => Err(error.into()),
        }
    }
}
