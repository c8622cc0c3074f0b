//! One message, from its claim to its end.

use std::sync::Arc;
use std::time::Duration;

use domain::communication::Carried;
use domain::message::{MAX_TRIES, MessageState, MessageStep, UNKNOWN};
use domain::outreach::contact_of;
use domain::{
    Caller, CampaignStatus, Change, Communication, CommunicationStatus, Grant, IntegrationHealth, Message, Recipient,
};
use jiff::SignedDuration;
use providers::{Attachment, Held, Outcome, Pass, SendError};
use runtime::ProviderFailure;
use serde_json::json;
use store::{CommitError, ReadError, Refused, there};

use crate::Messages;
use crate::channel::{self, Unsent};
use crate::doubt::goes_once;
use crate::error::Undone;
use crate::files::{Lacking, files};
use crate::need::{Need, Sender, need};
use crate::ways::Connected;

/// How long a provider may take, so that ten slow answers fit into the function's minute.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a message is taken up that others change at the same moment.
const TAKES: usize = 3;
/// A message of a campaign that was halted is looked at again after so long.
const HALTED: SignedDuration = SignedDuration::from_mins(5);
/// A wait for leave to send that is no longer than this is waited for, so many times.
const SHORT: SignedDuration = SignedDuration::from_millis(500);
const WAITS: usize = 3;
/// Rests between tries to write down what became of a message: worth some time, as what is not written down is
/// sent again.
const RESTS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];

/// A message that is ours until its lease is over.
pub(crate) struct Taken {
    pub(crate) message: Message,
    /// What it says, where that stands on somebody's timeline.
    pub(crate) communication: Option<Communication>,
    pub(crate) sender: Sender,
    /// The organization's own connection that it goes over.
    pub(crate) own: Option<Own>,
    /// The files that go with it.
    pub(crate) files: Vec<Attachment>,
}

/// The organization's own connection, how it fared so far, and leave to use it once.
pub(crate) struct Own {
    pub(crate) connected: Arc<Connected>,
    health: IntegrationHealth,
    pass: Pass,
}

/// What became of a message, and with it of what stands on somebody's timeline.
type Became = Option<(Change<Message>, Option<Change<Communication>>)>;

