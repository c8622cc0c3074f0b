//! How connections to services of others fare, noted by whoever works with them: a row of the log for each failure, and
//! the health that the log's reader sees first.

use domain::integration_log::{IntegrationOutcome, IntegrationWork};
use domain::provider_delivery::DeliveryStep;
use domain::{Change, Grant, IntegrationHealth, IntegrationId, IntegrationLog, IntegrationLogId, Label, Line};
use jiff::Timestamp;
use serde_json::Value;
use store::{CommitError, Refused, StoreError, there};

use crate::{NotWired, Platform};

/// Tries against other writers of one health.
const TRIES: u32 = 5;

/// Something that a service of others did not do.
#[derive(Debug, Clone)]
pub struct ProviderFailure<'a> {
    /// The connection, where it is one of ours.
    pub integration: Option<IntegrationId>,
    /// The service: `twilio`, `email`.
    pub name: &'a str,
    /// What was done: `message_send`.
    pub activity: &'a str,
    /// Why it failed, in the service's words.
    pub why: &'a str,
    /// What it was about, without the person: ids and codes.
    pub about: Value,
    /// What tells this failure from others: the record and the try. The same failure is one row.
    pub key: [&'a str; 2],
    /// When that record was made.
    pub since: Timestamp,
    /// Whether the service answered all the same: what it refuses, or what nobody can make sense of, does not speak against
    /// asking it again.
    pub answered: bool,
}

impl Platform {
    /// Notes a failure: a row of the log, and the connection's health, where it is one of ours. 1 write, and 1 read and 1
    /// write for the health. Who notes it has worse to do than to fail over it, so what cannot be noted is only logged.
    pub async fn note_failure(&self, grant: &Grant, failure: &ProviderFailure<'_>) {
        let noted = async {
            self.log_failure(grant, failure).await?;
            if let Some(integration) = failure.integration {
                let change = |health: IntegrationHealth| {
                    let now = self.now();
                    Some(if failure.answered {
                        health.refused(failure.why, now)
                    } else {
                        health.failed(failure.why, now)
                    })
                };
                self.note(grant, integration, change).await?;
            }
            Ok::<_, CommitError>(())
        };
        if let Err(error) = noted.await {
            tracing::warn!(name = failure.name, %error, "a failure of a service of others was not noted");
        }
    }

    /// Notes that something went well: 1 read, and a write where that is news.
    pub async fn note_success(&self, grant: &Grant, integration: IntegrationId) {
        if let Err(error) = self.note(grant, integration, |health| health.succeeded(self.now())).await {
            tracing::warn!(%integration, %error, "a success was not noted");
        }
    }

    /// The same where it is known how the connection fared before: a write where that is news.
    pub async fn note_success_after(&self, grant: &Grant, integration: IntegrationId, before: IntegrationHealth) {
        let Some(change) = before.succeeded(self.now()) else { return };
        if self.table().commit_unseen(grant, change).await.is_err() {
            self.note_success(grant, integration).await;
        }
    }

    /// Hands what a provider told, or is asked to tell, to its queue: 1 message. What the queue does not take is found by the
    /// clock.
    pub async fn send_delivery(&self, step: DeliveryStep) -> Result<(), NotWired> {
        if let Err(error) = self.provider_inbox()?.send(&step).await {
            tracing::warn!(delivery = %step.delivery, %error, "the clock will hand a delivery on");
        }
        Ok(())
    }

    /// How a connection fares: 1 read.
    pub async fn health_of(&self, grant: &Grant, integration: IntegrationId) -> Result<IntegrationHealth, StoreError> {
        let found = there(self.table().get_to_change(grant, IntegrationHealth::id_of(integration)).await)?;
        Ok(found.unwrap_or_else(|| IntegrationHealth::unknown(integration, grant.organization(), self.now())))
    }

    async fn log_failure(&self, grant: &Grant, failure: &ProviderFailure<'_>) -> Result<(), CommitError> {
        let ProviderFailure { integration, name, activity, why, about, key, since, answered: _ } = failure;
        let line = |text: &str| text.parse::<Label>().ok();
        let (Some(integration_name), Ok(activity_type)) = (line(name), activity.parse::<Line<80>>()) else {
            return Ok(());
        };
        let work = IntegrationWork {
            integration_name,
            integration: *integration,
            activity_type,
            description: why.chars().take(2_000).collect::<String>().parse().ok(),
            status: IntegrationOutcome::Failure,
            request_data: Some(about.clone()),
            response_data: None,
            execution_time: None,
            records_processed: None,
        };
        let now = self.now();
        let bits = self.table().hash_key().id_bits(&["integration_log", activity, key[0], key[1]]);
        let row = IntegrationLog::write(IntegrationLogId::at(*since, bits), grant.organization(), work, None, now);
        match self.table().commit_unseen(grant, row).await {
            Ok(_) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn note(
        &self,
        grant: &Grant,
        integration: IntegrationId,
        change: impl Fn(IntegrationHealth) -> Option<Change<IntegrationHealth>>,
    ) -> Result<(), CommitError> {
        for _ in 0..TRIES {
            let Some(change) = change(self.health_of(grant, integration).await?) else { return Ok(()) };
            match self.table().commit_unseen(grant, change).await {
                Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
                other => return other.map(drop),
            }
        }
        Ok(())
    }
}
