//! E-mails of campaigns tell when they are opened and followed, where the organization lets them.

use domain::campaign::{CampaignDetails, CampaignPatch};
use domain::communication::{CommunicationDetails, OfCampaign, Placing};
use domain::message::MessageState;
use domain::outreach::{Outreach, SettingsPatch};
use domain::{
    Campaign, CampaignId, CampaignType, Communication, CommunicationId, CommunicationType, ContactAddress,
    ContactPurpose, CustomFields, Message, MessageId, UserId,
};
use mail_parser::MessageParser;
use messages::Messages;
use runtime::Platform;
use serde_json::{Value, json};
use store::{TrackingLink, UnsubscribeLink};
use testkit::SeededEntropy;

use crate::support::{Desk, by_mail};

const ADDRESS: &str = "a_lead@example.com";
const TEXT: &str = "Admissions are open: https://example.com/admissions?a=1&b=2";
const OPENS: &str = "https://api.sampark.test/v1/public/opens/";
const CLICKS: &str = "https://api.sampark.test/v1/public/clicks/";

/// What an e-mail says as it arrives.
struct Arrived {
    text: String,
    html: String,
}

impl Arrived {
    /// The links in it that begin so.
    fn links(&self, base: &str) -> Vec<&str> {
        self.html.split(base).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect()
    }

    fn is_tracked(&self) -> bool {
        !self.links(OPENS).is_empty() || !self.links(CLICKS).is_empty()
    }
}

impl Desk {
    /// An e-mail on somebody's timeline.
    async fn mail(&self, html: Option<&str>, edit: impl FnOnce(&mut CommunicationDetails)) -> (Communication, Message) {
        let (platform, organization) = (&self.world.platform, self.tenant.organization);
        let (table, now) = (platform.table(), platform.now());
        let address: ContactAddress = ADDRESS.parse().expect("an address");
        let contact = table.hash_key().reachability_id(organization, &address);
        let content = Some(TEXT.parse().expect("a text"));
        let mut details = CommunicationDetails::outbound(CommunicationType::Email, ContactPurpose::Service, content);
        details.subject = Some("Admissions".parse().expect("a subject"));
        details.html = html.map(|html| html.parse().expect("HTML"));
        edit(&mut details);
        if let Some(of) = details.campaign.as_ref().filter(|of| of.is_planned) {
            let (kind, name) = (Some(CampaignType::Email), "Admissions".parse().expect("a name"));
            let campaign = CampaignDetails { name, kind, rest: CampaignPatch::default() };
            let change = Campaign::create(of.id, organization, campaign, UserId::at(now, [1; 10]), now);
            table.commit(&self.grant, change.expect("a campaign")).await.expect("it is there");
        }
        let purpose = details.purpose;
        let placing = Placing {
            id: CommunicationId::at(now, platform.random()),
            organization,
            branch: self.tenant.branch,
            user: UserId::at(now, [1; 10]),
            lead: None,
            contact: Some((address, contact)),
            now,
        };
        let id = MessageId::at(now, platform.random());
        let queued = Message::speak(id, organization, by_mail(ADDRESS), placing.id, None, now);
        let outreach = Outreach { purpose, contact, lead: None, zone: None, dlt: None, is_free: false };
        let mut transaction = table.transaction();
        let mail = transaction.push(&self.grant, Communication::carry(details, placing, id)).expect("a change");
        let message = transaction.push(&self.grant, Message::reaching(queued, outreach)).expect("a change");
        transaction.commit().await.expect("it is queued");
        (mail, message)
    }

    /// Sends it, and tells what arrives.
    async fn arrives(&self, message: &Message) -> Arrived {
        self.send(&[message]).await;
        assert_eq!(self.read(message).await.state, MessageState::Sent);
        self.latest()
    }

    fn latest(&self) -> Arrived {
        let raw = self.outbox().pop().expect("a mail").raw;
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        let part = |part: Option<std::borrow::Cow<'_, str>>| part.expect("a part").into_owned();
        Arrived { text: part(mail.body_text(0)), html: part(mail.body_html(0)) }
    }

    /// Marketing is sent at whatever hour.
    async fn awake(&self, patch: SettingsPatch) {
        self.ask(SettingsPatch { quiet_hours: Some(None), ..patch }).await;
    }

    fn opened(&self, token: &str) -> TrackingLink {
        TrackingLink::open(token, self.world.platform.table().hash_key()).expect("a link of ours")
    }
}

fn of_campaign(is_planned: bool) -> impl FnOnce(&mut CommunicationDetails) {
    move |details| {
        let id = CampaignId::at(jiff::Timestamp::UNIX_EPOCH, [7; 10]);
        details.campaign = Some(OfCampaign { id, variant: None, is_planned });
    }
}

fn saying(purpose: ContactPurpose, data: Value) -> impl FnOnce(&mut CommunicationDetails) {
    move |details| {
        details.purpose = purpose;
        let data = data.as_object().cloned().expect("an object");
        details.channel_specific_data = CustomFields::new(data).expect("fields");
    }
}

