//! Doubles of the providers that are asked, and an exchange over each.

use std::collections::HashMap;
use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;

use domain::integration::{
    ACCESS_TOKEN, APP_SECRET, AUTH_KEY, AUTH_TOKEN, IntegrationSettings, Provider, Strangers, VERIFY_TOKEN,
};
use providers::inbound::meta;
use providers::{
    Bases, Outside, Reach, TextMessage, TextTemplate, Way, WhatsAppBody, WhatsAppMessage, WhatsAppRecipient,
};
use serde_json::{Value, json};
use standins::graph::{Graph, Page};
use standins::msg91::Msg91;
use standins::sns::Sns;
use standins::twilio::Twilio;
use standins::whatsapp::{Account, CloudWhatsApp};
use standins::{Callback, Setup};
use testkit::World;
use tokio::net::TcpListener;

use crate::support::{Exchange, TOKEN};

/// Whom most of these are with.
pub(crate) const ASHA: &str = "+919876543210";
/// The number of the business, by Meta's id of it.
const NUMBER: &str = "100000000000001";
/// The account that has its templates, likewise.
const BUSINESS: &str = "100000000000003";
/// The page, likewise.
const PAGE: &str = "100000000000002";
/// What the account calls its template.
pub(crate) const TEMPLATE: &str = "visit";
const META_TOKEN: &str = "not-a-real-token";
const META_SECRET: &str = "not-a-real-app-secret";
/// What MSG91's address ends with.
pub(crate) const WORD: &str = "a-word-of-our-own-1";
pub(crate) const TWILIO: &str = "AC00000000000000000000000000000000";
/// The number that text messages come from over Twilio.
pub(crate) const SENDER: &str = "+15005550006";
const KEY: &str = "not-a-real-key";
const TOPIC: &str = "arn:aws:sns:ap-south-1:123456789012:mail";

/// Serves a double as long as the test runs.
macro_rules! serve {
    ($double:expr) => {{
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let double = $double.clone();
        tokio::spawn(async move { double.serve(listener, pending()).await });
        base
    }};
}

#[expect(clippy::disallowed_methods, reason = "the doubles are here")]
fn outside(bases: Bases, world: &World) -> Outside {
    Outside::at(bases, Reach::with_loopback(), world.standins.ses.client()).expect("clients")
}

fn setup(world: &World) -> Setup {
    Setup { clock: Arc::new(world.clock.clone()), ..Setup::default() }
}

