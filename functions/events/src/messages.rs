//! Messages to people: those that events ask for are made, and every new one goes to its queue.
//!
//! A message has the id of the event that asked for it, so that an event which comes again, or to two workers at the
//! same time, makes none twice. One that cannot be made now holds the stream up like any other consequence.
//! Queueing a message does not: one that its queue did not take is found by the clock.

mod import_done;
mod welcome;

use domain::message::MessageStep;
use domain::{
    Caller, Event, Grant, Message, MessageId, MessageTemplate, Organization, OrganizationId, Recipient, User, UserId,
};
use runtime::Platform;
use serde_json::Value;
use store::{CommitError, ReadError, Refused, StoreError, there};

use crate::happened::Happened;

#[derive(Debug, thiserror::Error)]
enum Unmade {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// A message that an event asks for.
struct Asked {
    to: Recipient,
    template: MessageTemplate,
    values: Value,
}

/// What tells that there is a new message.
const QUEUED: &str = "message.queued";

/// Makes and queues what the new events among the changes ask for. The place of the first that it could not do.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    let mut steps = Vec::new();
    let mut failed = None;
    for Happened { place, event } in events {
        if event.kind == QUEUED {
            steps.extend(step(event));
        } else if let Err(error) = make(platform, event).await {
            tracing::error!(event = event.kind, subject = event.subject, %error, "a message was not made");
            failed = Some(*place);
            break;
        }
    }
    if let Err(error) = queue(platform, &steps).await {
        tracing::warn!(messages = steps.len(), error, "the clock will queue messages");
    }
    failed
}

fn step(event: &Event) -> Option<MessageStep> {
    let message = event.subject.parse().ok()?;
    Some(MessageStep { organization: event.organization, message })
}

async fn queue(platform: &Platform, steps: &[MessageStep]) -> Result<(), String> {
    if steps.is_empty() {
        return Ok(());
    }
    let queue = platform.messages().map_err(|error| error.to_string())?;
    queue.send_all(steps).await.map_err(|error| error.to_string())
}

async fn make(platform: &Platform, event: &Event) -> Result<(), Unmade> {
    let grant = Caller::system(event.organization, "events").own();
    let asked = match event.kind.as_str() {
        "organization.registered" => welcome::asked(platform, &grant, event).await?,
        "job.completed" | "job.failed" => import_done::asked(platform, &grant, event).await?,
        _ => None,
    };
    let Some(Asked { to, template, values }) = asked else { return Ok(()) };
    let id = MessageId::from_uuid(event.id.uuid());
    let change = Message::queue(id, event.organization, to, template, values, platform.now());
    match platform.table().commit(&grant, change).await {
        Ok(_) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn user(platform: &Platform, id: UserId) -> Result<Option<User>, Unmade> {
    let everyone = Caller::system(OrganizationId::PLATFORM, "events").own();
    Ok(there(platform.table().get(&everyone, id).await)?)
}

async fn organization(platform: &Platform, grant: &Grant) -> Result<Option<Organization>, Unmade> {
    Ok(there(platform.table().get(grant, grant.organization()).await)?)
}
