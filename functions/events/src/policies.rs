//! What a new organization begins with.

use domain::{Caller, Change, Permission, RetentionPolicy};
use runtime::Platform;
use store::{CommitError, Refused};

use crate::error::Unfollowed;
use crate::happened::Happened;

const REGISTERED: &str = "organization.registered";

/// Gives each new organization its retention policy, by which the clock finds it every day.
pub(crate) async fn begin(platform: &Platform, events: &[Happened]) -> Result<(), Unfollowed> {
    for Happened { event, .. } in events.iter().filter(|happened| happened.event.kind == REGISTERED) {
        let grant = Caller::system(event.organization, "events").allow(Permission::SecurityWrite)?;
        let policy = RetentionPolicy::new(event.organization, platform.now());
        match platform.table().commit(&grant, Change::create(policy, "retention_policy.created")).await {
            // The batch came again, or somebody was faster.
            Ok(_) | Err(CommitError::Refused { refused: Refused::Exists | Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