/// A connection to WhatsApp, and the double of it. Only what is sent is asked over HTTP, so it is served apart.
pub(crate) async fn whatsapp(strangers: Strangers) -> (Exchange, CloudWhatsApp) {
    let mut double = None;
    let (listener, base) = listener().await;
    let exchange = Exchange::over(
        Provider::Whatsapp,
        &[(ACCESS_TOKEN, META_TOKEN), (APP_SECRET, META_SECRET), (VERIFY_TOKEN, WORD)],
        |settings, _| {
            let IntegrationSettings::Whatsapp(whatsapp) = settings else { panic!("{settings:?}") };
            whatsapp.unknown_senders = strangers;
            whatsapp.phone_number_id = Some(NUMBER.parse().expect("an id"));
            whatsapp.business_account_id = Some(BUSINESS.parse().expect("an id"));
        },
        |world| {
            let account = Account {
                business: BUSINESS.to_owned(),
                number: NUMBER.to_owned(),
                display: "+91 22 6654 0000".to_owned(),
                token: META_TOKEN.to_owned(),
                secret: META_SECRET.to_owned(),
                templates: HashMap::from([((TEMPLATE.to_owned(), "en_US".to_owned()), "Hello {{1}}".to_owned())]),
            };
            double = Some(CloudWhatsApp::new(world.standins.ses.outbox().clone(), &setup(world), account));
            let bases = Bases { graph: format!("{base}/v24.0"), ..Bases::default() };
            world.platform.clone().with_outside(outside(bases, world))
        },
    )
    .await;
    let double = double.expect("a double");
    let served = double.clone();
    tokio::spawn(async move { served.serve(listener, pending()).await });
    (exchange, double)
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

/// A connection to Twilio that sends text messages, and keeps what strangers write.
pub(crate) async fn twilio() -> (Exchange, Twilio) {
    twilio_of(Strangers::Keep).await
}

/// The same, to which strangers are this.
pub(crate) async fn twilio_of(strangers: Strangers) -> (Exchange, Twilio) {
    let double = Twilio::new(standins::Outbox::memory(&Setup::default().clock).expect("opens"), TWILIO, TOKEN);
    let base = serve!(double);
    let exchange = Exchange::over(
        Provider::Twilio,
        &[(AUTH_TOKEN, TOKEN)],
        |settings, _| {
            let IntegrationSettings::Twilio(twilio) = settings else { panic!("{settings:?}") };
            twilio.account_sid = Some(TWILIO.parse().expect("an account"));
            twilio.sender = Some(SENDER.parse().expect("a sender"));
            twilio.unknown_senders = strangers;
        },
        |world| {
            let bases = Bases { twilio: base, ..Bases::default() };
            world.platform.clone().with_outside(outside(bases, world))
        },
    )
    .await;
    (exchange, double)
}

/// A connection to MSG91.
pub(crate) async fn msg91() -> (Exchange, Msg91) {
    let outbox = standins::Outbox::memory(&Setup::default().clock).expect("opens");
    let double = Msg91::new(outbox, KEY, "SAMPRK", &[("hello", "Hello")]);
    let base = serve!(double);
    let secrets = [(AUTH_KEY, KEY), (VERIFY_TOKEN, WORD)];
    let exchange = Exchange::over(
        Provider::Msg91,
        &secrets,
        |_, _| {},
        |world| {
            let bases = Bases { msg91: base, ..Bases::default() };
            world.platform.clone().with_outside(outside(bases, world))
        },
    )
    .await;
    (exchange, double)
}

/// A connection to a page whose lead ads bring leads.
pub(crate) async fn facebook() -> (Exchange, Graph) {
    let (listener, base) = listener().await;
    let mut double = None;
    let exchange = Exchange::over(
        Provider::Facebook,
        &[(ACCESS_TOKEN, META_TOKEN), (APP_SECRET, META_SECRET), (VERIFY_TOKEN, WORD)],
        |settings, _| {
            let IntegrationSettings::Facebook(facebook) = settings else { panic!("{settings:?}") };
            facebook.page_id = Some(PAGE.parse().expect("an id"));
        },
        |world| {
            let page = Page { id: PAGE.to_owned(), token: META_TOKEN.to_owned(), secret: META_SECRET.to_owned() };
            double = Some(Graph::new(&setup(world), page));
            let bases = Bases { leads: format!("{base}/v24.0"), ..Bases::default() };
            world.platform.clone().with_outside(outside(bases, world))
        },
    )
    .await;
    let double = double.expect("a double");
    let served = double.clone();
    tokio::spawn(async move { served.serve(listener, pending()).await });
    (exchange, double)
}

/// A connection to SES, and the topic that tells of its mails.
pub(crate) async fn ses() -> (Exchange, Sns) {
    ses_of(Strangers::Keep).await
}

/// The same, with what becomes of those who write and are no lead.
pub(crate) async fn ses_of(strangers: Strangers) -> (Exchange, Sns) {
    let mut topic = None;
    let exchange = Exchange::over(
        Provider::Ses,
        &[],
        |settings, _| {
            let IntegrationSettings::Ses(ses) = settings else { panic!("{settings:?}") };
            ses.topic_arn = Some(TOPIC.parse().expect("a topic"));
            ses.unknown_senders = strangers;
        },
        |world| {
            let sns = Sns::new(TOPIC, &setup(world)).expect("a topic");
            topic = Some(sns.clone());
            world.platform.clone().with_sns(Arc::new(sns))
        },
    )
    .await;
    (exchange, topic.expect("a topic"))
}

impl Exchange {
    /// Hands something over to the double of the provider, and returns its id of it. Nobody writes that down yet.
    pub(crate) async fn hand_over(&self) -> String {
        self.hand_over_as("msg_1").await
    }

    /// The same under an id of ours.
    pub(crate) async fn hand_over_as(&self, ours: &str) -> String {
        let callback =
            format!("https://api.sampark.test/v1/webhooks/{}/{}", self.integration.provider, self.integration.id);
        let outside = self.world.platform.outside().expect("providers");
        let id = ours.to_owned();
        match outside.way(&self.integration, Some(&callback)).expect("a way") {
            Way::Text { sender, .. } => {
                let template = Some(TextTemplate { id: "hello".to_owned(), values: Vec::new() });
                let text = TextMessage { id, to: ASHA.to_owned(), text: "Hello".to_owned(), sender: None, template };
                sender.send(&text).await.expect("it is taken")
            }
            Way::WhatsApp(whatsapp) => {
                let body = WhatsAppBody::Text { text: "Hello".to_owned(), preview: false };
                let to = WhatsAppRecipient::Number(ASHA.to_owned());
                whatsapp.send(&WhatsAppMessage { id, to, body }).await.expect("it is taken")
            }
            Way::Mail(_) => panic!("mails go another way"),
        }
    }
}

/// What Meta tells in several requests, in one; `edit` changes it before it is signed.
pub(crate) fn together(callbacks: &[Callback], edit: impl FnOnce(&mut Value)) -> Callback {
    let body = |callback: &Callback| serde_json::from_slice::<Value>(&callback.body).expect("it is JSON");
    let entries = callbacks.iter().flat_map(|one| body(one)["entry"].as_array().cloned().unwrap_or_default());
    let mut whole = json!({"object": "any", "entry": entries.collect::<Vec<_>>()});
    edit(&mut whole);
    let mut callback = callbacks[0].clone();
    callback.body = whole.to_string().into_bytes();
    let signature = meta::sign(META_SECRET, &callback.body).expect("it is signed");
    callback.headers.insert("x-hub-signature-256", signature.parse().expect("a header"));
    callback
}
