//! What each adapter of a provider does, asked over HTTP of a double that checks and answers as the provider documents.

mod breaker;
mod graph;
mod msg91;
mod ses;
mod smtp;
mod sns;
mod telling;
mod twilio;
mod whatsapp;

use std::future::pending;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use domain::integration::Credential;
use jiff::Timestamp;
use providers::{Api, Mail, Reach, SendError, TextMessage};
use standins::{Outbox, Setup, Trouble};
use tokio::net::TcpListener;

/// The number that most of these messages go to.
const ASHA: &str = "+919876543210";
/// The longest time that a call may take here.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What no log and no failure may show.
const SECRET: &str = "not-a-real-secret";

fn outbox() -> Outbox {
    Outbox::memory(&Setup::default().clock).expect("opens")
}

#[expect(clippy::disallowed_methods, reason = "the doubles are here")]
fn api() -> Api {
    Api::new(Reach::with_loopback(), TIMEOUT).expect("a client")
}

fn credential(text: &str) -> Credential {
    text.parse().expect("a credential")
}

/// A listener, and the address that leads to it.
async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

/// Serves a double as long as the test runs.
macro_rules! serve {
    ($double:expr) => {{
        let (listener, base) = crate::listener().await;
        let double = $double.clone();
        tokio::spawn(async move { double.serve(listener, std::future::pending()).await });
        base
    }};
}
pub(crate) use serve;

fn text(to: &str) -> TextMessage {
    TextMessage { id: "msg_1".into(), to: to.into(), text: "Grüße & 100 %".into(), sender: None, template: None }
}

fn mail() -> Mail {
    Mail {
        id: "msg_1".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        to: "asha98765@example.com".to_owned(),
        subject: "Grüße".to_owned(),
        text: "Grüße".to_owned(),
        html: None,
        from_name: None,
        unsubscribe: None,
        attachments: Vec::new(),
        organization: None,
    }
}

/// What is told of a failure holds no secret, no number and nothing of the message.
fn is_clean(error: &SendError) -> bool {
    let told = format!("{error} {error:?}");
    [SECRET, "98765", "15005", "Grüße", "127.0.0.1"].iter().all(|part| !told.contains(part))
}

/// Troubles that no adapter takes for a success or for the end, and whether the message was taken.
const TROUBLES: [(Trouble, u64); 9] = [
    (Trouble::Status { status: 500, retry_after: None }, 0),
    (Trouble::Status { status: 502, retry_after: None }, 0),
    (Trouble::Status { status: 504, retry_after: None }, 0),
    (Trouble::Status { status: 503, retry_after: Some(30) }, 0),
    (Trouble::Status { status: 429, retry_after: Some(7) }, 0),
    (Trouble::Status { status: 401, retry_after: None }, 0),
    (Trouble::Garbled, 1),
    (Trouble::TooMuch, 1),
    (Trouble::Silent, 1),
];

/// Checks what an adapter said in each of [`TROUBLES`].
fn check(trouble: Trouble, sent: Result<String, SendError>, begun: Instant) {
    let error = sent.expect_err("it is not taken");
    assert!(is_clean(&error), "{error:?}");
    match (trouble, error) {
        // The provider itself says that it did not take it.
        (Trouble::Status { status: 401 | 429 | 500 | 503, retry_after }, SendError::NotTaken { rest, .. }) => {
            assert_eq!(rest.map(|rest| rest.as_secs()), retry_after.map(i64::from), "{trouble:?}");
        }
        (
            Trouble::Status { status: 502 | 504, .. } | Trouble::Garbled | Trouble::TooMuch | Trouble::Silent,
            SendError::Unknown(_),
        ) => {}
        (_, error) => panic!("{trouble:?}: {error:?}"),
    }
    assert!(begun.elapsed() < TIMEOUT * 3, "{trouble:?}");
}

#[tokio::test]
async fn whoever_is_not_there_takes_nothing_and_no_address_inside_is_asked() {
    use providers::{TextSender as _, Twilio, TwilioSender};
    let (listener, base) = listener().await;
    let sender = || TwilioSender::From("+15005550006".to_owned());
    let public = Api::new(Reach::PUBLIC, TIMEOUT).expect("a client");
    let guarded = Twilio::new(public, &base, "AC1", &credential(SECRET), sender()).expect("an account");
    assert!(matches!(guarded.send(&text(ASHA)).await, Err(SendError::Refused(_))));
    drop(listener);
    let gone = Twilio::new(api(), &base, "AC1", &credential(SECRET), sender()).expect("an account");
    let error = gone.send(&text(ASHA)).await.expect_err("nobody is there");
    assert!(matches!(error, SendError::NotTaken { .. }) && is_clean(&error), "{error:?}");
    // A listener that accepts and says nothing.
    let (silent, base) = self::listener().await;
    tokio::spawn(async move {
        let _kept = silent.accept().await;
        pending::<()>().await;
    });
    let silent = Twilio::new(api(), &base, "AC1", &credential(SECRET), sender()).expect("an account");
    let begun = Instant::now();
    check(Trouble::Silent, silent.send(&text(ASHA)).await, begun);
}