impl Messages {
    /// Sends the message unless it has ended, rests, or somebody else has it: 1 read, 2 writes. One that carries a
    /// notification is looked at once more before: 5 reads. One to somebody outside as well: 1 `BatchGetItem`, 1 read of how its
    /// connection fares, and 1 Query every 30 seconds for the organization's connections; what stands on their timeline is 1
    /// read and 1 write more, and its files 1 `BatchGetItem` and 1 `GetObject` for each.
    pub(crate) async fn deliver(&self, step: MessageStep) -> Result<(), Undone> {
        let grant = Caller::system(step.organization, "messages").own();
        let Some(mut taken) = Box::pin(self.take(&grant, step)).await? else { return Ok(()) };
        let sent = tokio::time::timeout(PATIENCE, channel::send(&self.platform, &mut taken)).await;
        let sent = sent.unwrap_or_else(|_| Err(Unsent::Unknown("the provider did not answer in time".to_owned())));
        let way = taken.own.as_ref().map(|own| &own.connected.way);
        let is_last = taken.message.tries >= MAX_TRIES || goes_once(&self.platform, &taken.message, way);
        let (now, tries) = (self.platform.now(), taken.message.tries);
        let integration = taken.own.take().map(|Own { connected, health, pass }| {
            let outcome = match &sent {
                Err(Unsent::NotTaken(_, rest)) => Outcome::Failed(*rest),
                Err(Unsent::Unknown(_)) => Outcome::Failed(None),
                Ok(_) | Err(Unsent::Refused(_) | Unsent::Gone(_)) => Outcome::Answered,
            };
            connected.breaker.tell(pass, outcome, now);
            (connected, health)
        });
        let own = integration.as_ref().map(|(connected, _)| &**connected);
        let Taken { message, communication, .. } = taken;
        let sent = match sent {
            Err(Unsent::Unknown(why)) if !is_last => Err(Unsent::NotTaken(why, None)),
            sent => sent,
        };
        match sent {
            Ok(provider_id) => {
                if let Some((own, health)) = &integration {
                    self.platform.note_success_after(&grant, own.integration, health.clone()).await;
                }
                // It went out, whoever has the record now.
                self.write_down(&grant, (message, communication), |message, communication| {
                    let carried = Carried { integration: own.map(|own| own.integration), id: provider_id.clone() };
                    let told = communication.map(|communication| communication.sent(carried, now, now));
                    Some((message.sent(provider_id.clone(), now), told))
                })
                .await
            }
            Err(Unsent::Gone(why)) => {
                self.write_down(&grant, (message, communication), |message, _| {
                    (message.tries == tries).then(|| (message.skipped(why, now), None))
                })
                .await
            }
            Err(Unsent::Refused(failure)) => {
                tracing::warn!(message = %message.id, failure, "a message is given up");
                self.note(&grant, &message, own, &failure, true).await;
                self.write_down(&grant, (message, communication), |message, communication| {
                    (message.tries == tries).then(|| gave_up(message.failed(&failure, now), communication, &failure))
                })
                .await
            }
            Err(Unsent::Unknown(failure)) => {
                tracing::warn!(message = %message.id, failure, "nobody knows whether a message went out");
                self.note(&grant, &message, own, &failure, false).await;
                self.write_down(&grant, (message, communication), |message, communication| {
                    (message.tries == tries).then(|| gave_up(message.failed(UNKNOWN, now), communication, UNKNOWN))
                })
                .await
            }
            Err(Unsent::NotTaken(failure, rest)) => {
                tracing::warn!(message = %message.id, failure, tries, "a message was not taken");
                self.note(&grant, &message, own, &failure, false).await;
                self.write_down(&grant, (message, communication), |message, communication| {
                    let change = (message.tries == tries).then(|| message.not_taken(&failure, rest, now))?;
                    let is_over = change.after.state == MessageState::Failed;
                    Some(if is_over { gave_up(change, communication, &failure) } else { (change, None) })
                })
                .await
            }
        }
    }

