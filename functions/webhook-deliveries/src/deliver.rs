//! One delivery, from its claim to what came of it.

use std::time::{Duration, Instant};

use domain::webhook::{Attempt, DeliveryStatus, EventMessage, Standing, WebhookStep};
use domain::{
    Caller, Change, Grant, OrganizationId, WebhookDelivery, WebhookDeliveryId, WebhookEndpoint, WebhookHealth,
};
use jiff::{SignedDuration, Timestamp};
use providers::{WebhookAnswer, WebhookCall, WebhookRefused};
use runtime::Platform;
use serde_json::{Map, Value, json};
use store::{CommitError, ReadError, Refused, there};

use crate::error::Undone;
use crate::health;

/// Rests between tries to write down what came of a try: worth some time, as what is not written down is sent again.
const RESTS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];
/// It answers that it is gone and wants no more (RFC 9110, 15.5.11).
const GONE: u16 = 410;

/// How a delivery may be tried.
enum Way {
    /// As usual.
    Clear,
    /// Ahead of those that wait for the endpoint.
    Ahead,
    /// Not now: the endpoint rests.
    Closed,
}

/// Tries the delivery unless it has ended, rests, or somebody else has it: 3 reads, 1 of the event, 2 writes.
pub(crate) async fn deliver(
    platform: &Platform,
    organization: OrganizationId,
    id: WebhookDeliveryId,
) -> Result<(), Undone> {
    let grant = Caller::system(organization, "webhook-deliveries").own();
    let (table, now) = (platform.table(), platform.now());
    let delivery: WebhookDelivery = match table.get_to_change(&grant, id).await {
        Ok(delivery) => delivery,
        Err(ReadError::NotFound) => {
            tracing::warn!(delivery = %id, "a delivery is gone");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if !delivery.is_waiting(now) {
        return Ok(());
    }
    let endpoint: Option<WebhookEndpoint> = there(table.get_to_change(&grant, delivery.endpoint).await)?;
    let Some(endpoint) = endpoint.filter(WebhookEndpoint::is_enabled) else {
        return give_up(platform, &grant, delivery, "endpoint_disabled").await;
    };
    if delivery.is_spent() {
        return give_up(platform, &grant, delivery, "too_many_tries").await;
    }
    let Some(body) = body(platform, &grant, &delivery, &endpoint).await? else {
        return give_up(platform, &grant, delivery, "event_gone").await;
    };
    let way = way(platform, &grant, &delivery).await?;
    let change = if matches!(way, Way::Closed) { delivery.park(now) } else { delivery.taken(now) };
    // Whoever is refused here has lost the delivery to another worker, or cannot tell whether it is theirs: then it waits
    // until the lease is over.
    let delivery = match table.commit_unseen(&grant, change).await {
        Ok(delivery) => delivery,
        Err(CommitError::Refused { refused: Refused::Conflict, .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if matches!(way, Way::Closed) {
        return Ok(());
    }
    let call = WebhookCall {
        id: delivery.id.to_string(),
        url: endpoint.url.to_string(),
        at: now,
        signatures: endpoint.secrets(now).map(|secret| secret.sign(&delivery.id.to_string(), now, &body)).collect(),
        headers: endpoint.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body,
    };
    let begun = Instant::now();
    let answer = platform.webhooks()?.call(&call).await;
    let duration_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    let (finished, asked) = (platform.now(), answer.as_ref().ok().and_then(|answer| asked(answer, platform.now())));
    let attempt = attempt(&answer, now, duration_ms);
    let (succeeded, gone) = (attempt.succeeded(), attempt.status == Some(GONE));
    let [jitter] = platform.random();
    let tries = delivery.tries;
    let written = write_down(platform, &grant, delivery, |delivery| {
        let own = succeeded || delivery.tries == tries;
        own.then(|| delivery.tried(attempt.clone(), asked, jitter, finished))
    })
    .await;
    // Told also where the other could not be: it is of others.
    let ahead = matches!(way, Way::Ahead);
    health::note(platform, &grant, endpoint, health::Outcome { succeeded, gone, ahead, asked }).await?;
    if let Some(rests) = written?.filter(|delivery| delivery.status == DeliveryStatus::Pending) {
        let step = WebhookStep::Deliver { organization, delivery: rests.id };
        platform.send_webhook_at(step, rests.next_try_at).await;
    }
    Ok(())
}

/// Whether the endpoint may be told now. Of those that come when its rest is over one is sent ahead.
async fn way(platform: &Platform, grant: &Grant, delivery: &WebhookDelivery) -> Result<Way, Undone> {
    let (table, now) = (platform.table(), platform.now());
    let health: Option<WebhookHealth> =
        there(table.get_to_change(grant, WebhookHealth::id_of(delivery.endpoint)).await)?;
    let Some(health) = health else { return Ok(Way::Clear) };
    match health.standing(now) {
        Standing::Well => Ok(Way::Clear),
        // Somebody wants to see whether it is well again.
        Standing::Rests | Standing::Ahead if delivery.asked_for => Ok(Way::Clear),
        Standing::Rests => Ok(Way::Closed),
        Standing::Ahead => match table.commit_unseen(grant, health.sends_ahead(now)).await {
            Ok(_) => Ok(Way::Ahead),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(Way::Closed),
            Err(error) => Err(error.into()),
        },
    }
}

/// What is sent: the event as the endpoint may see it, written anew each time; the same words each time. `None` where it
/// went with its record.
async fn body(
    platform: &Platform,
    grant: &Grant,
    delivery: &WebhookDelivery,
    endpoint: &WebhookEndpoint,
) -> Result<Option<String>, Undone> {
    let Some(event) = &delivery.event else {
        let data = json!({"endpoint_id": endpoint.id, "message": "This is a test."});
        let test = json!({"type": delivery.kind, "timestamp": delivery.at, "data": data});
        return Ok(Some(test.to_string()));
    };
    match platform.table().event_at(grant, &event.subject, event.version).await {
        Ok(event) => Ok(Some(serde_json::to_string(&EventMessage::of(event, endpoint.clear))?)),
        Err(ReadError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn attempt(answer: &Result<WebhookAnswer, WebhookRefused>, at: Timestamp, duration_ms: u32) -> Attempt {
    match answer {
        Ok(answer) => {
            let headers: Map<String, Value> =
                answer.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            let body = Some(answer.body.clone()).filter(|body| !body.is_empty());
            Attempt { at, status: Some(answer.status), error: None, duration_ms, headers, body }
        }
        Err(refused) => {
            let error = Some(refused.code().to_owned());
            Attempt { at, status: None, error, duration_ms, headers: Map::new(), body: None }
        }
    }
}

/// For how long the endpoint asks not to be told anything: `Retry-After` of a 429 or a 503, in seconds or as a date (RFC
/// 9110, 10.2.3).
fn asked(answer: &WebhookAnswer, now: Timestamp) -> Option<SignedDuration> {
    if !matches!(answer.status, 429 | 503) {
        return None;
    }
    let text = answer.header("retry-after")?.trim();
    let seconds = text.parse().ok().map(SignedDuration::from_secs);
    let date = || jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp().duration_since(now));
    let most = SignedDuration::from_hours(24);
    seconds.or_else(date).filter(SignedDuration::is_positive).map(|asked| asked.min(most))
}

async fn give_up(
    platform: &Platform,
    grant: &Grant,
    delivery: WebhookDelivery,
    reason: &'static str,
) -> Result<(), Undone> {
    let now = platform.now();
    match platform.table().commit_unseen(grant, delivery.failed(reason, now)).await {
        // Somebody else has it.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Commits what came of a try, also when the record has changed meanwhile, as long as it has not ended. `change` says what
/// there is to tell of the record as it is.
async fn write_down(
    platform: &Platform,
    grant: &Grant,
    mut delivery: WebhookDelivery,
    change: impl Fn(WebhookDelivery) -> Option<Change<WebhookDelivery>>,
) -> Result<Option<WebhookDelivery>, Undone> {
    let mut rests = RESTS.into_iter();
    loop {
        let id = delivery.id;
        let Some(change) = change(delivery.clone()) else { return Ok(None) };
        let error = match platform.table().commit_unseen(grant, change).await {
            Ok(delivery) => return Ok(Some(delivery)),
            Err(error) => error,
        };
        let conflict = matches!(error, CommitError::Refused { refused: Refused::Conflict, .. });
        if !conflict && !matches!(&error, CommitError::Store(error) if error.is_busy()) {
            return Err(error.into());
        }
        let Some(rest) = rests.next() else { return Err(error.into()) };
        tokio::time::sleep(rest).await;
        if conflict {
            delivery = platform.table().get_to_change(grant, id).await?;
            if delivery.status != DeliveryStatus::Pending {
                return Ok(None);
            }
        }
    }
}
