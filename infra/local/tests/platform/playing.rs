//! The providers' part, played on the outbox page: it goes through the gateway and the worker to the timeline.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use local::{DEMO_PASSWORD, Local, Options, doubles};
use serde_json::{Value, json};

const SITE: &str = "http://localhost:3000";

struct Desk {
    local: Local,
    token: String,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Desk {
    /// As the owner of a demo organization.
    async fn demo(domain: &str) -> Self {
        let local = Local::start(Options { demo: true, ..Options::default() }).await.expect("it starts");
        let mut desk = Self { local, token: String::new() };
        let login = json!({"email": format!("owner@{domain}"), "password": DEMO_PASSWORD});
        desk.token = text(&desk.post("/v1/auth/login", login).await["access_token"]);
        desk
    }

    /// As the owner of an organization that is connected to nothing yet.
    async fn new() -> Self {
        let local = Local::start(Options::default()).await.expect("it starts");
        let mut desk = Self { local, token: String::new() };
        let owner = json!({
            "organization_name": "Example Ltd", "first_name": "Asha", "email": "a_playing_owner@example.com",
            "password": "correct horse battery",
        });
        desk.token = text(&desk.post("/v1/auth/register", owner).await["access_token"]);
        desk.local.idle().await.expect("it is welcomed");
        desk
    }

    async fn api(&self, method: Method, path: &str, body: Bytes) -> Value {
        let host = self.local.base_url.trim_start_matches("http://");
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let answer = self.local.call(request.body(body).expect("a request")).await;
        let told = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{path}: {told}");
        serde_json::from_str::<Value>(&told).expect("JSON")["data"].clone()
    }

    async fn get(&self, path: &str) -> Value {
        self.api(Method::GET, path, Bytes::new()).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.api(Method::POST, path, body.to_string().into()).await
    }

    async fn lead(&self, phone: &str) -> String {
        let body = json!({"full_name": "Asha Example", "phone": phone, "email": "asha@example.com"});
        text(&self.post("/v1/leads", body).await["id"])
    }

    /// Says something, and returns its id and its place in the outbox.
    async fn say(&self, body: Value) -> (String, i64) {
        let said = text(&self.post("/v1/communications", body).await["id"]);
        self.local.idle().await.expect("it is sent");
        let newest = self.local.standins.ses.outbox().messages(None, 1).expect("listed");
        assert_eq!(self.status(&said).await, "sent");
        (said, newest[0].id)
    }

    async fn status(&self, communication: &str) -> String {
        text(&self.get(&format!("/v1/communications/{communication}")).await["status"])
    }

    async fn form(&self, path: &str, form: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        let mut request = Request::post(path)
            .header(header::HOST, "localhost:3000")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.local.call(request.body(Bytes::from(form.to_owned())).expect("a request")).await
    }

    /// Presses a button of the page, and waits for what follows.
    async fn press(&self, message: i64, form: &str) {
        let path = format!("/outbox/{message}/play");
        let pressed = self.form(&path, form, &[("origin", SITE), ("sec-fetch-site", "same-origin")]).await;
        assert_eq!(pressed.status(), StatusCode::SEE_OTHER, "{:?}", pressed.body());
        assert_eq!(pressed.headers()[header::LOCATION], format!("/outbox/{message}#told"));
        self.local.idle().await.expect("what follows is done");
    }

    async fn page(&self, path: &str) -> String {
        let request = Request::get(path).header(header::HOST, "localhost:3000").body(Bytes::new());
        let answer = self.local.call(request.expect("a request")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        String::from_utf8_lossy(answer.body()).into_owned()
    }

    async fn heard(&self, lead: &str) -> Vec<Value> {
        let path = format!("/v1/communications/history?entityId={lead}&entityType=lead");
        let history = self.get(&path).await["communications"].as_array().cloned().expect("a list");
        history.into_iter().filter(|one| one["direction"] == "inbound").collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_move_a_whatsapp_message_on_and_bring_the_answer_to_the_timeline() {
    let desk = Desk::demo("funds.example").await;
    let lead = desk.lead("+919876543210").await;
    let template = json!({
        "name": "Follow up", "channel": "whatsapp", "body": "Hello {{ lead.first_name }}",
        "provider_template": doubles::WHATSAPP_TEMPLATE,
    });
    let template = text(&desk.post("/v1/templates", template).await["id"]);
    let (said, place) = desk.say(json!({"type": "whatsapp", "lead_id": lead, "template_id": template})).await;
    for (part, status) in [("delivered", "delivered"), ("read", "read")] {
        desk.press(place, &format!("part={part}")).await;
        assert_eq!(desk.status(&said).await, status);
    }
    desk.press(place, "part=reply&words=Yes+%3Cb%3Eplease%3C%2Fb%3E").await;
    desk.press(place, "part=reply&words=Yes+%3Cb%3Eplease%3C%2Fb%3E").await;
    let heard = desk.heard(&lead).await;
    assert_eq!(heard.len(), 2, "who writes twice wrote twice: {heard:?}");
    assert_eq!(heard[0]["content"], "Yes <b>please</b>");

    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("class=\"bubble mine\"") && shown.contains("the platform answered 200 OK"), "{shown}");
    assert!(shown.contains("Yes &lt;b&gt;please&lt;/b&gt;") && !shown.contains("<b>please"), "{shown}");
    let listed = desk.page("/outbox?channel=whatsapp").await;
    assert!(listed.contains("last told: reply") && listed.contains("+91 22 6654 0002"), "{listed}");
    assert!(desk.page("/outbox?channel=sms").await.contains("Nothing was sent yet"));

    let (said, place) = desk.say(json!({"type": "whatsapp", "lead_id": lead, "content": "How are you?"})).await;
    desk.press(place, "part=failed").await;
    assert_eq!(desk.status(&said).await, "failed");
    desk.press(place, "part=bounced").await;
    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("failed: the provider tells nothing of the kind"), "{shown}");

    let mail = json!({"type": "email", "lead_id": lead, "subject": "Your question", "content": "Thank you."});
    let (said, place) = desk.say(mail).await;
    desk.press(place, "part=delivered").await;
    assert_eq!(desk.status(&said).await, "delivered");
    desk.press(place, "part=reply&words=Thank+%3Cyou%3E%21").await;
    let heard = desk.heard(&lead).await;
    let answer = heard.iter().find(|one| one["type"] == "email").expect("an answer");
    assert_eq!((&answer["content"], &answer["subject"]), (&json!("Thank <you>!"), &json!("Re: Your question")));
    assert_eq!(answer["answers"], json!(said));
    desk.press(place, "part=complained").await;
    let suppressions = desk.get("/v1/suppressions").await;
    assert_eq!(suppressions["suppressions"][0]["reason"], "complaint", "{suppressions}");
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_is_answered_and_stop_ends_offers() {
    let desk = Desk::demo("funds.example").await;
    let lead = desk.lead("+14155552671").await;
    let (said, place) = desk.say(json!({"type": "sms", "lead_id": lead, "content": "We will call you."})).await;
    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("value=\"reply\""), "{shown}");
    desk.press(place, "part=reply&words=Yes+%3Cb%3Eplease%3C%2Fb%3E").await;
    desk.press(place, "part=reply&words=Stop").await;
    desk.press(place, "part=delivered").await;
    assert_eq!(desk.status(&said).await, "delivered");
    let heard = desk.heard(&lead).await;
    let words: Vec<&Value> = heard.iter().map(|one| &one["content"]).collect();
    assert!(heard.len() == 2 && words.contains(&&json!("Yes <b>please</b>")) && words.contains(&&json!("Stop")));
    assert!(heard.iter().all(|one| one["type"] == "sms"), "{heard:?}");
    let suppressions = desk.get("/v1/suppressions").await;
    let stopped = &suppressions["suppressions"][0];
    assert_eq!((&stopped["reason"], &stopped["channel"]), (&json!("unsubscribe"), &json!("sms")), "{suppressions}");
    let consents = desk.get(&format!("/v1/leads/{lead}/consents")).await;
    let said = consents["consents"].as_array().expect("a list");
    let of_offers = said.iter().find(|one| one["channel"] == "sms" && one["purpose"] == "marketing");
    assert_eq!(of_offers.map(|one| &one["state"]), Some(&json!("withdrawn")), "{consents}");
    desk.press(place, "part=reply&words=start").await;
    let suppressions = desk.get("/v1/suppressions").await;
    assert_eq!(suppressions["suppressions"], json!([]), "{suppressions}");
    desk.local.shutdown().await;
}

/// Of mails that no connection carried SES tells the platform itself.
#[tokio::test(flavor = "multi_thread")]
async fn buttons_tell_what_became_of_the_platforms_own_mails() {
    let desk = Desk::new().await;
    let lead = desk.lead("+919876543210").await;
    let mail = json!({"type": "email", "lead_id": lead, "subject": "Your question", "content": "Thank you."});
    let (arrived, place) = desk.say(mail.clone()).await;
    desk.press(place, "part=delivered").await;
    assert_eq!(desk.status(&arrived).await, "delivered");
    let (lost, place) = desk.say(mail).await;
    desk.press(place, "part=bounced").await;
    assert_eq!(desk.status(&lost).await, "failed");
    let suppressions = desk.get("/v1/suppressions").await;
    assert_eq!(suppressions["suppressions"][0]["reason"], "bounce", "{suppressions}");
    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("its topic told the queue"), "{shown}");
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_unsubscribes_at_one_click() {
    let desk = Desk::new().await;
    let settings = Bytes::from(json!({"quiet_hours": null}).to_string());
    desk.api(Method::PUT, "/v1/communication-settings", settings).await;
    let lead = desk.lead("+919876543210").await;
    let mail = json!({
        "type": "email", "lead_id": lead, "subject": "Our courses", "content": "Come and see.", "purpose": "marketing",
    });
    let (_, place) = desk.say(mail).await;
    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("value=\"unsubscribe\"") && shown.contains("value=\"bounced\""), "{shown}");
    desk.press(place, "part=unsubscribe").await;
    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("the platform answered 200 OK"), "{shown}");
    let consents = desk.get(&format!("/v1/leads/{lead}/consents")).await;
    assert_eq!(consents["consents"][0]["state"], "withdrawn", "{consents}");
    desk.local.shutdown().await;
}

