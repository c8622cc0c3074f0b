//! What people's addresses could do to us, each against the client as it is.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::guard::Names;
use super::*;

fn call(url: &str) -> WebhookCall {
    WebhookCall {
        id: "whd_1".into(),
        url: url.into(),
        body: r#"{"type":"webhook.test"}"#.into(),
        at: Timestamp::UNIX_EPOCH,
        signatures: vec!["v1,one".into(), "v1,two".into()],
        headers: vec![("authorization".into(), "Bearer example".into())],
    }
}

/// A machine that does this with each connection, and counts them.
async fn machine<F>(ip: IpAddr, port: u16, answer: impl Fn(TcpStream) -> F + Send + 'static) -> (u16, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(SocketAddr::new(ip, port)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer(stream));
        }
    });
    (port, connections)
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn heard(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4_096];
    let read = stream.read(&mut bytes).await.unwrap_or(0);
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

/// One that answers with this text, whatever it hears.
async fn answering(text: &'static str) -> (u16, Arc<AtomicUsize>) {
    machine(HERE, 0, move |mut stream| async move {
        heard(&mut stream).await;
        let _ = stream.write_all(text.as_bytes()).await;
    })
    .await
}

#[expect(clippy::disallowed_methods, reason = "the machines of these tests are here")]
fn here() -> GuardedWebhooks {
    GuardedWebhooks::new(Reach::with_loopback()).expect("a client")
}

/// A resolver that names an address outside and one inside.
#[derive(Debug)]
struct Both;
#[async_trait::async_trait]
impl Names for Both {
    async fn look_up(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec!["8.8.8.8".parse().expect("an address"), HERE])
    }
}

/// A resolver that answers another thing each time, and then the last again.
#[derive(Debug)]
struct Turning(Mutex<VecDeque<IpAddr>>, AtomicUsize);

#[async_trait::async_trait]
impl Names for Turning {
    async fn look_up(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.0.lock().expect("no test panicked here");
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() };
        Ok(next.into_iter().collect())
    }
}

fn turning(answers: &[&str]) -> Arc<Turning> {
    let addresses = answers.iter().map(|address| address.parse().expect("an address")).collect();
    Arc::new(Turning(Mutex::new(addresses), AtomicUsize::new(0)))
}

