//! What a new organization begins with.

use domain::{Caller, Change, Permission, RetentionPolicy};
use runtime::Platform;
use store::{CommitError, Refused, StreamImage};

use crate::error::Unfollowed;

const REGISTERED: &str = "organization.registered";

/// Gives each new organization its retention policy, by which the clock finds it every day.
pub(crate) async fn begin(platform: &Platform, images: &[StreamImage]) -> Result<(), Unfollowed> {
    for event in
        images.iter().filter_map(|image| image.new_event(platform.table().keys(), |text| text.contains(REGISTERED)))
    {
        let event = event?;
        if event.kind != REGISTERED {
            continue;
        }
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