#[tokio::test]
async fn each_channel_is_shown_as_its_receiver_would_see_it() {
    let local = Local::start(Options::default()).await.expect("it starts");
    let desk = Desk { local, token: String::new() };
    let outbox = desk.local.standins.ses.outbox();
    let keep = |channel: &str, raw: &str| {
        let draft = standins::outbox::Draft {
            channel: channel.to_owned(),
            from: "SAMPRK".to_owned(),
            to: vec!["<i>somebody</i>".to_owned()],
            subject: "A <i>title</i>".to_owned(),
            raw: raw.as_bytes().to_vec(),
        };
        outbox.keep(&draft).expect("kept")
    };
    let pushed =
        json!({"title": "A <i>title</i>", "body": "A <i>call</i>", "url": "https://app.example/calls/1?a=1&b=2"});
    for (channel, raw, parts) in [
        ("sms", "111111 <i>is</i> your code", &["class=\"bubble\"", "111111 &lt;i&gt;is"][..]),
        ("whatsapp", "<i>Hello</i>", &["class=\"chat whatsapp\"", "&lt;i&gt;Hello"]),
        (
            "push",
            &pushed.to_string(),
            &["class=\"card\"", "A &lt;i&gt;call", "href=\"https://app.example/calls/1?a=1&amp;b=2\""],
        ),
        (
            "email",
            "From: Asha <asha@example.com>\r\nSubject: x\r\n\r\n<i>Hello</i>",
            &["Asha &lt;asha@example.com&gt;", "&lt;i&gt;Hello"],
        ),
        ("webhook", "{}", &["To &lt;i&gt;somebody"]),
    ] {
        let place = keep(channel, raw);
        let (list, one) = (format!("/outbox?channel={channel}"), format!("/outbox/{place}"));
        for path in [&list, &one] {
            let shown = desk.page(path).await;
            assert!(parts.iter().all(|part| shown.contains(part)) && !shown.contains("<i>"), "{path}: {shown}");
            assert!(shown.contains(&format!("<a href=\"/outbox?channel={channel}\" aria-current=\"page\">")), "{path}");
        }
        assert!(desk.page(&one).await.contains("<details><summary>All of it as it would have gone out"), "{channel}");
    }
    assert_eq!(desk.page("/outbox").await.matches("<li><p class=\"row\">").count(), 5);
    assert!(desk.page("/outbox?limit=1&channel=sms").await.contains("&amp;limit=1&amp;channel=sms\">Older"));
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_but_this_one_presses_a_button() {
    let desk = Desk::new().await;
    let message = desk.local.standins.ses.outbox().messages(None, 1).expect("listed");
    let message = message.first().expect("the platform wrote to its owner").id;
    let path = format!("/outbox/{message}/play");
    for headers in [
        &[][..],
        &[("origin", "http://elsewhere.example")],
        &[("origin", "http://localhost:3001")],
        &[("origin", "null")],
        &[("origin", SITE), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        for path in [path.as_str(), "/outbox/9999/play", "/outbox/1/address"] {
            let refused = desk.form(path, "part=delivered", headers).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    let clock = Request::post("/clock")
        .header(header::HOST, "localhost:3000")
        .header(header::ORIGIN, "http://elsewhere.example")
        .header(header::CONTENT_TYPE, "application/json");
    let clock = desk.local.call(clock.body(Bytes::from("{\"advance\": \"PT1H\"}")).expect("a request")).await;
    assert_eq!(clock.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.local.standins.ses.outbox().told(message).expect("read"), []);

    let own = [("origin", SITE)];
    assert_eq!(desk.form("/outbox/9999/play", "part=delivered", &own).await.status(), StatusCode::NOT_FOUND);
    for wrong in ["part=loved", "part=reply&words=+", "words=Hello", ""] {
        assert_eq!(desk.form(&path, wrong, &own).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let shown = desk.page(&format!("/outbox/{message}")).await;
    assert!(shown.contains("stands on nobody's timeline") && !shown.contains("name=\"part\""), "{shown}");
    desk.local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_tells_once_it_was_given_an_address_that_is_the_platforms() {
    let desk = Desk::new().await;
    let connection = json!({
        "provider": "msg91", "name": "SMS",
        "credentials": {"auth_key": doubles::MSG91_KEY, "verify_token": "only-for-this-test"},
    });
    let connection = desk.post("/v1/integrations", connection).await;
    let template = json!({
        "name": "Follow up", "channel": "sms", "body": "Hello {{ lead.first_name }}, we will call you.",
        "provider_template": doubles::MSG91_TEMPLATE,
    });
    let template = text(&desk.post("/v1/templates", template).await["id"]);
    let lead = desk.lead("+14155552671").await;
    let (said, place) = desk.say(json!({"type": "sms", "lead_id": lead, "template_id": template})).await;
    let shown = desk.page(&format!("/outbox/{place}")).await;
    assert!(shown.contains("given no address to call") && !shown.contains("name=\"part\""), "{shown}");

    let (path, own) = (format!("/outbox/{place}/address"), [("origin", SITE)]);
    for elsewhere in
        ["http://elsewhere.example/v1", "http://127.0.0.1:1/v1", "", &format!("{}9/v1", desk.local.base_url)]
    {
        let refused = desk.form(&path, &format!("url={elsewhere}"), &own).await;
        assert_eq!(refused.status(), StatusCode::SEE_OTHER, "{elsewhere}");
        let shown = desk.page(&format!("/outbox/{place}")).await;
        assert!(shown.contains(&format!("failed: {elsewhere} is not an address of this platform")), "{shown}");
        assert!(!shown.contains("name=\"part\""), "{shown}");
    }
    let url = text(&connection["webhook_url"]);
    for (token, answer, status) in [
        ("another-word-altogether", "failed: the platform answered 404", "sent"),
        ("only-for-this-test", "the platform answered 200", "delivered"),
    ] {
        let set = desk.form(&path, &format!("url={url}%3Ftoken%3D{token}"), &own).await;
        assert_eq!(set.status(), StatusCode::SEE_OTHER, "{:?}", set.body());
        desk.press(place, "part=delivered").await;
        assert!(desk.page(&format!("/outbox/{place}")).await.contains(answer), "{answer}");
        assert_eq!(desk.status(&said).await, status);
    }
    desk.local.shutdown().await;
}
