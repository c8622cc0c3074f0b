//! Doubles of the providers that organizations connect to, on loopback, into the outbox.

use std::collections::HashMap;

use providers::{Bases, Outside};
use standins::graph::{Graph, Page};
use standins::sns::Sns;
use standins::whatsapp::{Account, CloudWhatsApp};
use standins::{Setup, Standins, msg91, twilio};
use tokio::task::JoinHandle;

use crate::error::StartError;
use crate::start::{address, bind, over};
use crate::stop::Stop;
use crate::webhooks::reach;

/// The account of Twilio that the double is. None of this opens anything elsewhere.
pub const TWILIO_ACCOUNT: &str = "AC00000000000000000000000000000000";
/// Its token.
pub const TWILIO_TOKEN: &str = "local-twilio-token";
/// A number of that account that text messages come from.
pub const TWILIO_SENDER: &str = "+15005550006";
/// The key of MSG91's double.
pub const MSG91_KEY: &str = "local-msg91-key";
/// The header that it knows.
pub const MSG91_SENDER: &str = "SMPRK";
/// The id of a flow that it holds, `Hello ##name##, we will call you.`
pub const MSG91_TEMPLATE: &str = "local-follow-up";
/// Meta's id of the number that WhatsApp's double is.
pub const WHATSAPP_NUMBER: &str = "100000000000001";
/// Further numbers of the same account, as people read them: one for each demo organization, by its place among them.
pub const WHATSAPP_DEMO_NUMBERS: [(&str, &str); 5] = [
    ("100000000000011", "+91 22 6654 0001"),
    ("100000000000012", "+91 22 6654 0002"),
    ("100000000000013", "+91 22 6654 0003"),
    ("100000000000014", "+91 22 6654 0004"),
    ("100000000000015", "+91 22 6654 0005"),
];
/// Meta's id of the account that has its templates.
pub const WHATSAPP_BUSINESS: &str = "100000000000003";
/// The token that lets senders in.
pub const WHATSAPP_TOKEN: &str = "local-whatsapp-token";
/// What it signs its webhooks with.
pub const WHATSAPP_SECRET: &str = "local-whatsapp-secret";
/// What it says when it asks whether an address is ours.
pub const WHATSAPP_VERIFY_TOKEN: &str = "local-verify-token";
/// A template that it approved, in English, with one place: `Hello {{1}}, may we call you?`
pub const WHATSAPP_TEMPLATE: &str = "follow_up";
/// Meta's id of the page that Facebook's double is.
pub const FACEBOOK_PAGE: &str = "100000000000002";
/// The token that lets in whoever asks for its leads.
pub const FACEBOOK_TOKEN: &str = "local-facebook-token";
/// What it signs its webhooks with.
pub const FACEBOOK_SECRET: &str = "local-facebook-secret";
/// The topic that tells what became of mails.
pub const MAIL_TOPIC: &str = "arn:aws:sns:ap-south-1:000000000000:mail";
/// The secret beside any access key at SES's double.
pub const SES_SECRET: &str = "local-ses-secret";
/// Addresses of the Graph API begin with its version.
const GRAPH_VERSION: &str = "v24.0";

/// The providers of this machine.
#[derive(Debug, Clone)]
pub struct Doubles {
    /// Twilio.
    pub twilio: twilio::Twilio,
    /// MSG91.
    pub msg91: msg91::Msg91,
    /// WhatsApp's Cloud API.
    pub whatsapp: CloudWhatsApp,
    /// A page whose lead ads bring leads.
    pub facebook: Graph,
    /// The topic that tells what became of mails.
    pub sns: Sns,
}

/// The doubles, what asks them, and what serves them.
pub(crate) struct Begun {
    pub(crate) doubles: Doubles,
    pub(crate) outside: Outside,
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

/// Serves the doubles on free ports.
pub(crate) async fn begin(standins: &Standins, setup: &Setup, stop: &Stop) -> Result<Begun, StartError> {
    let outbox = || standins.ses.outbox().clone();
    let account = Account {
        business: WHATSAPP_BUSINESS.to_owned(),
        number: WHATSAPP_NUMBER.to_owned(),
        display: "+91 22 6654 0000".to_owned(),
        token: WHATSAPP_TOKEN.to_owned(),
        secret: WHATSAPP_SECRET.to_owned(),
        templates: HashMap::from([(
            (WHATSAPP_TEMPLATE.to_owned(), "en".to_owned()),
            "Hello {{1}}, may we call you?".to_owned(),
        )]),
    };
    let page =
        Page { id: FACEBOOK_PAGE.to_owned(), token: FACEBOOK_TOKEN.to_owned(), secret: FACEBOOK_SECRET.to_owned() };
    let doubles = Doubles {
        twilio: twilio::Twilio::new(outbox(), TWILIO_ACCOUNT, TWILIO_TOKEN),
        msg91: msg91::Msg91::new(
            outbox(),
            MSG91_KEY,
            MSG91_SENDER,
            &[(MSG91_TEMPLATE, "Hello ##name##, we will call you.")],
        ),
        whatsapp: CloudWhatsApp::with_numbers(outbox(), setup, account, &WHATSAPP_DEMO_NUMBERS),
        facebook: Graph::new(setup, page),
        sns: Sns::new(MAIL_TOPIC, setup)?,
    };
    let [twilio, msg91, graph, leads] = [bind(0, 0).await?, bind(0, 0).await?, bind(0, 0).await?, bind(0, 0).await?];
    let bases = Bases {
        twilio: address(&twilio)?,
        msg91: address(&msg91)?,
        graph: format!("{}/{GRAPH_VERSION}", address(&graph)?),
        leads: format!("{}/{GRAPH_VERSION}", address(&leads)?),
    };
    let outside = Outside::at(bases, reach(true), standins.ses.client()).map_err(StartError::io("providers"))?;
    let Doubles { twilio: texts, msg91: flows, whatsapp, facebook, sns: _ } = doubles.clone();
    let [one, two, three, four] = [stop.clone(), stop.clone(), stop.clone(), stop.clone()];
    let tasks = vec![
        tokio::spawn(async move { over("twilio", texts.serve(twilio, told(one)).await) }),
        tokio::spawn(async move { over("msg91", flows.serve(msg91, told(two)).await) }),
        tokio::spawn(async move { over("whatsapp", whatsapp.serve(graph, told(three)).await) }),
        tokio::spawn(async move { over("facebook", facebook.serve(leads, told(four)).await) }),
    ];
    Ok(Begun { doubles, outside, tasks })
}

async fn told(mut stop: Stop) {
    stop.told().await;
}