    /// Takes the message up if it is to be sent now, and writes down why where it is not.
    async fn take(&self, grant: &Grant, step: MessageStep) -> Result<Option<Taken>, Undone> {
        let platform = &self.platform;
        for _ in 0..TAKES {
            let message: Message = match platform.table().get_to_change(grant, step.message).await {
                Ok(message) => message,
                Err(ReadError::NotFound) => {
                    tracing::warn!(message = %step.message, "a message is gone");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            };
            let now = platform.now();
            if !message.is_waiting(now) {
                return Ok(None);
            }
            let communication = match message.communication {
                Some(id) => there::<Communication>(platform.table().get_to_change(grant, id).await)?,
                None => None,
            };
            let is_taken_back = match &communication {
                Some(communication) => communication.status == CommunicationStatus::Cancelled,
                None => message.communication.is_some(),
            };
            if is_taken_back {
                let why = "it was taken back";
                let skip = |message: Message, _| Some((message.skipped(why, now), None));
                self.write_down(grant, (message, communication), skip).await?;
                return Ok(None);
            }
            if Box::pin(self.is_held_by_campaign(grant, &message, communication.as_ref())).await? {
                return Ok(None);
            }
            let hopeless = match message.hopeless(now) {
                None if self.stays_in_doubt(grant, &message).await? => Some(UNKNOWN),
                why => why,
            };
            if let Some(why) = hopeless {
                tracing::warn!(message = %message.id, why, "a message is given up");
                let fail =
                    |message: Message, communication| Some(gave_up(message.failed(why, now), communication, why));
                self.write_down(grant, (message, communication), fail).await?;
                return Ok(None);
            }
            let sender = match need(platform, grant, &message, now).await? {
                Need::There(sender) => sender,
                Need::Gone(why) => {
                    let skip = |message: Message, _| Some((message.skipped(why, now), None));
                    self.write_down(grant, (message, communication), skip).await?;
                    return Ok(None);
                }
                Need::Later(until) => {
                    let defer = |message: Message, _| Some((message.deferred(until, now), None));
                    self.write_down(grant, (message, communication), defer).await?;
                    return Ok(None);
                }
                Need::Objected(refusal) => {
                    tracing::info!(message = %message.id, refusal = refusal.as_str(), "whom a message goes to objects");
                    let refuse = |message: Message, communication: Option<Communication>| {
                        let told = communication.and_then(|communication| communication.refused(refusal, now));
                        Some((message.refused(refusal, now), told))
                    };
                    self.write_down(grant, (message, communication), refuse).await?;
                    return Ok(None);
                }
            };
            let files = match files(platform, grant, &message, communication.as_ref()).await? {
                Ok(files) => files,
                Err(Lacking(why)) => {
                    tracing::warn!(message = %message.id, why, "a message is given up");
                    let fail =
                        |message: Message, communication| Some(gave_up(message.failed(why, now), communication, why));
                    self.write_down(grant, (message, communication), fail).await?;
                    return Ok(None);
                }
            };
            let own = match self.own(grant, &message).await? {
                Ok(own) => own,
                Err(Unready::Held(held)) => {
                    // The provider was not asked, so that is no try.
                    let until = now + held.rest();
                    let defer = |message: Message, _| Some((message.deferred(until, now), None));
                    self.write_down(grant, (message, communication), defer).await?;
                    return Ok(None);
                }
                Err(Unready::Wrong(why)) => {
                    tracing::warn!(message = %message.id, why, "a connection cannot be used");
                    self.note(grant, &message, None, &why, true).await;
                    let fail =
                        |message: Message, communication| Some(gave_up(message.failed(&why, now), communication, &why));
                    self.write_down(grant, (message, communication), fail).await?;
                    return Ok(None);
                }
            };
            match platform.table().commit_unseen(grant, message.taken(now)).await {
                Ok(message) => return Ok(Some(Taken { message, communication, sender, own, files })),
                // Another worker has it, or the clock noted at the same moment that it looked after it: the record tells.
                Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // The clock comes back to it.
        Ok(None)
    }

    /// Whether the campaign of a message halts, which puts it off, or was ended, which takes it back; either is written down.
    async fn is_held_by_campaign(
        &self,
        grant: &Grant,
        message: &Message,
        communication: Option<&Communication>,
    ) -> Result<bool, Undone> {
        let now = self.platform.now();
        let both = || (message.clone(), communication.cloned());
        match self.campaigns.status(&self.platform, grant, communication).await? {
            Some(CampaignStatus::Paused) => {
                let defer = |message: Message, _| Some((message.deferred(now + HALTED, now), None));
                self.write_down(grant, both(), defer).await?;
            }
            Some(CampaignStatus::Cancelled | CampaignStatus::Failed) => {
                let skip = |message: Message, communication: Option<Communication>| {
                    let told = communication.and_then(|communication| communication.cancel(now).ok());
                    Some((message.skipped("its campaign was ended", now), told))
                };
                self.write_down(grant, both(), skip).await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The organization's own connection for a message to somebody outside, and leave to use it.
    async fn own(&self, grant: &Grant, message: &Message) -> Result<Result<Option<Own>, Unready>, Undone> {
        let Some((channel, _)) = contact_of(&message.to).filter(|_| message.outreach.is_some()) else {
            return Ok(Ok(None));
        };
        Ok(match self.ways.own(&self.platform, grant, channel).await? {
            None => Ok(None),
            Some(Err(SendError::Refused(why) | SendError::NotTaken { why, .. } | SendError::Unknown(why))) => {
                Err(Unready::Wrong(why))
            }
            Some(Ok(connected)) => {
                let health = self.platform.health_of(grant, connected.integration).await?;
                match self.leave(&connected, &health).await {
                    Ok(pass) => Ok(Some(Own { connected, health, pass })),
                    Err(held) => Err(Unready::Held(held)),
                }
            }
        })
    }

    /// Leave to use a connection: by what all workers have seen of its provider, and by how often this one may ask it. A short
    /// wait is waited for, as the clock comes back to a message in minutes.
    async fn leave(&self, connected: &Connected, health: &IntegrationHealth) -> Result<Pass, Held> {
        for _ in 0..WAITS {
            let now = self.platform.now();
            if let Some(until) = health.left_alone_until(now) {
                return Err(Held::Open { rest: until.duration_since(now) });
            }
            match connected.breaker.ask(now) {
                Err(Held::Paced { rest }) if rest <= SHORT => tokio::time::sleep(rest.unsigned_abs()).await,
                asked => return asked,
            }
        }
        connected.breaker.ask(self.platform.now())
    }

    /// A provider's failure, in the log that the organization sees: 1 write, and what the connection's health costs.
    async fn note(&self, grant: &Grant, message: &Message, own: Option<&Connected>, why: &str, answered: bool) {
        let name = own.map_or_else(
            || match message.to {
                Recipient::Email(_) => "email",
                Recipient::Sms(_) => "sms",
                Recipient::Whatsapp(_) => "whatsapp",
                Recipient::Push(_) => "push",
            },
            |own| own.provider,
        );
        let (id, tried) = (message.id.to_string(), message.tries.to_string());
        let about = json!({"message": id, "template": message.template, "try": message.tries});
        let (key, since) = ([id.as_str(), tried.as_str()], message.meta.created_at);
        let integration = own.map(|own| own.integration);
        let failure = ProviderFailure { integration, name, activity: "message_send", why, about, key, since, answered };
        self.platform.note_failure(grant, &failure).await;
    }

    /// Commits what became of a message, also when its record has changed meanwhile, as long as it has not ended.
    /// `became` says what there is to tell of the records as they are.
    async fn write_down(
        &self,
        grant: &Grant,
        (mut message, mut communication): (Message, Option<Communication>),
        became: impl Fn(Message, Option<Communication>) -> Became,
    ) -> Result<(), Undone> {
        let table = self.platform.table();
        let mut rests = RESTS.into_iter();
        loop {
            let id = message.id;
            let Some((change, told)) = became(message.clone(), communication.clone()) else { return Ok(()) };
            // A rest between two tries is no news for anybody.
            let written = if change.after.state == MessageState::Queued {
                table.commit_unseen(grant, change).await.map(drop)
            } else if let Some(told) = told {
                let mut transaction = table.transaction();
                transaction.push(grant, change)?;
                transaction.push(grant, told)?;
                transaction.commit().await
            } else {
                table.commit(grant, change).await.map(drop)
            };
            let Err(error) = written else { return Ok(()) };
            let conflict = matches!(error, CommitError::Refused { refused: Refused::Conflict, .. });
            if !conflict && !matches!(&error, CommitError::Store(error) if error.is_busy()) {
                return Err(error.into());
            }
            let Some(rest) = rests.next() else { return Err(error.into()) };
            tokio::time::sleep(rest).await;
            if conflict {
                message = table.get_to_change(grant, id).await?;
                if message.state != MessageState::Queued {
                    return Ok(());
                }
                if let Some(known) = communication {
                    communication = there(table.get_to_change(grant, known.id).await)?;
                }
            }
        }
    }
}

/// Why a connection is not used now.
enum Unready {
    /// It rests.
    Held(Held),
    /// It is set wrongly.
    Wrong(String),
}

/// A message that is given up, and what stands on somebody's timeline with it.
fn gave_up(
    change: Change<Message>,
    communication: Option<Communication>,
    why: &str,
) -> (Change<Message>, Option<Change<Communication>>) {
    let now = change.after.meta.updated_at;
    (change, communication.and_then(|communication| communication.failed(why, now)))
}
