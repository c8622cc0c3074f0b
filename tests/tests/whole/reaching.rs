//! Somebody is written to over an organization's own connection, through the gateway, out of the queue, to a double of the
//! provider; its callbacks come in, and they answer.

use http::header;
use jiff::SignedDuration;
use local::doubles::{self, Doubles};
use local::{Local, Options};
use runtime::Clock as _;
use serde_json::{Value, json};
use standins::outbox::Filter;
use standins::whatsapp::Media;
use standins::{Act, Callback, Telling, Trouble};

use crate::caller::{HttpCaller, Reply};

const EMAIL: &str = "a_writing_owner@example.com";
const PASSWORD: &str = "correct horse battery";

struct Desk {
    local: Local,
    owner: HttpCaller,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Desk {
    async fn open() -> Self {
        let local = Local::start(Options::default()).await.expect("the platform starts");
        let mut owner = HttpCaller::of(&local.base_url);
        let body = json!({
            "organization_name": "Example Ltd", "first_name": "Asha", "email": EMAIL, "password": PASSWORD,
        });
        owner.sign_in(&owner.post("/v1/auth/register", body).await.data(201));
        Self { local, owner }
    }

    /// After the time of a token is over.
    async fn sign_in_again(&mut self) {
        let login = json!({"email": EMAIL, "password": PASSWORD});
        self.owner.sign_in(&self.owner.post("/v1/auth/login", login).await.data(200));
    }

    fn doubles(&self) -> &Doubles {
        &self.local.doubles
    }

    /// A connection, and the address that its provider calls.
    async fn connect(&self, provider: &str, settings: Value, credentials: Value) -> (String, String) {
        let body = json!({"provider": provider, "name": provider, "settings": settings, "credentials": credentials});
        let made = self.owner.post("/v1/integrations", body).await.data(201);
        assert_eq!(made["configured"], true);
        let url = text(&made["webhook_url"]);
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| format!("/{path}"));
        (text(&made["id"]), path.expect("a path"))
    }

    async fn lead(&self, name: &str, phone: &str) -> String {
        let body = json!({"full_name": name, "phone": phone, "email": format!("{}@example.com", name.to_lowercase())});
        text(&self.owner.post("/v1/leads", body).await.data(201)["id"])
    }

    async fn settle(&self) {
        self.local.idle().await.expect("what follows is done");
    }

    async fn call_back(&self, path: &str, callback: &Callback) {
        let headers: Vec<(&str, &str)> = callback
            .headers
            .iter()
            .filter(|(name, _)| *name != header::CONTENT_TYPE)
            .map(|(name, value)| (name.as_str(), value.to_str().expect("a header")))
            .collect();
        let kind = callback.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let body = std::str::from_utf8(&callback.body).expect("text");
        self.owner.tell(path, kind, &headers, body).await.expect(200);
        self.settle().await;
    }

    async fn say(&self, body: Value) -> Reply {
        self.owner.post("/v1/communications", body).await
    }

    async fn shown(&self, id: &str) -> Value {
        self.owner.get(&format!("/v1/communications/{id}")).await.data(200)
    }

