//! What is known of an address or number before somebody is written to, and links by which they object.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::message::REFUSED;
use domain::outreach::{Facts, Outreach};
use domain::{
    CommunicationSettings, ContactAddress, ContactChannel, Grant, LeadId, Organization, OrganizationId, Reachability,
    ReachabilityId, Suppression, SuppressionId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::commit::Transaction;
use crate::error::StoreError;
use crate::item::{self, n, s};
use crate::keys::{self, Key, Whose, attr};
use crate::limits::Window;
use crate::secret::HashKey;
use crate::signed;
use crate::table::Table;

/// A marketing message counted against its cap: which item, and how many there may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapCount {
    contact: ReachabilityId,
    channel: ContactChannel,
    cap: u32,
}

/// What is known before a message.
#[derive(Debug, Clone)]
pub struct Reach {
    /// For [`may_send`](domain::outreach::may_send).
    pub facts: Facts,
    /// What a message of marketing is counted by, where there is a cap.
    pub count: Option<CapCount>,
}

/// A day in UTC, as figures have it.
const DAY: u32 = 86_400;

/// The window of a channel's messages; its limit is the organization's.
const fn window(channel: ContactChannel) -> Window {
    let name = match channel {
        ContactChannel::Email => "outreach-email",
        ContactChannel::Sms => "outreach-sms",
        ContactChannel::Whatsapp => "outreach-whatsapp",
        ContactChannel::Phone => "outreach-phone",
    };
    Window { name, limit: 0, seconds: DAY }
}

fn counter(tenant: OrganizationId, contact: ReachabilityId, channel: ContactChannel, now: Timestamp) -> Key {
    let window = window(channel);
    keys::limit(tenant, window.name, &contact.to_string(), window.begin(now))
}

impl HashKey {
    /// What is known of an address or number stands under this id.
    pub fn reachability_id(&self, organization: OrganizationId, address: &ContactAddress) -> ReachabilityId {
        let bits = self.id_bits(&["reachability", &organization.to_string(), &address.canonical()]);
        ReachabilityId::at(Timestamp::UNIX_EPOCH, bits)
    }

    /// Whether it is suppressed on a channel stands under this one.
    pub fn suppression_id(&self, contact: ReachabilityId, channel: ContactChannel) -> SuppressionId {
        let bits = self.id_bits(&["suppression", &contact.to_string(), channel.as_str()]);
        SuppressionId::at(Timestamp::UNIX_EPOCH, bits)
    }
}

impl Table {
    /// All that speaks for or against a message now: 1 `BatchGetItem` of five items, consistent, 1 read unit each.
    ///
    /// Whoever objected a moment ago is not written to, so nothing here is remembered.
    pub async fn reach(
        &self,
        grant: &Grant,
        channel: ContactChannel,
        outreach: &Outreach,
        indian: bool,
        now: Timestamp,
    ) -> Result<Reach, StoreError> {
        let reached = self.reach_many(grant, channel, &[(outreach, indian)], now).await?;
        reached.into_iter().next().ok_or_else(|| StoreError::unreadable("reach", "nothing came back"))
    }

