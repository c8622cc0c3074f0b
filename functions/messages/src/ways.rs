//! The ways out of an organization: over a connection of its own, else the platform's.

use std::sync::Arc;

use domain::integration::MAX_INTEGRATIONS;
use domain::{ContactChannel, Grant, Integration, IntegrationId, OrganizationId, Slot};
use jiff::{SignedDuration, Timestamp};
use providers::{Breaker, BreakerSettings, SendError, Way};
use runtime::{Cache, Platform};
use store::{ListQuery, StoreError};

/// So many organizations, and so many connections, are remembered.
const MOST: usize = 1_000;
/// A connection that was changed or paused is noticed after so long at the latest.
const GOOD: SignedDuration = SignedDuration::from_secs(30);
/// A way that nobody took for so long is made anew, with a breaker that knows nothing.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Five failures of a minute, and half of its calls, leave a provider alone for a minute, whatever other workers have seen of
/// it. No connection is asked more than 80 times a second, which is what the WhatsApp Cloud API and Twilio's usual accounts
/// take: there are at most 10 workers (the template says so), and each asks it 8 times a second.
///
/// <https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput>
const PROVIDER: BreakerSettings = BreakerSettings {
    window: SignedDuration::from_secs(60),
    failures: 5,
    percent: 50,
    rest: SignedDuration::from_secs(60),
    burst: 20,
    pace: SignedDuration::from_millis(125),
};

/// A connection, ready to be used.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) integration: IntegrationId,
    pub(crate) provider: &'static str,
    pub(crate) way: Way,
    pub(crate) breaker: Breaker,
}

/// The connections that this worker has seen.
#[derive(Debug)]
pub(crate) struct Ways {
    known: Cache<OrganizationId, Arc<Vec<Integration>>>,
    made: Cache<(IntegrationId, u64), Arc<Connected>>,
}

impl Ways {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(MOST), made: Cache::new(MOST) }
    }

    /// The organization's own way over a channel: its oldest connection that sends there. 1 Query every 30 seconds.
    pub(crate) async fn own(
        &self,
        platform: &Platform,
        grant: &Grant,
        channel: ContactChannel,
    ) -> Result<Option<Result<Arc<Connected>, SendError>>, StoreError> {
        let (organization, now) = (grant.organization(), platform.now());
        let known = match self.known.get(&organization, now) {
            Some(known) => known,
            None => {
                let all = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", MAX_INTEGRATIONS) };
                let sending = |integration: &Integration| integration.sends();
                let known = Arc::new(platform.table().list::<Integration>(grant, &all, sending).await?.records);
                self.known.put(organization, Arc::clone(&known), now + GOOD);
                known
            }
        };
        let integration = known.iter().find(|integration| integration.provider.channel() == Some(channel));
        Ok(integration.map(|integration| self.made(platform, integration, now)))
    }

    fn made(
        &self,
        platform: &Platform,
        integration: &Integration,
        now: Timestamp,
    ) -> Result<Arc<Connected>, SendError> {
        let key = (integration.id, integration.meta.version);
        if let Some(made) = self.made.get(&key, now) {
            return Ok(made);
        }
        let provider = integration.provider.as_str();
        let callback = platform.settings().api_url.as_ref();
        let callback = callback.map(|base| format!("{base}/webhooks/{provider}/{}", integration.id));
        let outside = platform.outside().map_err(|error| SendError::not_taken(error.to_string()))?;
        let way = outside.way(integration, callback.as_deref())?;
        let breaker = Breaker::new(PROVIDER);
        let made = Arc::new(Connected { integration: integration.id, provider, way, breaker });
        self.made.put(key, Arc::clone(&made), now + KEPT);
        Ok(made)
    }
}
