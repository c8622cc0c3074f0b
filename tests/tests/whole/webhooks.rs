//! What happens reaches a machine of somebody's, over HTTP, and a library that is not ours verifies it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderMap;
use jiff::SignedDuration;
use local::{Local, Options};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::caller::HttpCaller;

/// What a receiver heard: headers and body.
type Heard = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

/// A receiver on this machine that answers `500` so many times and then `204`.
async fn receiver(failures: usize) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Heard::default();
    let hearing = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            while !is_whole(&bytes) {
                let mut part = [0; 4_096];
                match stream.read(&mut part).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => bytes.extend_from_slice(&part[..read]),
                }
            }
            let (head, body) = parts(&bytes);
            let number = {
                let mut heard = hearing.lock().expect("no test panicked here");
                heard.push((head, body));
                heard.len()
            };
            let status = if number <= failures { "500 Not now" } else { "204 Taken" };
            let _ = stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
        }
    });
    (format!("http://{address}/hooks"), heard)
}

fn parts(bytes: &[u8]) -> (HeaderMap, Vec<u8>) {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |place| place + 4);
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let headers = head.lines().skip(1).filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.parse::<http::HeaderName>().ok()?, value.parse::<http::HeaderValue>().ok()?))
    });
    (headers.collect(), bytes[end..].to_vec())
}

fn is_whole(bytes: &[u8]) -> bool {
    let (headers, body) = parts(bytes);
    let length = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

/// What was heard of a type, once it was.
async fn wait_for(heard: &Heard, kind: &str, times: usize) -> Vec<(HeaderMap, Vec<u8>)> {
    for _ in 0..600 {
        let all = heard.lock().expect("no test panicked here").clone();
        let of = |(_, body): &(HeaderMap, Vec<u8>)| {
            serde_json::from_slice::<Value>(body).is_ok_and(|body| body["type"] == kind)
        };
        let found: Vec<_> = all.into_iter().filter(of).collect();
        if found.len() >= times {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no {kind} was heard {times} times");
}

async fn owner(local: &Local) -> HttpCaller {
    let mut caller = HttpCaller::of(&local.base_url);
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "email": "an_owner@example.com",
        "password": "correct horse battery",
    });
    let signed_in = caller.post("/v1/auth/register", registration).await.data(201);
    caller.sign_in(&signed_in);
    caller
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_reaches_a_receiver_that_verifies_it_and_what_it_does_not_take_comes_again() {
    let options = Options { webhooks_to_loopback: true, ..Options::default() };
    let local = Local::start(options).await.expect("the platform starts");
    let caller = owner(&local).await;
    let (url, heard) = receiver(2).await;
    let made = caller.post("/v1/webhook-endpoints", json!({"url": url, "events": ["lead.*"]})).await.data(201);
    let path = format!("/v1/webhook-endpoints/{}", made["webhook_endpoint"]["id"].as_str().expect("an id"));
    let webhook = Webhook::new(made["secret"].as_str().expect("a secret")).expect("a secret of the specification");
    local.idle().await.expect("what was read of endpoints before is old");
    local.clock.advance(SignedDuration::from_secs(11)).expect("time goes by");

    // The test is not taken at first, nor is the lead; both come again under their ids.
    caller.post(&format!("{path}/test"), json!({})).await.expect(202);
    wait_for(&heard, "webhook.test", 1).await;
    let lead = caller.post("/v1/leads", json!({"full_name": "Asha Example"})).await.data(201);
    wait_for(&heard, "lead.created", 1).await;
    local.idle().await.expect("what came of it is written down");
    local.clock.advance(SignedDuration::from_secs(8)).expect("time goes by");
    for kind in ["webhook.test", "lead.created"] {
        let tries = wait_for(&heard, kind, 2).await;
        let id = |(headers, _): &(HeaderMap, Vec<u8>)| headers["webhook-id"].clone();
        assert_eq!((id(&tries[0]), &tries[0].1), (id(&tries[1]), &tries[1].1), "{kind}");
    }
    for (headers, body) in heard.lock().expect("no test panicked here").iter() {
        webhook.verify(body, headers).expect("it is signed");
        let forged =
            String::from_utf8_lossy(body).replace("Example", "Other").replace("lead", "deal").replace("test", "rest");
        assert!(webhook.verify(forged.as_bytes(), headers).is_err());
        let mut replayed = headers.clone();
        replayed.insert("webhook-timestamp", http::HeaderValue::from_static("1700000000"));
        assert!(webhook.verify(body, &replayed).is_err());
    }
    local.idle().await.expect("what came of it is written down");
    let delivered = caller.get(&format!("{path}/deliveries?status=succeeded")).await.data(200);
    let deliveries = delivered["deliveries"].as_array().expect("deliveries");
    assert_eq!(deliveries.len(), 2, "{delivered}");
    assert!(deliveries.iter().any(|delivery| delivery["subject"] == lead["id"]));

    // Whatever was sent stands in the outbox; the log of events has what the endpoint was told.
    let outbox = caller.get("/outbox.json").await.json();
    assert!(outbox.as_array().is_some_and(|all| all.iter().filter(|one| one["channel"] == "webhook").count() >= 4));
    let events = caller.get("/v1/events?type=lead.created").await.data(200);
    assert_eq!(events["events"][0]["data"]["subject"], lead["id"]);
    local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_being_asked_to_the_platform_tells_no_machine_of_its_own() {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let caller = owner(&local).await;
    let (url, heard) = receiver(0).await;
    for url in [url.clone(), url.replace("http", "https"), url.replace("127.0.0.1", "localhost")] {
        let refused = caller.post("/v1/webhook-endpoints", json!({"url": url, "events": ["*"]})).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["code"], "not_public", "{url}");
    }
    assert!(heard.lock().expect("no test panicked here").is_empty());
    local.shutdown().await;
}
