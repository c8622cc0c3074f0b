//! What a campaign says to one person over one channel.

use std::collections::HashMap;

use domain::campaign::{BUCKETS, Campaign, Launch, Planning, Words};
use domain::communication::{CommunicationDetails, FromTemplate, OfCampaign, Placing};
use domain::{
    CampaignRecipientId, CommunicationId, CommunicationType, ContactAddress, ContactChannel, Grant, IdBits, Lead,
    Membership, MembershipId, MessageId, Organization, ReminderId, UserId,
};
use jiff::Timestamp;
use runtime::{Platform, Speech};
use serde_json::Map;
use store::ReadError;
use wording::{Filled, Whom, as_written, filled};

/// Channels are passed over for these, beside what speaks against a message.
pub(crate) const NO_ADDRESS: &str = "no_address";
const NO_OWNER: &str = "no_owner";
pub(crate) const NOT_WRITTEN: &str = "not_written";

/// What a page of people needs beside their leads.
pub(crate) struct Said<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) campaign: &'a Campaign,
    pub(crate) launch: &'a Launch,
    pub(crate) organization: Organization,
    pub(crate) agents: HashMap<MembershipId, Membership>,
    pub(crate) now: Timestamp,
}

/// A person, and the variant that they get; the empty name where there are none.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) lead: Lead,
    pub(crate) variant: String,
}

impl<'a> Said<'a> {
    /// What people need: 1 read, and 1 `BatchGetItem` a 100 of those who work on them.
    pub(crate) async fn to(
        platform: &'a Platform,
        grant: &Grant,
        (campaign, launch): (&'a Campaign, &'a Launch),
        people: &[Person],
    ) -> Result<Self, ReadError> {
        let mut owners: Vec<UserId> = people.iter().filter_map(|person| person.lead.assigned_to).collect();
        owners.sort_unstable();
        owners.dedup();
        let owners: Vec<MembershipId> = owners.into_iter().map(Membership::id_of).collect();
        let (organization, agents) =
            tokio::try_join!(platform.table().get::<Organization>(grant, grant.organization()), async {
                Ok(platform.table().get_many::<Membership>(grant, &owners).await?)
            },)?;
        Ok(Self { platform, campaign, launch, organization, agents, now: platform.now() })
    }

    /// The bits of an id of what this campaign makes for a person: the same however often it is tried.
    fn bits(&self, lead: &Lead, part: &str) -> IdBits {
        let (campaign, lead) = (self.campaign.id.to_string(), lead.id.to_string());
        self.platform.table().hash_key().id_bits(&["campaign", &campaign, &lead, part])
    }

    /// The id of a person's recipient.
    pub(crate) fn recipient(&self, lead: &Lead) -> CampaignRecipientId {
        CampaignRecipientId::at(self.launch.at, self.bits(lead, "recipient"))
    }

    /// How a person's recipient begins.
    pub(crate) fn planning(&self, person: &Person) -> Planning {
        let variant = Some(person.variant.clone()).filter(|variant| !variant.is_empty());
        self.campaign.planning(self.recipient(&person.lead), &person.lead, variant, self.now)
    }

    /// The id of a reminder of a person's.
    pub(crate) fn reminder(&self, lead: &Lead) -> ReminderId {
        ReminderId::at(self.launch.at, self.bits(lead, "reminder"))
    }

    /// What is said to somebody over a channel, or the word of why it cannot be.
    pub(crate) fn speech(&self, person: &Person, channel: ContactChannel) -> Result<Speech, &'static str> {
        let Person { lead, variant } = person;
        let address = address(lead, channel).ok_or(NO_ADDRESS)?;
        if channel == ContactChannel::Phone && lead.assigned_to.is_none() {
            return Err(NO_OWNER);
        }
        let words = self.campaign.words(variant, channel).ok_or(NOT_WRITTEN)?;
        let Filled { subject, body, html, held } = self.filled(lead, words).ok_or(NOT_WRITTEN)?;
        let contact = self.platform.table().hash_key().reachability_id(self.organization.id, &address);
        let placing = Placing {
            id: CommunicationId::at(self.launch.at, self.bits(lead, &format!("communication {channel}"))),
            organization: self.organization.id,
            branch: lead.branch_id,
            user: lead.assigned_to.unwrap_or(self.launch.by),
            lead: Some(lead.id),
            contact: Some((address, contact)),
            now: self.now,
        };
        let kind = CommunicationType::of(channel);
        let of = OfCampaign {
            id: self.campaign.id,
            variant: Some(variant.clone()).filter(|variant| !variant.is_empty()),
            is_planned: true,
        };
        let template = words.template.map(|(id, revision)| FromTemplate { id, revision, held });
        let part = |text: String| text.parse().map_err(|_| NOT_WRITTEN);
        let details = CommunicationDetails {
            subject: subject.map(|subject| subject.parse().map_err(|_| NOT_WRITTEN)).transpose()?,
            html: html.map(part).transpose()?,
            campaign: Some(of),
            template,
            ..CommunicationDetails::outbound(kind, self.campaign.purpose, Some(part(body)?))
        };
        let message = MessageId::at(self.launch.at, self.bits(lead, &format!("message {channel}")));
        let dlt = words.content.registration.as_ref().map(|registration| registration.dlt.clone());
        Ok(Speech { channel, details, placing, message, zone: None, dlt })
    }

    /// A campaign's own words are told as they stand where nothing is to be filled in.
    fn filled(&self, lead: &Lead, words: &Words) -> Option<Filled> {
        let content = &words.content;
        if words.template.is_none() && !self.campaign.personalization {
            return Some(as_written(content));
        }
        let agent = lead.assigned_to.and_then(|user| self.agents.get(&Membership::id_of(user)));
        let whom = Whom { clear: self.launch.clear, lead: Some(lead), agent, organization: &self.organization };
        let values = content.values(&Map::new()).ok()?;
        filled(content, &words.language, whom, values).ok()
    }
}

/// Where somebody is reached over a channel.
fn address(lead: &Lead, channel: ContactChannel) -> Option<ContactAddress> {
    if channel.needs_phone() {
        lead.phone.clone().map(ContactAddress::Phone)
    } else {
        lead.email.clone().map(ContactAddress::Email)
    }
}

/// The number that somebody drew in a campaign, by which it is decided what they get.
pub(crate) fn bucket(platform: &Platform, campaign: &Campaign, lead: &Lead) -> u32 {
    let (campaign, lead) = (campaign.id.to_string(), lead.id.to_string());
    let [a, b, c, d, ..] = platform.table().hash_key().id_bits(&["campaign", &campaign, &lead, "bucket"]);
    u32::from_be_bytes([a, b, c, d]) % BUCKETS
}
