//! What a try says of its endpoint.

use domain::webhook::{DisabledReason, WebhookStep};
use domain::{Grant, WebhookEndpoint, WebhookHealth};
use jiff::SignedDuration;
use runtime::Platform;
use store::{CommitError, Refused, there};

use crate::error::Undone;

/// Tries against others who note something at the same time.
const TRIES: usize = 6;

/// What came of a try.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) succeeded: bool,
    /// The endpoint said that it is gone.
    pub(crate) gone: bool,
    /// It was sent ahead.
    pub(crate) ahead: bool,
    /// For how long the endpoint asked not to be told anything.
    pub(crate) asked: Option<SignedDuration>,
}

/// Notes it: 1 read and 1 write, or 1 read where it is no news. An endpoint that is gone, or that took nothing for five
/// days, is turned off.
pub(crate) async fn note(
    platform: &Platform,
    grant: &Grant,
    endpoint: WebhookEndpoint,
    outcome: Outcome,
) -> Result<(), Undone> {
    let Some(health) = written(platform, grant, &endpoint, outcome).await? else { return Ok(()) };
    let now = platform.now();
    let reason = match outcome {
        Outcome { succeeded: true, .. } => None,
        Outcome { gone: true, .. } => Some(DisabledReason::Gone),
        _ => health.is_hopeless(now).then_some(DisabledReason::Failing),
    };
    match reason {
        Some(reason) => turn_off(platform, grant, endpoint, health, reason).await,
        None if outcome.succeeded && health.look_at.is_some() => {
            // It rested: whatever waits for it may come.
            let step = WebhookStep::Release { organization: grant.organization(), endpoint: endpoint.id };
            platform.send_webhooks(&[step]).await;
            Ok(())
        }
        None => Ok(()),
    }
}

/// How the endpoint does now, where the outcome was news.
async fn written(
    platform: &Platform,
    grant: &Grant,
    endpoint: &WebhookEndpoint,
    outcome: Outcome,
) -> Result<Option<WebhookHealth>, Undone> {
    let (table, now) = (platform.table(), platform.now());
    for _ in 0..TRIES {
        let known = there(table.get_to_change(grant, WebhookHealth::id_of(endpoint.id)).await)?;
        let health = known.unwrap_or_else(|| WebhookHealth::new(grant.organization(), endpoint.id, now));
        let change = if outcome.succeeded {
            health.clone().succeeded(now)
        } else {
            health.clone().failed(outcome.ahead, outcome.asked, now)
        };
        let Some(change) = change else { return Ok(outcome.gone.then_some(health)) };
        match table.commit_unseen(grant, change).await {
            Ok(health) => return Ok(Some(health)),
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Many note the same at once: one of them did.
    Ok(None)
}

/// Turns the endpoint off, unless somebody changes it at this moment; the next failure then does. What waits for it is
/// given up by the clock's next look.
async fn turn_off(
    platform: &Platform,
    grant: &Grant,
    endpoint: WebhookEndpoint,
    health: WebhookHealth,
    reason: DisabledReason,
) -> Result<(), Undone> {
    let (table, now) = (platform.table(), platform.now());
    tracing::warn!(endpoint = %endpoint.id, %reason, "a webhook endpoint is turned off");
    let Some(change) = endpoint.disable(reason, now) else { return Ok(()) };
    let mut transaction = table.transaction();
    transaction.push(grant, change)?;
    transaction.push_unseen(grant, health.looks_now(now))?;
    match transaction.commit().await {
        Ok(()) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
