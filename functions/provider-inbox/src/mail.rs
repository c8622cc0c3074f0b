//! What SES tells: what became of mails that went over it, what people write, and whether SNS may tell of both.

use domain::integration::IntegrationSettings;
use domain::outreach::{SuppressionDetails, SuppressionReason};
use domain::{Change, ContactAddress, ContactChannel, EmailAddress, Grant, MessageId, Suppression};
use jiff::Timestamp;
use providers::inbound::DeliveryState;
use providers::inbound::mail as received;
use providers::inbound::ses::{self, Bounce, MailEvent, MailEventKind};
use providers::inbound::sns::{self, Notice, NoticeKind};
use runtime::Platform;
use serde_json::Value;
use store::there;

use crate::failed::Failed;
use crate::letters;
use crate::reports::{Told, accepted, apply, report};
use crate::take::Work;

/// Takes a notice of the connection's topic. One that asks whether the address wants to be told: 1 `GET`.
pub(crate) async fn told(work: &Work<'_>) -> Result<(), Failed> {
    let IntegrationSettings::Ses(settings) = &work.integration.settings else {
        return Err(Failed::Senseless("the connection is none of SES's".to_owned()));
    };
    let topic = settings.topic_arn.as_ref();
    let topic = topic.ok_or_else(|| Failed::Senseless("the connection has no topic".to_owned()))?;
    let Notice { id: _, at, kind } = sns::read(topic.as_str(), work.body)?;
    match kind {
        NoticeKind::Subscription { confirm_at } => {
            // Asked twice, it is the same subscription.
            work.platform.sns()?.get(&confirm_at).await?;
            work.ignore("subscribed").await
        }
        NoticeKind::Unsubscribed => work.ignore("unsubscribed").await,
        NoticeKind::Published { message } if received::is_received(&message) => {
            letters::wrote(work, settings, received::read(&message)?).await
        }
        NoticeKind::Published { message } if is_about_a_mail(&message) => mail(work, at, ses::read(&message)?).await,
        NoticeKind::Published { .. } => work.ignore("not_about_a_mail").await,
    }
}

/// What SES publishes to see whether its topic is there is about no mail.
fn is_about_a_mail(message: &str) -> bool {
    serde_json::from_str::<Value>(message).is_ok_and(|message| message.get("mail").is_some())
}

async fn mail(work: &Work<'_>, at: Timestamp, event: MailEvent) -> Result<(), Failed> {
    match News::of(event, work.time(Some(at))) {
        None => work.ignore("nothing_to_do").await,
        Some(News::HasIt { id, ours }) => accepted(work, Some(ours), &id).await,
        Some(News::Became(became)) => {
            let suppressed = became.suppressed(work.platform, work.grant).await?;
            apply(work, became.told, suppressed).await
        }
    }
}

/// What an event says of a mail.
pub(crate) enum News {
    /// SES has it: under this id, and which of our messages it is.
    HasIt { id: String, ours: MessageId },
    /// It came to something.
    Became(Became),
}

/// What became of a mail: what its communication is told, and who is not written to from now on.
pub(crate) struct Became {
    pub(crate) told: Vec<Told>,
    at: Timestamp,
    reason: Option<SuppressionReason>,
    recipients: Vec<String>,
}

impl News {
    /// What an event of this time says; `None` where it is nothing of that.
    pub(crate) fn of(event: MailEvent, at: Timestamp) -> Option<Self> {
        let MailEvent { id, sent_at: _, organization: _, message, kind, recipients } = event;
        let ours: Option<MessageId> = message.and_then(|message| message.parse().ok());
        let (state, failure, reason) = match kind {
            MailEventKind::Sent => return ours.map(|ours| Self::HasIt { id, ours }),
            MailEventKind::Delivered => (DeliveryState::Delivered, None, None),
            // Whoever complains has it.
            MailEventKind::Complained(_) => (DeliveryState::Delivered, None, Some(SuppressionReason::Complaint)),
            MailEventKind::Bounced(bounce) => {
                let (why, reason) = match bounce {
                    Bounce::Permanent => ("it came back: there is no such mailbox", Some(SuppressionReason::Bounce)),
                    Bounce::Transient => ("it came back: the mailbox did not take it", None),
                    Bounce::Undetermined => ("it came back", None),
                };
                (DeliveryState::Failed, Some(why.to_owned()), reason)
            }
            MailEventKind::Other(_) => return None,
        };
        let told = report(state, at, failure).map(|report| Told { id, ours, report }).into_iter().collect();
        Some(Self::Became(Became { told, at, reason, recipients }))
    }
}

impl Became {
    /// Its recipients where they are not to be written to, unless that is known: 1 read each.
    pub(crate) async fn suppressed(
        &self,
        platform: &Platform,
        grant: &Grant,
    ) -> Result<Vec<Change<Suppression>>, Failed> {
        let Some(reason) = self.reason else { return Ok(Vec::new()) };
        let mut addresses: Vec<EmailAddress> = self.recipients.iter().filter_map(|one| one.parse().ok()).collect();
        addresses.sort_by_key(EmailAddress::normalized);
        addresses.dedup_by_key(|address| address.normalized());
        let mut suppressed = Vec::new();
        for address in addresses {
            let address = ContactAddress::Email(address);
            suppressed.extend(suppress(platform, grant, address, reason, self.at).await?);
        }
        Ok(suppressed)
    }
}

/// The address is not written to from now on, unless it is so already: 1 read.
async fn suppress(
    platform: &Platform,
    grant: &Grant,
    address: ContactAddress,
    reason: SuppressionReason,
    at: Timestamp,
) -> Result<Option<Change<Suppression>>, Failed> {
    let (table, organization, now) = (platform.table(), grant.organization(), platform.now());
    let contact = table.hash_key().reachability_id(organization, &address);
    let id = table.hash_key().suppression_id(contact, ContactChannel::Email);
    let before: Option<Suppression> = there(table.get_to_change(grant, id).await)?;
    if before.as_ref().is_some_and(|before| stands(before, reason, at, now)) {
        return Ok(None);
    }
    let details = SuppressionDetails {
        address: Some(address),
        channel: ContactChannel::Email,
        reason,
        note: None,
        expires_at: None,
        by: None,
    };
    Ok(Some(Suppression::suppress(before, id, organization, contact, details, now)))
}

/// Whether what is known of an address says as much as what is told of it. A complaint weighs more than a bounce, so that
/// the two come to the same in either order, and what was lifted since stays lifted.
fn stands(known: &Suppression, told: SuppressionReason, at: Timestamp, now: Timestamp) -> bool {
    if known.lifted_at.is_some_and(|lifted| lifted >= at) {
        return true;
    }
    let weight = |reason| match reason {
        SuppressionReason::Unsubscribe | SuppressionReason::Dnd => 0,
        SuppressionReason::Bounce => 1,
        SuppressionReason::Complaint => 2,
        SuppressionReason::Manual => 3,
    };
    known.is_active(now) && known.expires_at.is_none() && weight(known.reason) >= weight(told)
}
