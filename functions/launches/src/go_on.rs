//! A campaign goes on by one step.

use domain::campaign::{Campaign, Next, Stage};
use domain::{CampaignId, CampaignStatus, Change, Grant};
use jiff::SignedDuration;
use runtime::Platform;
use store::{CommitError, ReadError, Refused};

use crate::Undone;
use crate::halt::halts;
use crate::page::{Paged, page};

/// The rest before a winner is looked for again, at least.
const REST: SignedDuration = SignedDuration::from_mins(1);

/// Does what comes next of a campaign: 1 read, and what that costs; then the message for the step after it.
pub(crate) async fn go_on(platform: &Platform, grant: &Grant, id: CampaignId, people: u32) -> Result<(), Undone> {
    let campaign: Campaign = match platform.table().get_to_change(grant, id).await {
        Ok(campaign) => campaign,
        Err(ReadError::NotFound) => {
            tracing::warn!(campaign = %id, "a campaign to go on with is not there");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let now = platform.now();
    match campaign.next(now) {
        Next::Nothing => Ok(()),
        Next::Begin => Box::pin(begin(platform, grant, campaign)).await,
        Next::Plan(at_most) => Box::pin(plan(platform, grant, campaign, at_most.min(people))).await,
        Next::Rest(until) => write(platform, grant, campaign.rests(until, now), false).await.map(drop),
        Next::Decide => decide(platform, grant, campaign).await,
        Next::Check => {
            let (figures, _) = platform.campaign_figures(grant, &campaign).await?;
            let change = campaign.looked_at(&figures, now);
            let is_news = change.after.status == CampaignStatus::Completed;
            write(platform, grant, change, is_news).await.map(drop)
        }
    }
}

/// It begins with whom it is for and what it says as that stands now, at the cost of
/// [`resolve_campaign`](Platform::resolve_campaign) and 1 transaction; one that cannot begin any more has failed.
async fn begin(platform: &Platform, grant: &Grant, campaign: Campaign) -> Result<(), Undone> {
    let now = platform.now();
    let change = match platform.resolve_campaign(grant, &campaign).await? {
        Ok((audience, words)) => match campaign.begin(audience, words, now) {
            Ok(change) => change,
            Err(_) => return Ok(()),
        },
        Err(wrong) => {
            let why = wrong.first().map_or("invalid", |wrong| wrong.invalid.code);
            tracing::warn!(campaign = %campaign.id, why, "a campaign cannot begin");
            campaign.fail(why.to_owned(), now)
        }
    };
    let begins = change.after.status == CampaignStatus::Active;
    if let Some(campaign) = write(platform, grant, change, true).await?.filter(|_| begins) {
        platform.send_campaign(&campaign).await;
    }
    Ok(())
}

/// Plans the next page and moves the campaign behind it. What got nowhere so far is looked at before: 1 `BatchGetItem`.
async fn plan(platform: &Platform, grant: &Grant, campaign: Campaign, at_most: u32) -> Result<(), Undone> {
    if Box::pin(halts(platform, grant, &campaign)).await? {
        return Ok(());
    }
    let Some(Paged { tally, next }) = Box::pin(page(platform, grant, &campaign, at_most)).await? else {
        return Ok(());
    };
    let change = campaign.moved(next, &tally, platform.now());
    let goes_on = change.after.progress.stage == Stage::Planning;
    if let Some(campaign) = write(platform, grant, change, !goes_on).await?.filter(|_| goes_on) {
        platform.send_campaign(&campaign).await;
    }
    Ok(())
}

/// Looks for the winner of its test: 1 `BatchGetItem`, 1 write.
async fn decide(platform: &Platform, grant: &Grant, campaign: Campaign) -> Result<(), Undone> {
    let now = platform.now();
    let (_, figures) = platform.campaign_figures(grant, &campaign).await?;
    let waited = campaign.waited(now);
    let winner = campaign.experiment.as_ref().and_then(|experiment| experiment.winner(&figures, waited));
    let Some(winner) = winner else {
        let rest = (waited / 4).max(REST);
        return write(platform, grant, campaign.rests(now + rest, now), false).await.map(drop);
    };
    if let Some(campaign) = write(platform, grant, campaign.decided(winner, now), true).await? {
        platform.send_campaign(&campaign).await;
    }
    Ok(())
}

/// Writes a move, as an event where it is news. `None` where somebody changed the campaign at the same time: another worker
/// did the same step and sees to the next, or the clock has just sent this one again. Whoever of them dies before that is
/// made up for by the clock.
pub(crate) async fn write(
    platform: &Platform,
    grant: &Grant,
    change: Change<Campaign>,
    is_news: bool,
) -> Result<Option<Campaign>, Undone> {
    let written = if is_news {
        platform.table().commit(grant, change).await
    } else {
        platform.table().commit_unseen(grant, change).await
    };
    match written {
        Ok(campaign) => Ok(Some(campaign)),
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
