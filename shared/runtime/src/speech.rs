//! Words for somebody outside: whether they may be sent now, and what is written where they are.
//!
//! One decision and one shape for all who write to people: a communication on the timeline, the message that carries it,
//! and what it counts against.

use domain::communication::{CommunicationDetails, Placing};
use domain::message::Recipient;
use domain::outreach::{Dlt, Verdict, may_send};
use domain::{
    Change, Communication, ContactAddress, ContactChannel, ContactPurpose, Grant, Message, MessageId, Outreach,
    ReachabilityId, Record,
};
use jiff::Timestamp;
use store::{CapCount, CommitError, Reach, StoreError, Transaction};

use crate::Platform;

/// Words for somebody outside, and where they go.
#[derive(Debug, Clone)]
pub struct Speech {
    /// Over which channel.
    pub channel: ContactChannel,
    /// What is said. Its `scheduled_at` is when at the earliest.
    pub details: CommunicationDetails,
    /// Where it stands; its contact is whom it goes to.
    pub placing: Placing,
    /// The id that the message gets.
    pub message: MessageId,
    /// The zone of the person, where it is known.
    pub zone: Option<String>,
    /// The registration of the text, for SMS.
    pub dlt: Option<Dlt>,
}

/// What is written where it is said: together, or not at all.
#[derive(Debug, Clone)]
pub struct Spoken {
    /// What stands on the timeline.
    pub communication: Change<Communication>,
    /// What carries it; nothing carries a call, which people make.
    pub message: Option<Change<Message>>,
    /// What it counts against, where it is marketing and there is a cap.
    pub count: Option<CapCount>,
}

impl Speech {
    /// Whom it goes to; `None` where that does not fit its channel.
    fn to(&self) -> Option<(ContactAddress, ReachabilityId)> {
        self.placing.contact.clone().filter(|(address, _)| address.fits(self.channel).is_ok())
    }

    /// What it is to whoever gets it.
    fn outreach(&self, contact: ReachabilityId) -> Outreach {
        let is_held = self.details.template.as_ref().is_some_and(|template| template.held.is_some());
        Outreach {
            purpose: self.details.purpose,
            contact,
            lead: self.placing.lead,
            zone: self.zone.clone(),
            dlt: self.dlt.clone(),
            is_free: self.channel == ContactChannel::Whatsapp && !is_held,
        }
    }

    /// Whether it may be sent now, by what is known of whom it goes to.
    pub fn verdict(&self, reach: &Reach, now: Timestamp) -> Verdict {
        may_send(self.channel, self.details.purpose, &reach.facts, now)
    }

    /// What is to be written for it to go out, `not_before` a moment; `None` where its address does not fit its channel.
    pub fn spoken(self, reach: Reach, not_before: Option<Timestamp>) -> Option<Spoken> {
        let (address, contact) = self.to()?;
        let outreach = self.outreach(contact);
        let count = reach.count.filter(|_| self.details.purpose == ContactPurpose::Marketing);
        let to = match (self.channel, address) {
            (ContactChannel::Email, ContactAddress::Email(email)) => Recipient::Email(email),
            (ContactChannel::Sms, ContactAddress::Phone(number)) => Recipient::Sms(number),
            (ContactChannel::Whatsapp, ContactAddress::Phone(number)) => Recipient::Whatsapp(number),
            (ContactChannel::Phone, ContactAddress::Phone(_)) => {
                let communication = Communication::ask_to_call(self.details, self.placing);
                return Some(Spoken { communication, message: None, count });
            }
            _ => return None,
        };
        let Placing { id, organization, now, .. } = self.placing;
        let queued = Message::speak(self.message, organization, to, id, not_before, now);
        let message = Some(Message::reaching(queued, outreach));
        let communication = Communication::carry(self.details, self.placing, self.message);
        Some(Spoken { communication, message, count })
    }
}

impl Spoken {
    /// Both changes with something said of each: what led to them.
    #[must_use]
    pub fn told(self, tell: &impl Tell) -> Self {
        let Self { communication, message, count } = self;
        Self { communication: tell.of(communication), message: message.map(|message| tell.of(message)), count }
    }

    /// Adds it to a transaction, and returns what stands on the timeline as it will be. Refused as
    /// [`Refused::Guard`](store::Refused::Guard) where its contact has had as much as there may be.
    pub fn push(
        self,
        transaction: &mut Transaction<'_>,
        grant: &Grant,
        now: Timestamp,
    ) -> Result<Communication, CommitError> {
        let Self { communication, message, count } = self;
        let communication = transaction.push(grant, communication)?;
        if let Some(message) = message {
            transaction.push(grant, message)?;
        }
        if let Some(count) = count {
            transaction.count_outreach(grant, &count, now)?;
        }
        Ok(communication)
    }
}

/// Says of a change, of whatever record, what led to it.
pub trait Tell {
    /// The same change, with that.
    fn of<R: Record>(&self, change: Change<R>) -> Change<R>;
}

impl Platform {
    /// All that speaks for or against these words: 1 `BatchGetItem`.
    pub async fn reach_of(&self, grant: &Grant, speech: &Speech, now: Timestamp) -> Result<Option<Reach>, StoreError> {
        Ok(self.reach_of_all(grant, speech.channel, &[speech], now).await?.into_iter().next().flatten())
    }

    /// The same for many over one channel, in their order: 1 `BatchGetItem` for each 32 of them. `None` for one whose address
    /// does not fit the channel.
    pub async fn reach_of_all(
        &self,
        grant: &Grant,
        channel: ContactChannel,
        speeches: &[&Speech],
        now: Timestamp,
    ) -> Result<Vec<Option<Reach>>, StoreError> {
        let asked: Vec<Option<(Outreach, bool)>> = speeches
            .iter()
            .map(|speech| speech.to().map(|(address, contact)| (speech.outreach(contact), address.is_indian())))
            .collect();
        let wanted: Vec<(&Outreach, bool)> =
            asked.iter().flatten().map(|(outreach, indian)| (outreach, *indian)).collect();
        let mut reached = self.table().reach_many(grant, channel, &wanted, now).await?.into_iter();
        Ok(asked.iter().map(|asked| asked.as_ref().and_then(|_| reached.next())).collect())
    }
}
