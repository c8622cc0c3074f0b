//! One message, from its claim to its end.

use std::time::Duration;

use domain::message::{MessageState, MessageStep};
use domain::outreach::{Facts, Verdict, may_send};
use domain::{Caller, Change, CommunicationSettings, ContactAddress, ContactChannel, Grant, Message};
use jiff::Timestamp;
use providers::SendError;
use runtime::Platform;
use store::{CommitError, ReadError, Refused};

use crate::channel;
use crate::error::Undone;

/// How long a provider may take, so that ten slow answers fit into the function's minute.
const PATIENCE: Duration = Duration::from_secs(5);
/// Rests between tries to write down what became of a message: worth some time, as what is not written down is
/// sent again.
const RESTS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];

/// Sends the message unless it has ended, rests, or somebody else has it: 1 read, 2 writes; 1 `BatchGetItem` more for one
/// to somebody outside, who may have objected since it was queued.
pub(crate) async fn deliver(platform: &Platform, step: MessageStep) -> Result<(), Undone> {
    let grant = Caller::system(step.organization, "messages").own();
    let message: Message = match platform.table().get_to_change(&grant, step.message).await {
        Ok(message) => message,
        Err(ReadError::NotFound) => {
            tracing::warn!(message = %step.message, "a message is gone");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let now = platform.now();
    if !message.is_waiting(now) {
        return Ok(());
    }
    if let Some(why) = message.hopeless(now) {
        tracing::warn!(message = %message.id, why, "a message is given up");
        return write_down(platform, &grant, message, |message| Some(message.failed(why, now))).await;
    }
    let settings = match objection(platform, &grant, &message, now).await? {
        (Verdict::Send, settings) => settings,
        (Verdict::Defer(until), _) => {
            return write_down(platform, &grant, message, |message| Some(message.deferred(until, now))).await;
        }
        (Verdict::Refuse(refusal), _) => {
            tracing::info!(message = %message.id, refusal = refusal.as_str(), "whom a message goes to objects");
            return write_down(platform, &grant, message, |message| Some(message.refused(refusal, now))).await;
        }
    };
    // Whoever is refused here has lost the message to another worker, or cannot tell whether it is theirs: then it
    // waits until the lease is over.
    let message = match platform.table().commit_unseen(&grant, message.taken(now)).await {
        Ok(message) => message,
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let sent = tokio::time::timeout(PATIENCE, channel::send(platform, &message, settings.as_ref())).await;
    let sent = sent.unwrap_or_else(|_| Err(SendError::NotTaken("the provider did not answer in time".to_owned())));
    let (now, tries) = (platform.now(), message.tries);
    match sent {
        Ok(provider_id) => {
            // It went out, whoever has the record now.
            write_down(platform, &grant, message, |message| Some(message.sent(provider_id.clone(), now))).await
        }
        Err(SendError::Refused(failure)) => {
            tracing::warn!(message = %message.id, failure, "a message is given up");
            write_down(platform, &grant, message, |message| {
                (message.tries == tries).then(|| message.failed(&failure, now))
            })
            .await
        }
        Err(SendError::NotTaken(failure)) => {
            tracing::warn!(message = %message.id, failure, tries, "a message was not taken");
            write_down(platform, &grant, message, |message| {
                (message.tries == tries).then(|| message.not_taken(&failure, now))
            })
            .await
        }
    }
}

/// Whether a message may go now, and what its organization asks of its sending; one of the platform's own always may.
/// Caps are counted when a message is queued, so that none stops it here.
async fn objection(
    platform: &Platform,
    grant: &Grant,
    message: &Message,
    now: Timestamp,
) -> Result<(Verdict, Option<CommunicationSettings>), Undone> {
    let Some(outreach) = &message.outreach else { return Ok((Verdict::Send, None)) };
    let channel = ContactChannel::from(&message.to);
    let indian = ContactAddress::from(&message.to).is_indian();
    let reach = platform.table().reach(grant, channel, outreach, indian, now).await.map_err(ReadError::from)?;
    let facts = Facts { sent_today: 0, ..reach.facts };
    Ok((may_send(channel, outreach.purpose, &facts, now), Some(facts.settings)))
}

/// Commits what became of a message, also when its record has changed meanwhile, as long as it has not ended.
/// `change` says what there is to tell of the record as it is.
async fn write_down(
    platform: &Platform,
    grant: &Grant,
    mut message: Message,
    change: impl Fn(Message) -> Option<Change<Message>>,
) -> Result<(), Undone> {
    let mut rests = RESTS.into_iter();
    loop {
        let id = message.id;
        let Some(change) = change(message.clone()) else { return Ok(()) };
        // A rest between two tries is no news for anybody.
        let written = if change.after.state == MessageState::Queued {
            platform.table().commit_unseen(grant, change).await
        } else {
            platform.table().commit(grant, change).await
        };
        let Err(error) = written else { return Ok(()) };
        let conflict = matches!(error, CommitError::Refused { refused: Refused::Conflict, .. });
        if !conflict && !matches!(&error, CommitError::Store(error) if error.is_busy()) {
            return Err(error.into());
        }
        let Some(rest) = rests.next() else { return Err(error.into()) };
        tokio::time::sleep(rest).await;
        if conflict {
            message = platform.table().get_to_change(grant, id).await?;
            if message.state != MessageState::Queued {
                return Ok(());
            }
        }
    }
}
