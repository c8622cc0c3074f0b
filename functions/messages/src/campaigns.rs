//! Whether the campaign of a message is still under way.

use domain::{Campaign, CampaignId, CampaignStatus, Communication, Grant};
use jiff::SignedDuration;
use runtime::{Cache, Platform};
use store::{StoreError, there};

/// So many campaigns are remembered.
const MOST: usize = 1_000;
/// A campaign that was halted or cancelled is noticed after so long at the latest.
const GOOD: SignedDuration = SignedDuration::from_secs(5);

/// Where the campaigns stand whose messages this worker has sent.
#[derive(Debug)]
pub(crate) struct Campaigns(Cache<CampaignId, Option<CampaignStatus>>);

impl Campaigns {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// Where the campaign stands that planned a message; `None` where none did. One that is gone is as good as cancelled. 1
    /// read every 5 seconds.
    pub(crate) async fn status(
        &self,
        platform: &Platform,
        grant: &Grant,
        communication: Option<&Communication>,
    ) -> Result<Option<CampaignStatus>, StoreError> {
        let planned = communication.and_then(|one| one.campaign.as_ref()).filter(|campaign| campaign.is_planned);
        let Some(id) = planned.map(|campaign| campaign.id) else { return Ok(None) };
        let now = platform.now();
        if let Some(known) = self.0.get(&id, now) {
            return Ok(Some(known.unwrap_or(CampaignStatus::Cancelled)));
        }
        let campaign: Option<Campaign> = there(platform.table().get_to_change(grant, id).await)?;
        let status = campaign.map(|campaign| campaign.status);
        self.0.put(id, status, now + GOOD);
        Ok(Some(status.unwrap_or(CampaignStatus::Cancelled)))
    }
}
