//! What was decided for people, written once.

use domain::campaign::{CampaignRecipient, RecipientState, Tally};
use domain::outreach::Refusal;
use domain::{Change, Grant};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use runtime::Platform;
use store::{CommitError, MAX_TRANSACTION_ITEMS, Refused, Transaction};

use crate::Undone;
use crate::choose::{Chosen, Way};
use crate::reach::{Person, Said};

/// A person's recipient, a message with its row and their two events, a reminder with its event, what is counted.
const ITEMS: usize = 6;
/// People in a transaction.
const TOGETHER: usize = MAX_TRANSACTION_ITEMS / ITEMS;
/// A transaction has at most 4 MB; of people with longer words there are fewer in one.
const LONG: usize = 32 * 1_024;
const FEW: usize = 4;
/// Transactions at the same time.
const AT_ONCE: usize = 4;

/// What was decided for a person.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    recipient: Change<CampaignRecipient>,
    way: Option<Way>,
}

impl Planned {
    /// What came of the choice: they are written to over the channel that was chosen, or turned away.
    pub(crate) fn chosen(said: &Said<'_>, chosen: Chosen) -> Self {
        let Chosen { person, passed, way } = chosen;
        let planning = said.planning(&person);
        let recipient = match &way {
            Some(way) => CampaignRecipient::planned(planning, way.channel, way.communication(), passed),
            None => CampaignRecipient::refused(planning, passed),
        };
        Self { recipient, way }
    }

    /// Nobody writes to them, so that one can see what they do by themselves.
    pub(crate) fn held_out(said: &Said<'_>, person: &Person) -> Self {
        Self { recipient: CampaignRecipient::held_out(said.planning(person)), way: None }
    }

    fn push(self, transaction: &mut Transaction<'_>, grant: &Grant, now: Timestamp) -> Result<(), CommitError> {
        let Self { recipient, way } = self;
        transaction.push(grant, recipient)?;
        match way {
            Some(way) => way.push(transaction, grant, now),
            None => Ok(()),
        }
    }

    fn length(&self) -> usize {
        self.way.as_ref().map_or(0, Way::length)
    }
}

/// Writes what was decided, each person's in one piece, 16 people a transaction: 1 transaction for these, or where some of
/// them were planned before, 1 `BatchGetItem` and 1 for each of the others. What was planned, by what stands.
pub(crate) async fn write(
    platform: &Platform,
    grant: &Grant,
    planned: Vec<Planned>,
    now: Timestamp,
) -> Result<Tally, Undone> {
    let longest = planned.iter().map(Planned::length).max().unwrap_or(0);
    let together = if longest > LONG { FEW } else { TOGETHER };
    let chunks: Vec<Vec<Planned>> = planned.chunks(together).map(<[Planned]>::to_vec).collect();
    let tallies = stream::iter(chunks).map(|chunk| write_together(platform, grant, chunk, now));
    tallies
        .buffer_unordered(AT_ONCE)
        .try_fold(Tally::default(), async |mut all, tally| {
            all.add(&tally);
            Ok(all)
        })
        .await
}

async fn write_together(
    platform: &Platform,
    grant: &Grant,
    planned: Vec<Planned>,
    now: Timestamp,
) -> Result<Tally, Undone> {
    let mut transaction = platform.table().transaction();
    for one in planned.clone() {
        one.push(&mut transaction, grant, now)?;
    }
    let mut tally = Tally::default();
    match transaction.commit().await {
        Ok(()) => {
            for one in &planned {
                count(&mut tally, &one.recipient.after);
            }
            Ok(tally)
        }
        // Some were planned before, or have had as much as there may be meanwhile: each by themselves.
        Err(CommitError::Refused { .. }) => {
            let ids: Vec<_> = planned.iter().map(|one| one.recipient.after.id).collect();
            let known = platform.table().get_many_to_change::<CampaignRecipient>(grant, &ids).await?;
            for one in planned {
                let recipient = match known.get(&one.recipient.after.id) {
                    Some(known) => known.clone(),
                    None => Box::pin(write_alone(platform, grant, one, now)).await?,
                };
                count(&mut tally, &recipient);
            }
            Ok(tally)
        }
        Err(error) => Err(error.into()),
    }
}

async fn write_alone(
    platform: &Platform,
    grant: &Grant,
    planned: Planned,
    now: Timestamp,
) -> Result<CampaignRecipient, Undone> {
    let recipient = planned.recipient.clone();
    let mut transaction = platform.table().transaction();
    planned.push(&mut transaction, grant, now)?;
    match transaction.commit().await {
        Ok(()) => Ok(recipient.after),
        Err(CommitError::Refused { refused: Refused::Exists, .. }) => {
            Ok(platform.table().get_to_change(grant, recipient.after.id).await?)
        }
        Err(CommitError::Refused { refused: Refused::Guard, .. }) => {
            let CampaignRecipient { mut passed, channel, .. } = recipient.after.clone();
            passed.extend(channel.map(|channel| (channel, Refusal::FrequencyCap.to_string())));
            let id = recipient.after.id;
            let refused = recipient.after.turned_away(passed);
            match platform.table().commit(grant, refused).await {
                Ok(recipient) => Ok(recipient),
                Err(CommitError::Refused { refused: Refused::Exists, .. }) => {
                    Ok(platform.table().get_to_change(grant, id).await?)
                }
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn count(tally: &mut Tally, recipient: &CampaignRecipient) {
    match recipient.state {
        RecipientState::Planned => tally.messages += 1,
        RecipientState::HeldOut => tally.held_out += 1,
        RecipientState::Refused => {
            *tally.refused.entry(recipient.reason().unwrap_or("unknown").to_owned()).or_default() += 1;
        }
    }
}
