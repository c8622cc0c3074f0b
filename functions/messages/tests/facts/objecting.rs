//! Whoever is outside is asked before each try: they may have objected, or sleep.

use domain::message::MessageState;
use domain::outreach::{Outreach, SettingsPatch, SuppressionDetails, SuppressionReason};
use domain::{
    CommunicationSettings, ContactAddress, ContactChannel, ContactPurpose, Message, MessageId, MessageTemplate,
    Recipient, Suppression,
};
use jiff::{SignedDuration, Timestamp};
use mail_parser::MessageParser;
use serde_json::json;
use store::UnsubscribeLink;

use crate::support::{Desk, by_mail};

const ADDRESS: &str = "a_lead@example.com";

impl Desk {
    async fn reaching(&self, purpose: ContactPurpose) -> Message {
        let (platform, organization) = (&self.world.platform, self.tenant.organization);
        let (now, address) = (platform.now(), ADDRESS.parse::<ContactAddress>().expect("an address"));
        let contact = platform.table().hash_key().reachability_id(organization, &address);
        let outreach =
            Outreach { purpose, contact, lead: None, zone: Some("Asia/Kolkata".to_owned()), dlt: None, is_free: false };
        let values = json!({"subject": "Hello", "text": "How are you?"});
        let id = MessageId::at(now, platform.random());
        let queued = Message::queue(id, organization, by_mail(ADDRESS), MessageTemplate::Written, values, now);
        platform.table().commit(&self.grant, Message::reaching(queued, outreach)).await.expect("a message")
    }

    /// Marketing to a number.
    pub(crate) async fn offer(&self, number: &str) -> Message {
        let (platform, organization) = (&self.world.platform, self.tenant.organization);
        let (now, address) = (platform.now(), number.parse::<ContactAddress>().expect("a number"));
        let contact = platform.table().hash_key().reachability_id(organization, &address);
        let purpose = ContactPurpose::Marketing;
        let outreach = Outreach { purpose, contact, lead: None, zone: None, dlt: None, is_free: false };
        let values = json!({"subject": "Hello", "text": "An offer"});
        let (id, to) = (MessageId::at(now, platform.random()), Recipient::Sms(number.parse().expect("a number")));
        let queued = Message::queue(id, organization, to, MessageTemplate::Written, values, now);
        platform.table().commit(&self.grant, Message::reaching(queued, outreach)).await.expect("a message")
    }

    async fn suppress(&self, message: &Message, reason: SuppressionReason) {
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let contact = message.outreach.as_ref().expect("somebody outside").contact;
        let channel = ContactChannel::Email;
        let id = table.hash_key().suppression_id(contact, channel);
        let details = SuppressionDetails { address: None, channel, reason, note: None, expires_at: None, by: None };
        let change = Suppression::suppress(None, id, self.tenant.organization, contact, details, now);
        table.commit(&self.grant, change).await.expect("a suppression");
    }

    pub(crate) async fn ask(&self, patch: SettingsPatch) {
        let now = self.world.platform.now();
        let settings = CommunicationSettings::new(self.tenant.organization, now);
        let mut change = settings.update(patch, now).expect("settings");
        change.before = None;
        self.world.platform.table().commit(&self.grant, change).await.expect("settings");
    }
}

#[tokio::test]
async fn whoever_objected_since_is_not_written_to_again() {
    let desk = Desk::new().await;
    desk.ask(SettingsPatch { quiet_hours: Some(None), ..SettingsPatch::default() }).await;
    let (offer, reminder) =
        (desk.reaching(ContactPurpose::Marketing).await, desk.reaching(ContactPurpose::Service).await);
    desk.suppress(&offer, SuppressionReason::Unsubscribe).await;
    desk.send(&[&offer, &reminder]).await;
    let refused = desk.read(&offer).await;
    assert_eq!(
        (refused.state, refused.tries, refused.failure.as_deref()),
        (MessageState::Failed, 0, Some("unsubscribed"))
    );
    assert_eq!(desk.read(&reminder).await.state, MessageState::Sent, "a reminder is no offer");
    assert_eq!(desk.outbox().len(), 1);
}

#[tokio::test]
async fn an_offer_waits_for_the_morning_of_whom_it_goes_to() {
    let desk = Desk::new().await;
    let night: Timestamp = "2026-12-01T20:00:00Z".parse().expect("a time");
    desk.world.clock.advance(night.duration_since(desk.world.platform.now()));
    let (offer, reminder) =
        (desk.reaching(ContactPurpose::Marketing).await, desk.reaching(ContactPurpose::Service).await);
    desk.send(&[&offer, &reminder]).await;
    let waiting = desk.read(&offer).await;
    let morning: Timestamp = "2026-12-02T03:30:00Z".parse().expect("a time");
    assert_eq!((waiting.state, waiting.tries, waiting.next_try_at), (MessageState::Queued, 0, morning));
    assert_eq!(desk.read(&reminder).await.state, MessageState::Sent);
    desk.world.clock.advance(morning.duration_since(night) - SignedDuration::from_secs(1));
    desk.send(&[&offer]).await;
    assert_eq!(desk.read(&offer).await.state, MessageState::Queued);
    desk.world.clock.advance(SignedDuration::from_secs(1));
    desk.send(&[&offer]).await;
    assert_eq!(desk.read(&offer).await.state, MessageState::Sent);
}

#[tokio::test]
async fn an_offer_says_whom_it_is_from_and_how_to_object() {
    let desk = Desk::new().await;
    let sender_name = Some("Example Ltd".parse().ok());
    desk.ask(SettingsPatch { quiet_hours: Some(None), sender_name, ..SettingsPatch::default() }).await;
    let (offer, reminder) =
        (desk.reaching(ContactPurpose::Marketing).await, desk.reaching(ContactPurpose::Service).await);
    desk.send(&[&offer, &reminder]).await;
    let [first, second] = &desk.outbox()[..] else { panic!("two mails") };
    let header = |raw: &[u8], name: &str| {
        let mail = MessageParser::default().parse(raw).expect("a mail");
        mail.header_raw(name).map(|value| value.trim().to_owned())
    };
    let from = |raw: &[u8]| header(raw, "From").expect("a sender");
    assert!(from(&first.raw).contains("Example Ltd") && from(&second.raw).contains("Example Ltd"));
    assert_eq!(header(&first.raw, "List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let link = header(&first.raw, "List-Unsubscribe").expect("a link").replace(char::is_whitespace, "");
    let text =
        link.strip_prefix("<https://api.sampark.test/v1/public/unsubscribe/").and_then(|rest| rest.strip_suffix('>'));
    let opened = UnsubscribeLink::open(text.expect("a link of the API"), desk.world.platform.table().hash_key());
    let contact = offer.outreach.as_ref().expect("somebody outside").contact;
    let organization = desk.tenant.organization;
    assert_eq!(opened, Some(UnsubscribeLink { organization, contact, channel: ContactChannel::Email, lead: None }));
    assert_eq!(header(&second.raw, "List-Unsubscribe"), None);
}
