//! What becomes of the mails that went over the platform's own SES, as its configuration set publishes it: every
//! organization's in one place, each tagged with whose it is.
//!
//! An event is no delivery of a connection, and nothing is kept of it: no report does anything twice, so the queue may bring
//! it as often as it likes, and in any order.

use domain::{Caller, OrganizationId};
use jiff::SignedDuration;
use providers::inbound::ses::MailEvent;
use runtime::Platform;
use store::Rests;

use crate::failed::{Failed, Undone};
use crate::mail::News;
use crate::reports::{From, move_on};
use crate::went_out::went_out;

/// Tries against other writers of the same records.
const TRIES: u32 = 10;
/// Whoever sent a mail has written down SES's id of it after so long, or never will: the communication was deleted.
const WRITTEN_DOWN: SignedDuration = SignedDuration::from_hours(1);

/// Does what an event says, at the cost of [`move_on`] and 1 read for each address that is not written to any more; that SES
/// has a mail, at the cost of [`went_out`]. One of a mail without our id, that comes before SES's id of it is written down,
/// comes again.
pub(crate) async fn told(platform: &Platform, event: MailEvent) -> Result<(), Undone> {
    let organization = event.organization.as_deref().and_then(|id| id.parse::<OrganizationId>().ok());
    let Some(organization) = organization else {
        tracing::info!(mail = event.id, "an event is of nobody's mail");
        return Ok(());
    };
    let grant = Caller::system(organization, "provider-inbox").own();
    let (mail, now) = (event.id.clone(), platform.now());
    let is_late = event.sent_at.is_none_or(|sent| sent + WRITTEN_DOWN <= now);
    let Some(news) = News::of(event, now) else { return Ok(()) };
    let from = From { platform, grant: &grant, integration: None };
    for tried in 0..TRIES {
        let done = async {
            match &news {
                News::HasIt { id, ours } => went_out(from, *ours, id).await.map(drop),
                News::Became(became) => {
                    let suppressed = became.suppressed(platform, &grant).await?;
                    move_on(from, became.told.clone(), suppressed, |_| None).await.map(drop)
                }
            }
        };
        match done.await {
            Err(Failed::Raced) => tokio::time::sleep(Rests::RACES.part(tried, platform.random())).await,
            Err(Failed::Early(_)) if is_late => {
                tracing::info!(mail, "an event is of a mail that nobody knows any more");
                return Ok(());
            }
            Err(Failed::Early(_)) => return Err(Undone::Early),
            Err(Failed::Undone(error)) => return Err(error),
            // Nothing else fails, as nobody is asked anything here.
            Ok(()) | Err(Failed::Senseless(_) | Failed::NotTold(_) | Failed::LeftAlone(_)) => return Ok(()),
        }
    }
    Err(Undone::Crossed)
}