    /// The same for many messages over a channel, in their order: 1 `BatchGetItem` a 100 of two items and three for each
    /// message. Each is looked at by itself: of two to one contact neither knows of the other.
    pub async fn reach_many(
        &self,
        grant: &Grant,
        channel: ContactChannel,
        messages: &[(&Outreach, bool)],
        now: Timestamp,
    ) -> Result<Vec<Reach>, StoreError> {
        let tenant = grant.organization();
        let of_tenant = [CommunicationSettings::id_of(tenant).to_string(), tenant.to_string()];
        let of_tenant = of_tenant.map(|id| keys::record(tenant, &id));
        let of_contact = |outreach: &Outreach| {
            let suppression = self.hash_key.suppression_id(outreach.contact, channel).to_string();
            let records = [outreach.contact.to_string(), suppression].map(|id| keys::record(tenant, &id));
            (records, counter(tenant, outreach.contact, channel, now))
        };
        let asked: Vec<_> = messages.iter().map(|(outreach, _)| of_contact(outreach)).collect();
        let mut wanted: Vec<Key> = of_tenant.to_vec();
        wanted.extend(asked.iter().flat_map(|(records, today)| records.iter().chain([today])).cloned());
        let found = self.batch_get(&wanted, true).await?;
        self.learn(found.values()).await?;
        let [settings, organization] = of_tenant.map(|key| found.get(&key.pk));
        let settings = match settings {
            Some(item) => item::decode(&self.keys, item)?,
            None => CommunicationSettings::new(tenant, now),
        };
        let organization: Option<Organization> = organization.map(|item| item::decode(&self.keys, item)).transpose()?;
        let usual = organization.as_ref().map_or(TimeZone::UTC, Organization::time_zone);
        let one = |((outreach, indian), (records, today)): (&(&Outreach, bool), ([Key; 2], Key))| {
            let [known, suppression] = records.map(|key| found.get(&key.pk));
            let known: Option<Reachability> = known.map(|item| item::decode(&self.keys, item)).transpose()?;
            let suppression: Option<Suppression> =
                suppression.map(|item| item::decode(&self.keys, item)).transpose()?;
            let sent_today = found.get(&format!("{}\n{}", today.pk, today.sk));
            let sent_today = sent_today.and_then(|item| item::number(item, attr::N));
            let consent = known.as_ref().and_then(|known| known.consent(channel, outreach.purpose));
            let contact = outreach.contact;
            let facts = Facts {
                consent: consent.map(|standing| standing.state),
                suppression: suppression.filter(|one| one.is_active(now)).map(|one| one.reason),
                dnd: known.as_ref().is_some_and(Reachability::is_on_dnd),
                indian: *indian,
                zone: outreach.time_zone().unwrap_or_else(|| usual.clone()),
                sent_today: sent_today.unwrap_or(0),
                dlt: outreach.dlt.clone(),
                is_free: outreach.is_free,
                window_until: known.as_ref().and_then(Reachability::window_until),
                settings: settings.clone(),
            };
            Ok(Reach { facts, count: settings.caps.of(channel).map(|cap| CapCount { contact, channel, cap }) })
        };
        messages.iter().zip(asked).map(one).collect()
    }
}

impl Transaction<'_> {
    /// Counts a message that was not sent, by the reason, together with the step that would have: runs of automations
    /// have no events that could carry it.
    pub fn count_refusal(&mut self, grant: &Grant, refusal: &str, now: Timestamp) -> Result<(), StoreError> {
        let day = now.to_zoned(TimeZone::UTC).date();
        let update = Update::builder()
            .table_name(self.table_name())
            .key(attr::PK, s(keys::counts(grant.organization(), REFUSED, Whose::Organization)))
            .key(attr::SK, s(keys::count_sort(Some(day), refusal)))
            .update_expression("ADD #n :one")
            .expression_attribute_names("#n", attr::N)
            .expression_attribute_values(":one", n(1))
            .build()?;
        self.guard(TransactWriteItem::builder().update(update).build());
        Ok(())
    }

    /// Counts a message of marketing together with what sends it. Refused as [`Refused::Guard`](crate::Refused::Guard)
    /// where its contact has had as many today as there may be.
    pub fn count_outreach(&mut self, grant: &Grant, count: &CapCount, now: Timestamp) -> Result<(), StoreError> {
        let CapCount { contact, channel, cap } = *count;
        let key = counter(grant.organization(), contact, channel, now);
        let update = Update::builder()
            .table_name(self.table_name())
            .key(attr::PK, s(key.pk))
            .key(attr::SK, s(key.sk))
            .update_expression("ADD #n :one SET #ttl = :ttl")
            .condition_expression("attribute_not_exists(#n) OR #n < :cap")
            .expression_attribute_names("#n", attr::N)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":cap", n(cap))
            .expression_attribute_values(":ttl", n(window(channel).begin(now) + 2 * i64::from(DAY)))
            .build()?;
        self.guard(TransactWriteItem::builder().update(update).build());
        Ok(())
    }
}

