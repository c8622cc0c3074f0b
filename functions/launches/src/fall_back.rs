//! A message of a campaign got nowhere: the next channel that reaches its receiver takes its place.

use domain::campaign::{Campaign, CampaignRecipient};
use domain::{CampaignStatus, Communication, CommunicationId, CommunicationStatus, Grant, Lead};
use runtime::Platform;
use store::{CommitError, Refused, there};

use crate::Undone;
use crate::choose::{Chosen, choose};
use crate::halt::halts;
use crate::reach::{Person, Said};

/// Sends over the next channel what got nowhere over one, and halts the campaign where too much does: 2 reads, 1
/// `BatchGetItem`; then, where there is another channel, 4 reads, 1 `BatchGetItem` for each and 1 transaction. The message
/// that got nowhere, the one in its place and the recipient move in one piece, so that none is replaced twice.
pub(crate) async fn fall_back(platform: &Platform, grant: &Grant, id: CommunicationId) -> Result<(), Undone> {
    let table = platform.table();
    let Some(failed): Option<Communication> = there(table.get_to_change(grant, id).await)? else { return Ok(()) };
    let Some(of) = failed.campaign.clone().filter(|of| of.is_planned) else { return Ok(()) };
    if failed.status != CommunicationStatus::Failed || failed.replaced_by.is_some() {
        return Ok(());
    }
    let Some(campaign): Option<Campaign> = there(table.get_to_change(grant, of.id).await)? else { return Ok(()) };
    if campaign.status == CampaignStatus::Active {
        Box::pin(halts(platform, grant, &campaign)).await?;
    }
    if matches!(campaign.status, CampaignStatus::Cancelled | CampaignStatus::Failed) || campaign.channels.len() < 2 {
        return Ok(());
    }
    // It may have reached them, and nobody is written to twice.
    if failed.is_in_doubt() {
        return Ok(());
    }
    let (Some(launch), Some(lead)) = (&campaign.launch, failed.lead_id) else { return Ok(()) };
    let Some(lead): Option<Lead> = there(table.get(grant, lead).await)? else { return Ok(()) };
    let person = Person { lead, variant: of.variant.unwrap_or_default() };
    let people = std::slice::from_ref(&person);
    let said = Said::to(platform, grant, (&campaign, launch), people).await?;
    let recipient: Option<CampaignRecipient> = there(table.get_to_change(grant, said.recipient(&person.lead)).await)?;
    let Some(recipient) = recipient.filter(|recipient| recipient.communication == Some(id)) else { return Ok(()) };
    let Some(tried) = recipient.channel else { return Ok(()) };
    let why = failed.refusal.map_or("failed", |refusal| refusal.as_str());
    let behind = campaign.channels.iter().copied().skip_while(|channel| *channel != tried).skip(1);
    let chosen = choose(grant, &said, behind, vec![person]).await?.pop();
    let Some(Chosen { person: _, passed, way: Some(way) }) = chosen else { return Ok(()) };
    let passed = std::iter::once((tried, why.to_owned())).chain(passed).collect();
    let next = way.communication();
    let mut transaction = table.transaction();
    transaction.push(grant, failed.replaced(next, said.now))?;
    transaction.push(grant, recipient.fell_back(way.channel, next, passed, said.now))?;
    way.push(&mut transaction, grant, said.now)?;
    match transaction.commit().await {
        // Another worker did the same.
        Ok(()) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => Ok(()),
        // One of them changed meanwhile, or its receiver has had as much as there may be: all is read anew.
        Err(CommitError::Refused { refused: Refused::Conflict | Refused::Guard, .. }) => Err(Undone::Crossed),
        Err(error) => Err(error.into()),
    }
}
