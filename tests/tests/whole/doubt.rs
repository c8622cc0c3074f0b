//! A worker dies when its provider has taken a message, before it can write that down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use local::{Local, Options};
use serde_json::json;
use standins::outbox::Filter;
use standins::{Call, Fault, Faults, Service};
use tokio::time::{sleep, timeout};

use crate::caller::HttpCaller;

const RAVI: &str = "ravi@example.com";
/// A test ends, whatever does not happen.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_worker_died_goes_out_once_as_ses_tells_that_it_has_it() {
    let fatal = Arc::new(AtomicBool::new(false));
    let struck = Arc::clone(&fatal);
    let faults = Faults::decided_by(move |call: &Call<'_>| {
        (call.service == Service::Ses && struck.swap(false, Ordering::SeqCst)).then_some(Fault::CrashAfter)
    });
    let options = Options { faults: faults.clone(), ..Options::default() };
    let local = Local::start(options).await.expect("the platform starts");
    let mut owner = HttpCaller::of(&local.base_url);
    let body = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "email": "a_doubting_owner@example.com",
        "password": "correct horse battery",
    });
    owner.sign_in(&owner.post("/v1/auth/register", body).await.data(201));
    let lead = owner.post("/v1/leads", json!({"full_name": "Ravi", "email": RAVI})).await.data(201)["id"].clone();
    local.idle().await.expect("what follows is done");

    fatal.store(true, Ordering::SeqCst);
    let said = json!({"type": "email", "lead_id": lead, "subject": "Your visit", "content": "See you tomorrow."});
    let said = owner.post("/v1/communications", said).await.data(201);
    let shown = format!("/v1/communications/{}", said["id"].as_str().expect("an id"));
    let dead = async {
        while !faults.crashed() {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, dead).await.expect("its worker dies");
    faults.revive();
    // It is told before anybody has leave to send it again.
    let sent = async {
        while owner.get(&shown).await.data(200)["status"] != "sent" {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, sent).await.expect("SES tells that it has it");

    local.clock.advance(SignedDuration::from_mins(15)).expect("the clock moves");
    local.idle().await.expect("what follows is done");
    let outbox = local.standins.ses.outbox();
    let got = outbox.find(Filter { to: Some(RAVI), channel: None }, None, 10).expect("the outbox opens");
    assert_eq!(got.len(), 1);
    assert_eq!(owner.get(&shown).await.data(200)["status"], "sent");
    local.shutdown().await;
}
