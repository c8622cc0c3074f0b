//! Approvals whose time is over.

use domain::{ApprovalRequest, Caller, Permission, Record as _};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Does what a request's step says of its deadline, once: 1 read, 1 to 4 more where others have to decide then, 1
/// transaction.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").allow(Permission::ApprovalsWrite)?;
    let now = platform.now();
    let read = platform.table().get_to_change(&grant, due.id.parse()?).await;
    let Some(request): Option<ApprovalRequest> = there(read)? else { return Ok(()) };
    // The index is a moment behind: it may have been decided meanwhile.
    if request.due().is_none_or(|at| at > now) {
        return Ok(());
    }
    let people = platform.wanted(&grant, &request).await?;
    match platform.commit_approval(&grant, request.came_due(&people, now)).await {
        // Whoever decided it at the same time leaves it due, or not: the next minute sees.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
