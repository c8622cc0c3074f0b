//! Over which channel somebody is written to.

use domain::outreach::Verdict;
use domain::{Change, CommunicationId, ContactChannel, Grant, Reminder};
use jiff::Timestamp;
use runtime::{Speech, Spoken};
use store::{CommitError, Reach, Transaction};

use crate::Undone;
use crate::reach::{NO_ADDRESS, NOT_WRITTEN, Person, Said};
use crate::remind::reminder;

/// What was chosen for a person.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) person: Person,
    /// Each channel that was passed over on the way, and the word of why.
    pub(crate) passed: Vec<(ContactChannel, String)>,
    /// The first channel that reaches them; `None` where none does.
    pub(crate) way: Option<Way>,
}

/// A channel that reaches a person, and all that is written where it is taken.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) channel: ContactChannel,
    spoken: Spoken,
    /// What asks their owner to call them, as nothing else carries a call.
    reminder: Option<Change<Reminder>>,
}

impl Way {
    /// `speech` over its channel, `not_before` a moment; or the word of why it cannot be.
    fn of(
        said: &Said<'_>,
        person: &Person,
        speech: Speech,
        reach: Reach,
        not_before: Option<Timestamp>,
    ) -> Result<Self, &'static str> {
        let channel = speech.channel;
        let reminder = (channel == ContactChannel::Phone).then(|| reminder(said, person, &speech.details)).transpose();
        let reminder = reminder.map_err(|_| NOT_WRITTEN)?;
        Ok(Self { channel, spoken: speech.spoken(reach, not_before).ok_or(NO_ADDRESS)?, reminder })
    }

    /// The id of what stands on the timeline.
    pub(crate) const fn communication(&self) -> CommunicationId {
        self.spoken.communication.after.id
    }

    /// How many bytes its words have.
    pub(crate) fn length(&self) -> usize {
        let said = &self.spoken.communication.after;
        [&said.content, &said.html].into_iter().flatten().map(|text| text.as_str().len()).sum()
    }

    /// Adds it to a transaction. Refused as [`Refused::Guard`](store::Refused::Guard) where its contact has had as much as there
    /// may be.
    pub(crate) fn push(
        self,
        transaction: &mut Transaction<'_>,
        grant: &Grant,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let Self { channel: _, spoken, reminder } = self;
        spoken.push(transaction, grant, now)?;
        if let Some(reminder) = reminder {
            transaction.push(grant, reminder)?;
        }
        Ok(())
    }
}

/// Chooses for each the first of these channels that reaches them: 1 `BatchGetItem` for each channel and 32 of those whom
/// none before it reaches. In no order.
pub(crate) async fn choose(
    grant: &Grant,
    said: &Said<'_>,
    channels: impl IntoIterator<Item = ContactChannel>,
    people: Vec<Person>,
) -> Result<Vec<Chosen>, Undone> {
    let mut chosen = Vec::with_capacity(people.len());
    let mut left: Vec<Chosen> =
        people.into_iter().map(|person| Chosen { person, passed: Vec::new(), way: None }).collect();
    for channel in channels {
        let (mut asked, mut passed_over) = (Vec::new(), Vec::new());
        for mut one in left {
            match said.speech(&one.person, channel) {
                Ok(speech) => asked.push((one, speech)),
                Err(why) => {
                    one.passed.push((channel, why.to_owned()));
                    passed_over.push(one);
                }
            }
        }
        let speeches: Vec<_> = asked.iter().map(|(_, speech)| speech).collect();
        let reached = said.platform.reach_of_all(grant, channel, &speeches, said.now).await?;
        for ((mut one, speech), reach) in asked.into_iter().zip(reached) {
            match taken(said, &one.person, speech, reach) {
                Ok(way) => chosen.push(Chosen { way: Some(way), ..one }),
                Err(why) => {
                    one.passed.push((channel, why.to_owned()));
                    passed_over.push(one);
                }
            }
        }
        left = passed_over;
    }
    chosen.extend(left);
    Ok(chosen)
}

/// The way over a channel by what is known of whoever it goes to, or the word of why there is none.
fn taken(said: &Said<'_>, person: &Person, speech: Speech, reach: Option<Reach>) -> Result<Way, &'static str> {
    let reach = reach.ok_or(NO_ADDRESS)?;
    let not_before = match speech.verdict(&reach, said.now) {
        Verdict::Send => None,
        Verdict::Defer(until) => Some(until),
        Verdict::Refuse(refusal) => return Err(refusal.as_str()),
    };
    Way::of(said, person, speech, reach, not_before)
}
