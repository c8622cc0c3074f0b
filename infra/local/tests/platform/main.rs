//! The platform as its users meet it.

mod playing;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::{DEMO_PASSWORD, Local, Options, demo_owners, screen};
use serde_json::{Value, json};

async fn local() -> Local {
    Local::start(Options::default()).await.expect("it starts")
}

/// Over the network, as a caller comes.
async fn get(url: String) -> (StatusCode, Bytes) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.get(url.parse().expect("a URL")).await.expect("an answer");
    (answer.status(), answer.into_body().collect().await.expect("a body").to_bytes())
}

async fn post(local: &Local, path: &str, body: &Value) -> (StatusCode, Value) {
    let request =
        Request::post(path).header(header::HOST, "localhost").header(header::CONTENT_TYPE, "application/json");
    let answer = local.call(request.body(body.to_string().into()).expect("a request")).await;
    (answer.status(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

async fn page(local: &Local, path: &str, host: &str) -> (StatusCode, Bytes) {
    let request = Request::get(path).header(header::HOST, host).body(Bytes::new()).expect("a request");
    let answer = local.call(request).await;
    (answer.status(), answer.into_body())
}

#[tokio::test]
async fn the_api_is_reached_under_its_three_names_and_no_other() {
    let local = local().await;
    for name in ["/v1", "/api", "/api/v1"] {
        let (status, body) = get(format!("{}{name}/health", local.base_url)).await;
        assert_eq!(status, StatusCode::OK, "{name}: {body:?}");
    }
    for path in ["/health", "/v2/health", "/v1/nothing"] {
        assert_eq!(get(format!("{}{path}", local.base_url)).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    local.shutdown().await;
}

#[tokio::test]
async fn pages_of_this_machine_answer_to_its_own_names_only() {
    let local = local().await;
    for path in ["/", "/outbox", "/outbox.json", "/clock"] {
        assert_eq!(page(&local, path, "localhost:3000").await.0, StatusCode::OK, "{path}");
        assert_eq!(page(&local, path, "elsewhere.example").await.0, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    assert_eq!(page(&local, "/outbox/1", "localhost").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_outbox_shows_what_would_have_been_sent_and_runs_none_of_it() {
    let local = local().await;
    let draft = standins::outbox::Draft {
        channel: "email".to_owned(),
        from: "no-reply@example.com".to_owned(),
        to: vec!["a_lead@example.com".to_owned()],
        subject: "<script>alert(1)</script>".to_owned(),
        raw: b"Subject: x\r\n\r\nHello & <b>welcome</b>".to_vec(),
    };
    let id = local.standins.ses.outbox().keep(&draft).expect("kept");
    for path in ["/outbox".to_owned(), format!("/outbox/{id}")] {
        let (status, body) = page(&local, &path, "localhost").await;
        let text = String::from_utf8_lossy(&body);
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script>") && !text.contains("<b>"), "{text}");
    }
    let (_, body) = page(&local, "/outbox.json", "localhost").await;
    let listed: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(listed[0]["text"], "Hello & <b>welcome</b>");
}

#[tokio::test]
async fn the_newest_message_to_somebody_is_found_with_its_code_and_its_link() {
    let local = local().await;
    let outbox = local.standins.ses.outbox();
    let draft = |channel: &str, to: &str, raw: &str| standins::outbox::Draft {
        channel: channel.to_owned(),
        from: "no-reply@example.com".to_owned(),
        to: vec![to.to_owned()],
        subject: String::new(),
        raw: raw.as_bytes().to_vec(),
    };
    let mime = "Content-Type: multipart/alternative; boundary=edge\r\n\r\n--edge\r\nContent-Type: text/plain\r\n\r\n\
                Go to https://app.example/reset?a=1&b=2 now\r\n--edge\r\nContent-Type: text/html\r\n\r\n\
                <p>Your <b>code</b></p><script>alert(1)</script>\r\n--edge--\r\n";
    outbox.keep(&draft("sms", "+919876543210", "111111 is your code")).expect("kept");
    outbox.keep(&draft("sms", "+919876543210", "222222 is your code")).expect("kept");
    let mail = outbox.keep(&draft("email", "Asha@example.com", mime)).expect("kept");

    let (_, body) = page(&local, "/outbox.json?to=%2B919876543210&limit=1", "localhost").await;
    let found: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!((found.as_array().map(Vec::len), &found[0]["text"]), (Some(1), &json!("222222 is your code")));
    assert_eq!((&found[0]["channel"], &found[0]["html"]), (&json!("sms"), &Value::Null));
    let (_, body) = page(&local, "/outbox.json?to=asha@example.com", "localhost").await;
    let found: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!((found.as_array().map(Vec::len), &found[0]["id"]), (Some(1), &json!(mail)));
    assert!(found[0]["html"].as_str().expect("HTML").starts_with("<p>Your <b>code</b></p>"));

    let (_, list) = page(&local, "/outbox", "localhost").await;
    let list = String::from_utf8_lossy(&list).into_owned();
    assert!(list.contains("222222 is your code") && list.contains("+919876543210"), "{list}");
    assert!(list.find("asha").or(list.find("Asha")) < list.find("222222"), "the newest first");
    let (_, shown) = page(&local, &format!("/outbox/{mail}"), "localhost").await;
    let shown = String::from_utf8_lossy(&shown).into_owned();
    let link = "<a rel=\"noreferrer\" href=\"https://app.example/reset?a=1&amp;b=2\">";
    assert!(shown.contains(link) && shown.contains("<iframe sandbox=\"\""), "{shown}");
    assert!(!shown.contains("<script>") && !shown.contains("<b>"), "{shown}");
}

#[tokio::test]
async fn the_clock_is_moved_forward_over_http() {
    let local = local().await;
    let before = local.clock.ahead();
    let (status, moved) = post(&local, "/clock", &json!({"advance": "P1DT1H"})).await;
    assert_eq!((status, moved["ahead_seconds"].as_i64()), (StatusCode::OK, Some(before.as_secs() + 25 * 3_600)));
    assert_eq!(
        post(&local, "/clock", &json!({"now": "2026-01-01T00:00:00Z"})).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(post(&local, "/clock", &json!({"advance": "-PT1H"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    local.idle().await.expect("what was due is done");
}

#[tokio::test]
async fn demo_data_is_made_once_and_found_again() {
    let data = tempfile::tempdir().expect("a folder");
    let options = Options { memory: false, data: data.path().to_owned(), demo: true, ..Options::default() };
    let local = Local::start(options.clone()).await.expect("it starts");
    let shown = screen::text(&local, &options);
    assert!(shown.lines().count() <= 24, "one screen:\n{shown}");
    let held = Local::start(options.clone()).await.expect_err("two at once would spoil the data");
    assert!(held.to_string().contains("in use"), "{held}");
    local.shutdown().await;

    let local = Local::start(options).await.expect("it starts again");
    for (number, (_, email)) in demo_owners().enumerate() {
        let credentials = json!({"email": email, "password": DEMO_PASSWORD});
        let (status, signed_in) = post(&local, "/v1/auth/login", &credentials).await;
        assert_eq!(status, StatusCode::OK, "{email}: {signed_in}");
        let token = signed_in["data"]["access_token"].as_str().expect("a token");
        let request = Request::get("/v1/leads?limit=1").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = local.call(request.body(Bytes::new()).expect("a request")).await;
        let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
        let expected = if number == 0 { 40 } else { 0 };
        assert_eq!(answer["data"]["pagination"]["total_records"], expected, "{email}");
    }
}
