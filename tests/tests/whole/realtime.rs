//! Live updates as a browser has them: over the network, through the gateway, the stream and the queues.

use futures::{SinkExt as _, StreamExt as _};
use local::{Local, Options};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::caller::HttpCaller;

const EMAIL: &str = "an_owner@example.com";
const PASSWORD: &str = "correct horse battery";

pub(crate) type Socket = WebSocketStream<TcpStream>;

async fn start() -> (Local, HttpCaller) {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let mut caller = HttpCaller::of(&local.base_url);
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "last_name": "Example", "email": EMAIL, "password": PASSWORD,
    });
    caller.post("/v1/auth/register", registration).await.expect(201);
    let signed_in = caller.post("/v1/auth/login", json!({"email": EMAIL, "password": PASSWORD})).await.data(200);
    caller.sign_in(&signed_in);
    (local, caller)
}

async fn open(address: &str) -> Result<Socket, Error> {
    let host = address.strip_prefix("ws://").and_then(|rest| rest.split('/').next()).expect("a host").to_owned();
    let stream = TcpStream::connect(host).await.expect("somebody listens");
    Ok(tokio_tungstenite::client_async(address, stream).await?.0)
}

pub(crate) async fn connect(caller: &HttpCaller) -> Socket {
    let given = caller.post("/v1/realtime/token", json!({})).await.data(200);
    let (url, token) = (given["url"].as_str().expect("an address"), given["token"].as_str().expect("a token"));
    open(&format!("{url}?token={token}")).await.expect("a connection")
}

pub(crate) async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.expect("it is sent");
}

/// The next message that a connection brings.
async fn hear(socket: &mut Socket) -> Value {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
        other => panic!("no message: {other:?}"),
    }
}

/// The next of a kind.
pub(crate) async fn hear_of(socket: &mut Socket, event: &str) -> Value {
    loop {
        let heard = hear(socket).await;
        if heard["event"] == event {
            return heard;
        }
    }
}

async fn subscribe(socket: &mut Socket) {
    say(socket, json!({"action": "subscribe", "room": "team"})).await;
    assert_eq!(hear(socket).await["event"], "subscribed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_over_http_arrives_and_who_was_away_misses_nothing() {
    let (local, caller) = start().await;
    let mut socket = connect(&caller).await;
    subscribe(&mut socket).await;
    say(&mut socket, json!({"action": "ping", "ref": "1"})).await;
    let pong = hear(&mut socket).await;
    assert_eq!((&pong["event"], &pong["ref"]), (&json!("pong"), &json!("1")));

    let lead = caller.post("/v1/leads", json!({"full_name": "Asha Example", "phone": "9876543210"})).await.data(201);
    let created = hear_of(&mut socket, "lead:created").await;
    assert_eq!((&created["data"]["id"], &created["data"]["version"]), (&lead["id"], &json!(1)));
    assert!(!created.to_string().contains("Asha") && !created.to_string().contains("9876543210"), "{created}");
    let path = format!("/v1/leads/{}", lead["id"].as_str().expect("an id"));
    caller.post(&format!("{path}/status"), json!({"status": "assessment"})).await.data(200);
    let moved = hear_of(&mut socket, "lead:status").await;
    assert_eq!(moved["data"]["fields"]["status"], "assessment");

    socket.close(None).await.expect("it closes");
    while let Some(Ok(_)) = socket.next().await {}
    local.idle().await.expect("what follows is done");
    let mut missed = Vec::new();
    for number in 0..3 {
        let lead = caller.post("/v1/leads", json!({"full_name": format!("Missed {number}")})).await.data(201);
        missed.push(lead["id"].clone());
    }
    local.idle().await.expect("what follows is done");
    let mut socket = connect(&caller).await;
    subscribe(&mut socket).await;
    say(&mut socket, json!({"action": "since", "cursor": moved["at"]})).await;
    let sync = hear_of(&mut socket, "sync").await;
    assert_eq!(sync["data"]["more"], false);
    let frames = sync["data"]["frames"].as_array().expect("frames");
    let told = |id: &Value| frames.iter().filter(|frame| frame["data"]["id"] == *id).count();
    for id in &missed {
        assert_eq!(told(id), 1, "{frames:?}");
    }
    local.shutdown().await;
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))), "a stop is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_refused_without_a_token_and_ended_when_it_is_still() {
    let (local, caller) = start().await;
    let address = format!("{}/v1", local.base_url.replacen("http", "ws", 1));
    for query in ["", "?token=", "?token=x"] {
        match open(&format!("{address}{query}")).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 401, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
    let mut socket = connect(&caller).await;
    socket.send(Message::text("x".repeat(40_000))).await.expect("it is sent");
    // It is not read to its end, so the reason may be lost on the way.
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))), "a frame of more than 32 KB ends it");

    let mut socket = connect(&caller).await;
    local.clock.advance(jiff::SignedDuration::from_mins(9)).expect("forward");
    say(&mut socket, json!({"action": "ping"})).await;
    assert_eq!(hear(&mut socket).await["event"], "pong");
    local.clock.advance(jiff::SignedDuration::from_mins(9)).expect("forward");
    say(&mut socket, json!({"action": "ping"})).await;
    assert_eq!(hear(&mut socket).await["event"], "pong", "a ping keeps it");
    local.clock.advance(jiff::SignedDuration::from_mins(11)).expect("forward");
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(Some(end)))) if u16::from(end.code) == 1001));
    local.shutdown().await;
}