    async fn history(&self, lead: &str) -> Vec<Value> {
        let path = format!("/v1/communications/history?entityId={lead}&entityType=lead");
        self.owner.get(&path).await.data(200)["communications"].as_array().expect("a list").clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_goes_out_is_reported_on_and_answered() {
    let desk = Desk::open().await;
    let settings = json!({"phone_number_id": doubles::WHATSAPP_NUMBER, "unknown_senders": "lead"});
    let credentials = json!({
        "access_token": doubles::WHATSAPP_TOKEN, "app_secret": doubles::WHATSAPP_SECRET, "verify_token": doubles::WHATSAPP_VERIFY_TOKEN,
    });
    let (connection, path) = desk.connect("whatsapp", settings, credentials).await;
    let challenge =
        |token: &str| format!("{path}?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444");
    assert_eq!(desk.owner.get(&challenge(doubles::WHATSAPP_VERIFY_TOKEN)).await.expect(200).text(), "1158201444");
    desk.owner.get(&challenge("another-word")).await.expect(404);

    let asha = desk.lead("Asha", "+919876543210").await;
    let free = json!({"type": "whatsapp", "lead_id": asha, "content": "How are you?"});
    assert_eq!(desk.say(free.clone()).await.expect(409).json()["code"], "window_closed");
    let template = json!({
        "name": "Follow up", "channel": "whatsapp", "body": "Hello {{ lead.first_name }}",
        "provider_template": doubles::WHATSAPP_TEMPLATE,
    });
    let template = text(&desk.owner.post("/v1/templates", template).await.data(201)["id"]);
    let approved = json!({"type": "whatsapp", "lead_id": asha, "template_id": template});
    let said = text(&desk.say(approved).await.data(201)["id"]);
    desk.settle().await;
    let sent = desk.shown(&said).await;
    assert_eq!((&sent["status"], &sent["integration_id"]), (&json!("sent"), &json!(connection)), "{sent}");
    let wamid = text(&sent["provider_id"]);
    // Late, twice, and in the wrong order.
    for status in ["read", "delivered", "read", "sent"] {
        let callback = desk.doubles().whatsapp.status(&wamid, status, None).expect("it was sent");
        desk.call_back(&path, &callback).await;
    }
    let read = desk.shown(&said).await;
    assert_eq!((&read["status"], &read["opened"]), (&json!("read"), &json!(true)), "{read}");

    let answer = desk.doubles().whatsapp.message("wamid.answer", "919876543210", "Asha", "I am well, thank you.");
    for _ in 0..2 {
        desk.call_back(&path, &answer).await;
    }
    let history = desk.history(&asha).await;
    let heard: Vec<&Value> = history.iter().filter(|one| one["direction"] == "inbound").collect();
    assert_eq!(heard.len(), 1, "once, however often it comes");
    assert_eq!((&heard[0]["content"], &heard[0]["status"]), (&json!("I am well, thank you."), &json!("received")));
    let inbox = desk.owner.get("/v1/notifications").await.data(200);
    let told = inbox["notifications"].as_array().expect("a list").iter();
    assert_eq!(told.filter(|one| one["title"] == "New WhatsApp message").count(), 1);

    let said = text(&desk.say(free).await.data(201)["id"]);
    desk.settle().await;
    assert_eq!(desk.shown(&said).await["status"], "sent");

    let form = Media { name: "form.pdf".into(), content_type: "application/pdf".into(), bytes: b"%PDF-1.7".to_vec() };
    let told = desk.doubles().whatsapp.file("wamid.form", "919876543210", "Asha", form, Some("My form"));
    for _ in 0..2 {
        desk.call_back(&path, &told).await;
    }
    let history = desk.history(&asha).await;
    let files: Vec<&Value> = history.iter().flat_map(|one| one["files"].as_array().into_iter().flatten()).collect();
    let [form] = &files[..] else { panic!("{history:?}") };
    let form = desk.owner.get(&format!("/v1/files/{}", text(&form["id"]))).await.data(200);
    assert_eq!((&form["name"], &form["content_type"]), (&json!("form.pdf"), &json!("application/pdf")), "{form}");

    let stranger = desk.doubles().whatsapp.message("wamid.stranger", "919876500001", "Ravi", "Do you have a course?");
    desk.call_back(&path, &stranger).await;
    let found = desk.owner.get("/v1/leads?phone=%2B919876500001").await.data(200);
    assert_eq!(found["leads"][0]["source"], "WhatsApp", "{found}");
    assert_eq!(desk.history(&text(&found["leads"][0]["id"])).await.len(), 1);
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sms_goes_over_twilio_and_its_callback_tells() {
    let desk = Desk::open().await;
    let settings = json!({"account_sid": doubles::TWILIO_ACCOUNT, "sender": doubles::TWILIO_SENDER});
    let (connection, _) = desk.connect("twilio", settings, json!({"auth_token": doubles::TWILIO_TOKEN})).await;
    let asha = desk.lead("Asha", "+14155552671").await;
    for (status, error, expected) in [("delivered", None, "delivered"), ("undelivered", Some(30_003), "failed")] {
        let body = json!({"type": "sms", "lead_id": asha, "content": "We will call you."});
        let said = text(&desk.say(body).await.data(201)["id"]);
        desk.settle().await;
        let sent = desk.shown(&said).await;
        assert_eq!((&sent["status"], &sent["integration_id"]), (&json!("sent"), &json!(connection)), "{sent}");
        let sid = text(&sent["provider_id"]);
        let (url, callback) = desk.doubles().twilio.callback(&sid, status, error).expect("it asked for a callback");
        let path = url.strip_prefix(&desk.local.base_url).expect("ours").to_owned();
        for _ in 0..2 {
            desk.call_back(&path, &callback).await;
        }
        let told = desk.shown(&said).await;
        assert_eq!(told["status"], expected, "{told}");
        assert_eq!(told["failure"].is_string(), expected == "failed", "{told}");
    }
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_whose_answer_was_lost_is_known_by_its_callback_and_goes_once() {
    const ASHA: &str = "+14155552671";
    let mut desk = Desk::open().await;
    let settings = json!({"account_sid": doubles::TWILIO_ACCOUNT, "sender": doubles::TWILIO_SENDER});
    desk.connect("twilio", settings, json!({"auth_token": doubles::TWILIO_TOKEN})).await;
    let asha = desk.lead("Asha", ASHA).await;
    desk.doubles().twilio.trouble(Trouble::Garbled);
    let body = json!({"type": "sms", "lead_id": asha, "content": "We will call you."});
    let said = text(&desk.say(body).await.data(201)["id"]);
    desk.settle().await;
    assert_eq!(desk.shown(&said).await["status"], "queued", "nobody knows");
    let out = || {
        let outbox = desk.doubles().twilio.outbox();
        outbox.find(Filter { to: Some(ASHA), channel: None }, None, 10).expect("the outbox opens")
    };
    let [sms] = &out()[..] else { panic!("one: {:?}", out()) };
    let Telling { url, callback } =
        desk.doubles().twilio.tell(sms.id, Act::Delivered).expect("it asked for a callback");
    desk.call_back(url.strip_prefix(&desk.local.base_url).expect("ours"), &callback).await;
    let told = desk.shown(&said).await;
    assert_eq!((&told["status"], told["provider_id"].is_string()), (&json!("delivered"), true), "{told}");
    desk.local.clock.advance(SignedDuration::from_mins(15)).expect("the clock moves");
    desk.settle().await;
    assert_eq!(out().len(), 1);
    desk.sign_in_again().await;
    assert_eq!(desk.shown(&said).await["status"], "delivered");
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_scheduled_goes_at_its_time_unless_it_is_taken_back() {
    let mut desk = Desk::open().await;
    let settings = json!({"account_sid": doubles::TWILIO_ACCOUNT, "sender": doubles::TWILIO_SENDER});
    desk.connect("twilio", settings, json!({"auth_token": doubles::TWILIO_TOKEN})).await;
    let asha = desk.lead("Asha", "+14155552671").await;
    let at = desk.local.clock.now() + SignedDuration::from_hours(2);
    let body = json!({"type": "sms", "lead_id": asha, "content": "We will call you.", "scheduled_at": at});
    let said = text(&desk.say(body.clone()).await.data(201)["id"]);
    let taken_back = text(&desk.say(body).await.data(201)["id"]);
    let cancel = json!({"status": "cancelled"});
    desk.owner.put(&format!("/v1/communications/{taken_back}"), cancel).await.expect(200);
    for (minutes, expected) in [(119, "scheduled"), (2, "sent")] {
        desk.local.clock.advance(SignedDuration::from_mins(minutes)).expect("the clock moves");
        desk.settle().await;
        desk.sign_in_again().await;
        assert_eq!(desk.shown(&said).await["status"], expected);
        assert_eq!(desk.shown(&taken_back).await["status"], "cancelled");
    }
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_over_ses_bounces_and_nobody_writes_there_again() {
    let desk = Desk::open().await;
    let settings = json!({"region": "ap-south-1", "from": "office@example.com", "topic_arn": doubles::MAIL_TOPIC});
    let credentials = json!({"access_key_id": "local-key-id", "secret_access_key": "local-key"});
    let (_, path) = desk.connect("ses", settings, credentials).await;
    desk.call_back(&path, &desk.doubles().sns.subscription().expect("a question")).await;
    assert!(desk.doubles().sns.is_confirmed());

    let asha = desk.lead("Asha", "+919876543210").await;
    let mail = json!({"type": "email", "lead_id": asha, "subject": "Your question", "content": "Thank you."});
    let said = text(&desk.say(mail.clone()).await.data(201)["id"]);
    desk.settle().await;
    let sent = desk.shown(&said).await;
    assert_eq!((&sent["status"], sent["integration_id"].is_string()), (&json!("sent"), true), "{sent}");
    let carried = text(&sent["provider_id"]);
    let bounce = desk.doubles().sns.bounced(&carried, "asha@example.com", "Permanent").expect("a notice");
    for _ in 0..2 {
        desk.call_back(&path, &bounce).await;
    }
    assert_eq!(desk.shown(&said).await["status"], "failed");
    assert_eq!(desk.say(mail).await.expect(409).json()["code"], "suppressed");
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_a_lead_ad_becomes_a_lead_once() {
    let desk = Desk::open().await;
    let settings = json!({"page_id": doubles::FACEBOOK_PAGE, "mapping": {"where_do_you_live?": "city"}});
    let credentials = json!({
        "access_token": doubles::FACEBOOK_TOKEN, "app_secret": doubles::FACEBOOK_SECRET, "verify_token": "local-verify-token",
    });
    let (_, path) = desk.connect("facebook", settings, credentials).await;
    let facebook = &desk.doubles().facebook;
    let answers = [("full_name", "Asha Example"), ("phone_number", "+919876543210"), ("where_do_you_live?", "Pune")];
    facebook.fill("1001", &answers);
    for _ in 0..2 {
        desk.call_back(&path, &facebook.told(&["1001"])).await;
    }
    let leads = desk.owner.get("/v1/leads").await.data(200);
    let [lead] = leads["leads"].as_array().expect("a list").as_slice() else { panic!("one lead: {leads}") };
    assert_eq!((&lead["source"], &lead["city"]), (&json!("Facebook"), &json!("Pune")));
    assert_eq!((&lead["full_name"], &lead["touches"]), (&json!("Asha Example"), &json!(1)), "{lead}");
    desk.local.shutdown().await;
}
