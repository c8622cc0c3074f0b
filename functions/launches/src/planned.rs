//! What was decided for people, written once.

use domain::campaign::{CampaignRecipient, RecipientState, Tally};
use domain::communication::CommunicationDetails;
use domain::outreach::Refusal;
use domain::reminder::{Remembering, ReminderDetails};
use domain::{Change, ContactChannel, FieldInvalid, Grant, Reminder, ReminderType};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use runtime::{Platform, Speech, Spoken};
use store::{CommitError, MAX_TRANSACTION_ITEMS, Reach, Refused, Transaction};

use crate::Undone;
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
    pub(crate) recipient: Change<CampaignRecipient>,
    pub(crate) spoken: Option<Spoken>,
    pub(crate) reminder: Option<Change<Reminder>>,
}

impl Planned {
    /// Somebody is written to: these words, at once or when it may be.
    pub(crate) fn to(
        said: &Said<'_>,
        person: &Person,
        speech: Speech,
        reach: Reach,
        not_before: Option<Timestamp>,
        passed: Vec<(ContactChannel, String)>,
    ) -> Option<Self> {
        let (channel, communication) = (speech.channel, speech.placing.id);
        let reminder = (channel == ContactChannel::Phone).then(|| reminder(said, person, &speech.details)).transpose();
        let planning = said.planning(person);
        Some(Self {
            spoken: Some(speech.spoken(reach, not_before)?),
            recipient: CampaignRecipient::planned(planning, channel, communication, passed),
            reminder: reminder.ok()?,
        })
    }

    /// Nobody writes to them.
    pub(crate) const fn alone(recipient: Change<CampaignRecipient>) -> Self {
        Self { recipient, spoken: None, reminder: None }
    }

    fn push(self, transaction: &mut Transaction<'_>, grant: &Grant, now: Timestamp) -> Result<(), CommitError> {
        let Self { recipient, spoken, reminder } = self;
        transaction.push(grant, recipient)?;
        if let Some(spoken) = spoken {
            spoken.push(transaction, grant, now)?;
        }
        if let Some(reminder) = reminder {
            transaction.push(grant, reminder)?;
        }
        Ok(())
    }

    fn length(&self) -> usize {
        let Some(Spoken { communication, .. }) = &self.spoken else { return 0 };
        let parts = [&communication.after.content, &communication.after.html];
        parts.into_iter().flatten().map(|text| text.as_str().len()).sum()
    }
}

/// What asks whoever works on somebody to call them, now.
fn reminder(
    said: &Said<'_>,
    person: &Person,
    details: &CommunicationDetails,
) -> Result<Change<Reminder>, Vec<FieldInvalid>> {
    let lead = &person.lead;
    let name = lead.full_name.as_ref().map_or("a lead", |name| name.as_str());
    let title: String = format!("Call {name}: {}", said.campaign.name).chars().take(120).collect();
    let script: Option<String> = details.content.as_ref().map(|text| text.as_str().chars().take(5_000).collect());
    let details = ReminderDetails {
        title: title.parse().map_err(|invalid| vec![FieldInvalid::new("title", invalid)])?,
        description: script.and_then(|script| script.parse().ok()),
        due_at: said.now,
        priority: None,
        kind: Some(ReminderType::Call),
        repeat: None,
    };
    let remembering = Remembering {
        id: said.reminder(lead),
        organization: said.organization.id,
        branch: lead.branch_id,
        agent: lead.assigned_to.unwrap_or(said.launch.by),
        lead: Some(lead.id),
        call: None,
        now: said.now,
    };
    Reminder::create(details, remembering)
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
