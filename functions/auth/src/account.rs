//! The account of an address.

use domain::{EmailAddress, Grant, OrganizationId, User, UserId};
use jiff::Timestamp;
use store::{CommitError, Refused, StoreError, there};
use web::App;

/// The account of an address. Where there is none, one that cannot be is read, so that the time it takes tells
/// nothing. 2 reads.
pub(crate) async fn account(app: &App, everyone: &Grant, email: &EmailAddress) -> Result<Option<User>, StoreError> {
    let holder = app.table().holder::<User>(OrganizationId::PLATFORM, &User::email_claim(email)).await?;
    let id = holder.unwrap_or_else(|| UserId::at(Timestamp::UNIX_EPOCH, [0; 10]));
    there(app.table().get_to_change(everyone, id).await)
}

/// The organization that events and messages about somebody belong to: the one they want where they belong to it,
/// else their first; the platform where there is nobody.
pub(crate) fn home(user: Option<&User>, wanted: Option<OrganizationId>) -> OrganizationId {
    let Some(user) = user else { return OrganizationId::PLATFORM };
    let wanted = wanted.filter(|wanted| user.organizations.contains(wanted));
    wanted.or_else(|| user.organizations.first().copied()).unwrap_or(OrganizationId::PLATFORM)
}

/// What was written; `None` where somebody changed the same at the same time, and it must be looked at again.
pub(crate) fn unraced<T>(written: Result<T, CommitError>) -> Result<Option<T>, CommitError> {
    match written {
        Ok(written) => Ok(Some(written)),
        Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
