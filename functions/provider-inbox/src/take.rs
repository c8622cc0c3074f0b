//! One delivery, from its storage to what came of it.

use domain::provider_delivery::{DeliveryStep, Handled};
use domain::{Caller, Change, Grant, Integration, Provider, ProviderDelivery, Record as _};
use jiff::{SignedDuration, Timestamp};
use runtime::{Platform, ProviderFailure, raced};
use serde_json::json;
use store::{ReadError, Rests, there};

use crate::failed::{Failed, Undone};
use crate::{leads, mail, sms, telephony, whatsapp};

/// Where bodies lie that are too long for a record.
const AREA: &str = "deliveries";
/// No body is longer.
const MAX_BODY: usize = 1024 * 1024;
/// Tries against other writers of the same records.
const TRIES: u32 = 10;

/// A provider's clock may be so far ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// What it tells of is at most so old; beyond, the time of its arrival is as good.
const BEHIND: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A delivery to deal with.
pub(crate) struct Work<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) grant: &'a Grant,
    pub(crate) integration: &'a Integration,
    pub(crate) delivery: &'a ProviderDelivery,
    pub(crate) body: &'a [u8],
}

/// Deals with a delivery unless it was dealt with, or rests: 2 reads, and 1 transaction with what follows from it.
pub(crate) async fn take(platform: &Platform, step: DeliveryStep) -> Result<(), Undone> {
    let grant = Caller::system(step.organization, "provider-inbox").own();
    for tried in 0..TRIES {
        let delivery: ProviderDelivery = match platform.table().get_to_change(&grant, step.delivery).await {
            Ok(delivery) => delivery,
            Err(ReadError::NotFound) => {
                tracing::warn!(delivery = %step.delivery, "a delivery is gone");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if !delivery.is_waiting(platform.now()) {
            return Ok(());
        }
        match Box::pin(attempt(platform, &grant, &delivery)).await {
            Ok(()) => {
                platform.note_success(&grant, delivery.integration_id).await;
                return Ok(());
            }
            Err(Failed::Raced) => tokio::time::sleep(Rests::RACES.part(tried, platform.random())).await,
            Err(Failed::Undone(error)) => return Err(error),
            Err(failed) => return put_off(platform, &grant, delivery, &failed).await,
        }
    }
    Err(Undone::Crossed)
}

async fn attempt(platform: &Platform, grant: &Grant, delivery: &ProviderDelivery) -> Result<(), Failed> {
    let found: Option<Integration> = there(platform.table().get(grant, delivery.integration_id).await)?;
    let Some(integration) = found else {
        return Err(Failed::Senseless("the connection that it came over is gone".to_owned()));
    };
    if let Some(backfill) = &delivery.backfill {
        let work = Work { platform, grant, integration: &integration, delivery, body: &[] };
        return Box::pin(leads::fill_back(&work, backfill)).await;
    }
    let body = body(platform, grant, delivery).await?;
    let work = Work { platform, grant, integration: &integration, delivery, body: &body };
    match integration.provider {
        Provider::Telephony => telephony::calls(&work, telephony::standard::read).await,
        Provider::Twilio => sms::twilio(&work).await,
        Provider::Msg91 => sms::msg91(&work).await,
        Provider::Whatsapp => whatsapp::told(&work).await,
        Provider::Facebook => leads::told(&work).await,
        Provider::Ses => mail::told(&work).await,
        Provider::Smtp => work.ignore("unknown").await,
    }
}

async fn body(platform: &Platform, grant: &Grant, delivery: &ProviderDelivery) -> Result<Vec<u8>, Undone> {
    if let Some(body) = &delivery.body {
        return Ok(body.clone().into_bytes());
    }
    let name = format!("{}/{}", delivery.integration_id, delivery.id);
    Ok(platform.files()?.get(grant, AREA, &name, MAX_BODY).await?)
}

impl Work<'_> {
    /// When something was: by its provider's clock, or where that tells nothing sensible, when it was told.
    pub(crate) fn time(&self, told: Option<Timestamp>) -> Timestamp {
        let arrived = self.delivery.meta.created_at;
        told.filter(|at| *at <= arrived + AHEAD && *at >= arrived - BEHIND).unwrap_or(arrived)
    }

    /// Whether its provider may be asked, or is left alone for a while: 1 read.
    pub(crate) async fn may_ask(&self) -> Result<(), Failed> {
        let health = self.platform.health_of(self.grant, self.integration.id).await?;
        health.left_alone_until(self.platform.now()).map_or(Ok(()), |until| Err(Failed::LeftAlone(until)))
    }

    /// The note that it was dealt with.
    pub(crate) fn handled(&self, handled: Handled) -> Change<ProviderDelivery> {
        self.delivery.clone().handled(handled, self.platform.now())
    }

    /// Notes that there was nothing to do.
    pub(crate) async fn ignore(&self, why: &'static str) -> Result<(), Failed> {
        self.note(Handled::Ignored(why)).await
    }

    /// Notes what it came to, where that is written already.
    pub(crate) async fn note(&self, handled: Handled) -> Result<(), Failed> {
        self.platform.table().commit_unseen(self.grant, self.handled(handled)).await?;
        Ok(())
    }
}

/// Notes why a delivery could not be done, and when it is tried again, if at all.
async fn put_off(
    platform: &Platform,
    grant: &Grant,
    delivery: ProviderDelivery,
    failed: &Failed,
) -> Result<(), Undone> {
    let (id, integration, since) = (delivery.id.to_string(), delivery.integration_id, delivery.meta.created_at);
    let (name, tried, now) = (delivery.provider.as_str(), delivery.tries.to_string(), platform.now());
    let why = failed.to_string();
    tracing::warn!(delivery = id, why, "a delivery was not dealt with");
    let change = match failed {
        Failed::LeftAlone(until) => delivery.put_off(*until, now),
        Failed::Senseless(_) => delivery.given_up(&why, now),
        _ => delivery.not_handled(&why, now),
    };
    let last = change.after.due().is_none();
    match platform.table().commit_unseen(grant, change).await {
        Ok(_) => {}
        // Whoever changed it at the same time has dealt with it, or will.
        Err(error) if raced(&error) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    // What comes too early is nobody's failure until nothing comes.
    if last || !matches!(failed, Failed::Early(_) | Failed::LeftAlone(_)) {
        let about = json!({"delivery": id, "tries": tried});
        let key = [id.as_str(), tried.as_str()];
        let activity = "webhook_in";
        let (integration, answered) = (Some(integration), !matches!(failed, Failed::NotTold(_)));
        let failure = ProviderFailure { integration, name, activity, why: &why, about, key, since, answered };
        platform.note_failure(grant, &failure).await;
    }
    Ok(())
}
