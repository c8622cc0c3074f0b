//! Campaigns whose time has come, and those that have not moved for a lease.

use domain::campaign::{CampaignStep, CampaignWork};
use domain::{Caller, Campaign, Record as _};
use runtime::Platform;
use store::{CommitError, Due, Refused, there};

use crate::TickError;

/// Sends the step again and gives the campaign another lease: 1 read, 1 message, 1 write. A step can be done twice, so one
/// that was not lost after all does no harm.
pub(crate) async fn look_after(platform: &Platform, due: &Due) -> Result<(), TickError> {
    let grant = Caller::system(due.organization, "tick").own();
    let Some(campaign): Option<Campaign> = there(platform.table().get_to_change(&grant, due.id.parse()?).await)? else {
        return Ok(());
    };
    // The index is a moment behind: it may have moved meanwhile.
    if campaign.due().is_none_or(|at| at > platform.now()) {
        return Ok(());
    }
    let step = CampaignStep { organization: due.organization, work: CampaignWork::GoOn { campaign: campaign.id } };
    // The lease first: a worker that is faster than the clock would find the campaign changed under it.
    match platform.table().commit_unseen(&grant, campaign.looked_after(platform.now())).await {
        Ok(_) => {}
        // Whoever changed it at the same time moved it.
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    Ok(platform.launches()?.send(&step).await?)
}
