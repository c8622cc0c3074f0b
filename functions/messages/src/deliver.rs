//! One message, from its claim to its end.

use std::time::Duration;

use domain::message::{MessageState, MessageStep};
use domain::{Caller, Change, Grant, Message, Recipient};
use runtime::{Platform, ProviderFailure};
use serde_json::json;
use store::{CommitError, ReadError, Refused};

use crate::channel::{self, Unsent};
use crate::error::Undone;
use crate::need::{Need, need};

/// How long a provider may take, so that ten slow answers fit into the function's minute.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a message is taken up that others change at the same moment.
const TAKES: usize = 3;
/// Rests between tries to write down what became of a message: worth some time, as what is not written down is
/// sent again.
const RESTS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];

/// Sends the message unless it has ended, rests, or somebody else has it: 1 read, 2 writes. One that carries a notification
/// is looked at once more before: 5 reads. One to somebody outside as well: 1 `BatchGetItem`.
pub(crate) async fn deliver(platform: &Platform, step: MessageStep) -> Result<(), Undone> {
    let grant = Caller::system(step.organization, "messages").own();
    let Some(Taken { message, from_name }) = take(platform, &grant, step).await? else { return Ok(()) };
    let sent = tokio::time::timeout(PATIENCE, channel::send(platform, &message, from_name)).await;
    let sent = sent.unwrap_or_else(|_| Err(Unsent::NotTaken("the provider did not answer in time".to_owned(), None)));
    let (now, tries) = (platform.now(), message.tries);
    match sent {
        Ok(provider_id) => {
            // It went out, whoever has the record now.
            write_down(platform, &grant, message, |message| Some(message.sent(provider_id.clone(), now))).await
        }
        Err(Unsent::Gone(why)) => {
            write_down(platform, &grant, message, |message| (message.tries == tries).then(|| message.skipped(why, now)))
                .await
        }
        Err(Unsent::Refused(failure)) => {
            tracing::warn!(message = %message.id, failure, "a message is given up");
            note(platform, &grant, &message, &failure).await;
            write_down(platform, &grant, message, |message| {
                (message.tries == tries).then(|| message.failed(&failure, now))
            })
            .await
        }
        Err(Unsent::NotTaken(failure, rest)) => {
            tracing::warn!(message = %message.id, failure, tries, "a message was not taken");
            note(platform, &grant, &message, &failure).await;
            write_down(platform, &grant, message, |message| {
                (message.tries == tries).then(|| message.not_taken(&failure, rest, now))
            })
            .await
        }
    }
}

/// A message that is ours until its lease is over.
struct Taken {
    message: Message,
    /// What people outside read as its sender, where the organization says so.
    from_name: Option<String>,
}

/// Takes the message up if it is to be sent now, and writes down why where it is not.
async fn take(platform: &Platform, grant: &Grant, step: MessageStep) -> Result<Option<Taken>, Undone> {
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
        if let Some(why) = message.hopeless(now) {
            tracing::warn!(message = %message.id, why, "a message is given up");
            write_down(platform, grant, message, |message| Some(message.failed(why, now))).await?;
            return Ok(None);
        }
        let from_name = match need(platform, grant, &message, now).await? {
            Need::There { from_name } => from_name,
            Need::Gone(why) => {
                write_down(platform, grant, message, |message| Some(message.skipped(why, now))).await?;
                return Ok(None);
            }
            Need::Later(until) => {
                write_down(platform, grant, message, |message| Some(message.deferred(until, now))).await?;
                return Ok(None);
            }
            Need::Objected(refusal) => {
                tracing::info!(message = %message.id, refusal = refusal.as_str(), "whom a message goes to objects");
                write_down(platform, grant, message, |message| Some(message.refused(refusal, now))).await?;
                return Ok(None);
            }
        };
        match platform.table().commit_unseen(grant, message.taken(now)).await {
            Ok(message) => return Ok(Some(Taken { message, from_name })),
            // Another worker has it, or the clock noted at the same moment that it looked after it: the record tells.
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // The clock comes back to it.
    Ok(None)
}

/// A provider's failure, in the log that the organization sees: 1 write.
async fn note(platform: &Platform, grant: &Grant, message: &Message, why: &str) {
    let name = match message.to {
        Recipient::Email(_) => "email",
        Recipient::Sms(_) => "sms",
        Recipient::Push(_) => "push",
    };
    let (id, tried) = (message.id.to_string(), message.tries.to_string());
    let about = json!({"message": id, "template": message.template, "try": message.tries});
    let (key, since) = ([id.as_str(), tried.as_str()], message.meta.created_at);
    let failure = ProviderFailure { integration: None, name, activity: "message_send", why, about, key, since };
    platform.note_failure(grant, &failure).await;
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