/// What a link says by which somebody objects: whom it is about, of which organization, on which channel. It names no
/// address, never ends (people unsubscribe from old mails), and is verified without a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsubscribeLink {
    /// The organization that wrote.
    pub organization: OrganizationId,
    /// The address or number, by its keyed hash.
    pub contact: ReachabilityId,
    /// The channel it was written to.
    pub channel: ContactChannel,
    /// Whose it was.
    pub lead: Option<LeadId>,
}

/// The version of the form, three UUIDs, the channel.
const BODY: usize = 1 + 3 * 16 + 1;
const VERSION: u8 = 1;
const PURPOSE: &str = "unsubscribe";
const CHANNELS: [ContactChannel; 4] =
    [ContactChannel::Email, ContactChannel::Sms, ContactChannel::Whatsapp, ContactChannel::Phone];

impl UnsubscribeLink {
    /// The text of the link.
    pub fn sign(&self, key: &HashKey) -> String {
        let mut bytes = Vec::with_capacity(BODY + 16);
        bytes.push(VERSION);
        bytes.extend(self.organization.uuid().as_bytes());
        bytes.extend(self.contact.uuid().as_bytes());
        bytes.extend(self.lead.map_or(Uuid::nil(), LeadId::uuid).as_bytes());
        bytes.push((0..).zip(CHANNELS).find(|(_, channel)| *channel == self.channel).map_or(0, |(place, _)| place));
        signed::sign(key, PURPOSE, bytes)
    }

    /// Reads a link; `None` where it is not one that was signed with this key.
    pub fn open(text: &str, key: &HashKey) -> Option<Self> {
        let body = signed::open(key, PURPOSE, text, BODY)?;
        if body.len() != BODY || body[0] != VERSION {
            return None;
        }
        let uuid = |at: usize| Uuid::from_slice(&body[at..at + 16]).ok();
        let lead = uuid(33)?;
        Some(Self {
            organization: OrganizationId::from_uuid(uuid(1)?),
            contact: ReachabilityId::from_uuid(uuid(17)?),
            lead: (!lead.is_nil()).then(|| LeadId::from_uuid(lead)),
            channel: *CHANNELS.get(usize::from(body[BODY - 1]))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_link() -> UnsubscribeLink {
        let now = Timestamp::from_second(1_795_168_800).expect("a time");
        UnsubscribeLink {
            organization: OrganizationId::at(now, [1; 10]),
            contact: ReachabilityId::at(now, [2; 10]),
            channel: ContactChannel::Sms,
            lead: Some(LeadId::at(now, [3; 10])),
        }
    }

    #[test]
    fn links_of_mails_that_were_sent_stay_links() {
        let sent = a_link().sign(&HashKey::new("one"));
        assert_eq!(sent, "AQGh-GYNAHEBgQEBAQEBAQEBofhmDQByAoICAgICAgICAaH4Zg0AcwODAwMDAwMDAwE24mcF1l072QLYxfuSGEyJ");
    }

    #[test]
    fn a_link_is_read_as_it_was_signed_and_in_no_other_form() {
        let (key, link) = (HashKey::new("one"), a_link());
        let text = link.sign(&key);
        assert_eq!(UnsubscribeLink::open(&text, &key), Some(link));
        let bare = UnsubscribeLink { lead: None, ..link };
        assert_eq!(UnsubscribeLink::open(&bare.sign(&key), &key), Some(bare));
        assert_eq!(UnsubscribeLink::open(&text, &HashKey::new("two")), None);
        for cut in 0..text.len() {
            assert_eq!(UnsubscribeLink::open(&text[..cut], &key), None, "{cut}");
        }
        for place in 0..text.len() {
            for other in ["A", "b", "7", "_"].into_iter().filter(|other| !text[place..].starts_with(other)) {
                let forged = format!("{}{other}{}", &text[..place], &text[place + 1..]);
                assert_eq!(UnsubscribeLink::open(&forged, &key), None, "{place} {other}");
            }
        }
        assert_eq!(UnsubscribeLink::open(&format!("{text}A"), &key), None);
    }
}