#[tokio::test]
async fn a_campaigns_links_lead_through_ours_and_its_pixel_tells_that_it_is_opened() {
    let desk = Desk::new().await;
    let unsubscribe = {
        let (organization, key) = (desk.tenant.organization, desk.world.platform.table().hash_key());
        let contact = key.reachability_id(organization, &ADDRESS.parse().expect("an address"));
        let channel = domain::ContactChannel::Email;
        let link = UnsubscribeLink { organization, contact, channel, lead: None };
        format!("<a href=\"https://api.sampark.test/v1/public/unsubscribe/{}\">No more</a>", link.sign(key))
    };
    let html = format!(
        "<p>Admissions are <a class=\"button\" href=\"https://example.com/admissions?a=1&amp;b=2\">open</a>.</p>\n\
         <p><a href=\"mailto:office@example.com\">Write</a> or <a href=\"tel:+919876543210\">call</a>. \
         <a data-no-track href=\"https://example.com/privacy\">Privacy</a> {unsubscribe}</p>"
    );
    let (mail, message) = desk.mail(Some(&html), of_campaign(true)).await;
    let arrived = desk.arrives(&message).await;
    let clicks: Vec<_> = arrived.links(CLICKS).into_iter().map(|token| desk.opened(token)).collect();
    let [click] = &clicks[..] else { panic!("one link: {}", arrived.html) };
    assert_eq!((click.organization, click.communication), (desk.tenant.organization, mail.id));
    assert_eq!(click.target.as_ref().map(store::Target::as_str), Some("https://example.com/admissions?a=1&b=2"));
    let [pixel] = arrived.links(OPENS)[..] else { panic!("one pixel: {}", arrived.html) };
    assert_eq!((desk.opened(pixel).communication, desk.opened(pixel).target), (mail.id, None));
    let (_, end) = arrived.html.split_once(OPENS).expect("a pixel");
    assert!(end.contains("</body>") && !end.contains("<p>"), "it is the end of the body: {}", arrived.html);
    for kept in ["<a class=\"button\" href=\"", "mailto:office", "tel:+91", "<a data-no-track href=\"https://ex"] {
        assert!(arrived.html.contains(kept), "{kept}: {}", arrived.html);
    }
    assert!(arrived.html.contains(&unsubscribe), "{}", arrived.html);
    assert!(arrived.text.contains(TEXT) && !arrived.text.contains("/public/"), "{}", arrived.text);
}

#[tokio::test]
async fn text_alone_is_opened_and_its_links_stay_as_they_were_written() {
    let desk = Desk::new().await;
    let (_, message) = desk.mail(None, of_campaign(true)).await;
    let arrived = desk.arrives(&message).await;
    assert_eq!((arrived.links(OPENS).len(), arrived.links(CLICKS).len()), (1, 0));
    assert!(arrived.html.contains("admissions?a=1&amp;b=2</div>"), "{}", arrived.html);
    assert!(arrived.text.contains(TEXT), "{}", arrived.text);
}

#[tokio::test]
async fn it_is_told_of_campaigns_and_marketing_and_of_what_says_so_itself() {
    use ContactPurpose::{Marketing, Service};
    let desk = Desk::new().await;
    desk.awake(SettingsPatch::default()).await;
    let html = Some("<a href=\"https://example.com\">x</a>");
    let (_, by_hand) = desk.mail(html, of_campaign(false)).await;
    assert!(!desk.arrives(&by_hand).await.is_tracked(), "it is written by hand");
    for (purpose, data, is_tracked) in [
        (Marketing, json!({}), true),
        (Marketing, json!({"tracking_pixel": false}), false),
        (Service, json!({}), false),
        (Service, json!({"tracking_pixel": true}), true),
        (Service, json!({"tracking_pixel": "yes"}), false),
    ] {
        let (_, message) = desk.mail(html, saying(purpose, data.clone())).await;
        assert_eq!(desk.arrives(&message).await.is_tracked(), is_tracked, "{purpose} {data}");
    }
    // What stands on no timeline is nobody's campaign.
    let welcome = desk.welcome(ADDRESS).await;
    assert!(!desk.arrives(&welcome).await.is_tracked());
}

#[tokio::test]
async fn an_organization_may_want_none_of_it() {
    let desk = Desk::new().await;
    desk.awake(SettingsPatch { tracking: Some(false), ..SettingsPatch::default() }).await;
    let html = "<a href=\"https://example.com\">x</a>";
    for (_, message) in [
        desk.mail(Some(html), of_campaign(true)).await,
        desk.mail(Some(html), saying(ContactPurpose::Service, json!({"tracking_pixel": true}))).await,
    ] {
        let arrived = desk.arrives(&message).await;
        assert!(!arrived.is_tracked() && arrived.html.contains(html), "{}", arrived.html);
    }
}

#[tokio::test]
async fn without_an_address_for_links_it_goes_out_as_it_is() {
    let desk = Desk::new().await;
    let (_, message) = desk.mail(Some("<a href=\"https://example.com\">x</a>"), of_campaign(true)).await;
    let world = &desk.world;
    let mut settings = world.platform.settings().clone();
    settings.api_url = None;
    let (client, clock) = (world.standins.dynamo.client(), std::sync::Arc::new(world.clock.clone()));
    let platform = Platform::new(settings, client, clock, std::sync::Arc::new(SeededEntropy::new(2)))
        .with_keys(world.platform.table().keys().clone())
        .with_mail(&world.standins.ses.client());
    let record = json!({"messageId": "1", "body": desk.step(&message)});
    let event = serde_json::from_value(json!({"Records": [record]})).expect("an event");
    assert!(Messages::new(platform).handle(event).await.batch_item_failures.is_empty());
    assert_eq!(desk.read(&message).await.state, MessageState::Sent);
    assert!(!desk.latest().is_tracked());
}