#[tokio::test]
async fn no_address_that_is_not_public_is_connected_to_however_it_is_written() {
    let (port, connections) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let webhooks = GuardedWebhooks::new(Reach::PUBLIC).expect("a client");
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "192.168.0.1",
        "[fd00::1]",
    ] {
        for scheme in ["https", "http"] {
            let refused = webhooks.call(&call(&format!("{scheme}://{host}:{port}/"))).await;
            assert_eq!(refused, Err(WebhookRefused::Forbidden), "{scheme}://{host}");
        }
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_wherever_else_it_leads_too() {
    let (port, connections) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for inside in [
        "127.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
    ] {
        let webhooks = GuardedWebhooks::over(Reach::PUBLIC, turning(&[inside])).expect("a client");
        let refused = webhooks.call(&call(&format!("https://hooks.example:{port}/"))).await;
        assert_eq!(refused, Err(WebhookRefused::Forbidden), "{inside}");
    }
    let webhooks = GuardedWebhooks::over(Reach::PUBLIC, Arc::new(Both)).expect("a client");
    let refused = webhooks.call(&call(&format!("https://hooks.example:{port}/"))).await;
    assert_eq!(refused, Err(WebhookRefused::Forbidden));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

/// 127.0.0.5 stands for a public address; the name leads there at first, and inside from the second look-up on.
#[tokio::test]
async fn a_name_that_turns_inside_between_two_look_ups_gets_nobody_in() {
    let public: IpAddr = "127.0.0.5".parse().expect("an address");
    let answer = |mut stream: TcpStream| async move {
        heard(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    };
    let (port, outside) = machine(public, 0, answer).await;
    let (_, inside) = machine(HERE, port, answer).await;
    let names = turning(&["127.0.0.5", "127.0.0.1"]);
    let webhooks = GuardedWebhooks::over(Reach::with(public), Arc::<Turning>::clone(&names)).expect("a client");
    // Without TLS, the way to the connection is the same: what was looked up is connected to.
    let url = format!("http://hooks.example:{port}/");
    assert_eq!(webhooks.call(&call(&url)).await.map(|answer| answer.status), Ok(200));
    assert_eq!(names.1.load(Ordering::SeqCst), 1, "one look-up a call");
    assert_eq!(
        webhooks.call(&call(&url)).await,
        Err(WebhookRefused::Forbidden),
        "no connection is kept that was looked at once"
    );
    assert_eq!((outside.load(Ordering::SeqCst), inside.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (inside, connections) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for status in [301, 302, 303, 307, 308] {
        let (port, _) = machine(HERE, 0, move |mut stream| async move {
            heard(&mut stream).await;
            let to = format!("location: http://127.0.0.1:{inside}/\r\ncontent-length: 0");
            let _ = stream.write_all(format!("HTTP/1.1 {status} Elsewhere\r\n{to}\r\n\r\n").as_bytes()).await;
        })
        .await;
        let answer = here().call(&call(&format!("http://127.0.0.1:{port}/"))).await.expect("an answer");
        assert_eq!((answer.status, answer.is_success()), (status, false));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_call_carries_its_id_its_time_its_signatures_and_what_was_added() {
    let told = Arc::new(Mutex::new(String::new()));
    let hearing = Arc::clone(&told);
    let (port, _) = machine(HERE, 0, move |mut stream| {
        let hearing = Arc::clone(&hearing);
        async move {
            let text = heard(&mut stream).await;
            hearing.lock().expect("no test panicked here").push_str(&text);
            let head = "HTTP/1.1 429 Slow down\r\nRetry-After: 60\r\nSet-Cookie: a=b\r\nContent-Length: 5";
            let _ = stream.write_all(format!("{head}\r\n\r\nlater").as_bytes()).await;
        }
    })
    .await;
    let answer = here().call(&call(&format!("http://localhost:{port}/a?b=c"))).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str(), answer.header("retry-after")), (429, "later", Some("60")));
    assert_eq!(answer.header("set-cookie"), None, "few of its headers are kept");
    let told = told.lock().expect("no test panicked here").clone();
    for part in [
        "POST /a?b=c HTTP/1.1",
        "webhook-id: whd_1",
        "webhook-timestamp: 0",
        "webhook-signature: v1,one v1,two",
        "authorization: Bearer example",
        "content-type: application/json",
        r#"{"type":"webhook.test"}"#,
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[tokio::test]
async fn of_an_endless_body_the_beginning_is_read() {
    let (port, _) = machine(HERE, 0, |mut stream| async move {
        heard(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while stream.write_all(b"400\r\n").await.is_ok()
            && stream.write_all(&[b'a'; 1_024]).await.is_ok()
            && stream.write_all(b"\r\n").await.is_ok()
        {}
    })
    .await;
    let begun = Instant::now();
    let answer = here().call(&call(&format!("http://127.0.0.1:{port}/"))).await.expect("an answer");
    assert_eq!((answer.status, answer.body.len()), (200, 1_024));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_body_that_trickles_keeps_nobody() {
    let (port, _) = machine(HERE, 0, |mut stream| async move {
        heard(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let begun = Instant::now();
    let answer = here().call(&call(&format!("http://127.0.0.1:{port}/"))).await.expect("its status is the answer");
    assert!(answer.status == 200 && !answer.body.is_empty() && answer.body.len() < 100);
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn whoever_answers_nothing_or_a_byte_at_a_time_is_left() {
    let (silent, _) = machine(HERE, 0, |mut stream| async move {
        heard(&mut stream).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
        drop(stream);
    })
    .await;
    let (slow, _) = machine(HERE, 0, |mut stream| async move {
        heard(&mut stream).await;
        for byte in b"HTTP/1.1 200 OK\r\nserver: ".iter().chain(std::iter::repeat(&b'a')) {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let webhooks = here();
    let (one, other) = (call(&format!("http://127.0.0.1:{silent}/")), call(&format!("http://127.0.0.1:{slow}/")));
    let begun = Instant::now();
    let (one, other) = tokio::join!(webhooks.call(&one), webhooks.call(&other));
    assert_eq!((one, other), (Err(WebhookRefused::TimedOut), Err(WebhookRefused::TimedOut)));
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn ten_megabytes_of_headers_are_no_answer() {
    let (port, _) = machine(HERE, 0, |mut stream| async move {
        heard(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        let line = format!("x-more: {}\r\n", "a".repeat(1_000));
        for _ in 0..10_000 {
            if stream.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
        let _ = stream.write_all(b"\r\n").await;
    })
    .await;
    let begun = Instant::now();
    let refused = here().call(&call(&format!("http://127.0.0.1:{port}/"))).await;
    assert_eq!(refused, Err(WebhookRefused::BrokeOff));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

/// A provider's host is asked again and again.
#[tokio::test]
async fn a_connection_is_kept_for_a_provider_and_one_that_was_closed_meanwhile_is_no_failure() {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (port, connections) = machine(HERE, 0, |mut stream| async move {
        for _ in 0..2 {
            heard(&mut stream).await;
            let _ = stream.write_all(ANSWER).await;
        }
    })
    .await;
    #[expect(clippy::disallowed_methods, reason = "the machine of this test is here")]
    let client = GuardedClient::keeping(Reach::with_loopback(), Duration::from_secs(2)).expect("a client");
    for number in 0..6_usize {
        let request =
            http::Request::post(format!("http://127.0.0.1:{port}/")).body(Full::default()).expect("a request");
        let answer = client.send(request).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{number}");
        answer.into_body().collect().await.expect("a body");
        // It closes after two.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(connections.load(Ordering::SeqCst), number / 2 + 1, "{number}");
    }
}

#[test]
fn no_log_shows_where_a_call_goes_or_what_it_says() {
    let text = format!("{:?}", call("https://hooks.example/token"));
    assert!(text.contains("whd_1") && !text.contains("token") && !text.contains("Bearer") && !text.contains("v1,"));
}
