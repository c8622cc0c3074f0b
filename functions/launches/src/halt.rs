//! A campaign halts by itself when too much of it gets nowhere.

use domain::Grant;
use domain::campaign::Campaign;
use runtime::Platform;

use crate::Undone;
use crate::go_on::write;

/// The reason of a campaign that halted as too much got nowhere.
const ERROR_RATE: &str = "error_rate";

/// Whether a campaign has too many errors by its figures, and is halted for them where it is under way: 1 `BatchGetItem`, and
/// 1 transaction where it is. Where somebody else changed it at the same time, the next look halts it.
pub(crate) async fn halts(platform: &Platform, grant: &Grant, campaign: &Campaign) -> Result<bool, Undone> {
    let (figures, _) = platform.campaign_figures(grant, campaign).await?;
    if !campaign.has_too_many_errors(&figures) {
        return Ok(false);
    }
    if let Ok(change) = campaign.clone().pause(Some(ERROR_RATE), platform.now()) {
        tracing::warn!(campaign = %campaign.id, "a campaign halts, as too much of it gets nowhere");
        write(platform, grant, change, true).await?;
    }
    Ok(true)
}
