//! Reminders whose time has come.

use domain::reminder::CameDue;
use domain::{Caller, Organization, Permission, Record as _, Reminder, ReminderId};
use jiff::tz::TimeZone;
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Says that a reminder is due, once, and makes the one that comes after it: 1 read, 1 more for one that comes again,
/// 1 transaction. Whoever follows events tells its person. Says of one that is still to be done a quarter of an hour
/// later that it is overdue, once.
pub(crate) async fn tell(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").allow(Permission::RemindersWrite)?;
    let now = platform.now();
    let Some(reminder): Option<Reminder> = there(platform.table().get_to_change(&grant, due.id.parse()?).await)? else {
        return Ok(());
    };
    // The index is a moment behind: it may have been done, put off or told of meanwhile.
    if reminder.due().is_none_or(|at| at > now) {
        return Ok(());
    }
    if reminder.notified_at.is_some() {
        return match platform.table().commit(&grant, reminder.overdue(now)).await {
            Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
            Err(error) => Err(error.into()),
        };
    }
    let zone = match reminder.repeat {
        Some(_) => platform.table().get::<Organization>(&grant, due.organization).await?.time_zone(),
        None => TimeZone::UTC,
    };
    let CameDue { change, next } = reminder.came_due(ReminderId::at(now, platform.random()), &zone, now);
    let mut transaction = platform.table().transaction();
    transaction.push(&grant, change)?;
    if let Some(next) = next {
        transaction.push(&grant, next)?;
    }
    match transaction.commit().await {
        // Whoever changed it at the same time leaves it due, or not: the next minute sees.
        Ok(()) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
