//! What was genuine is kept as it came, once.

use domain::integration::Provider;
use domain::provider_delivery::{DeliveryStatus, INLINE};
use futures::future::join_all;

use crate::support::{Desk, form, path};

#[tokio::test]
async fn the_same_request_again_is_kept_once_and_answered_alike() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let asks = (0..20).map(|_| desk.of(desk.signed("e1", now, b"{}")));
    for answer in join_all(asks).await {
        assert_eq!(answer.data(200), serde_json::json!({"received": true}));
    }
    // A sender may sign its next try anew: the id tells that it is the same.
    desk.of(desk.signed("e1", now + jiff::SignedDuration::from_secs(30), b"{}")).await.expect(200);
    let steps = desk.waiting().await;
    assert!(steps.iter().all(|step| step == &steps[0]), "{steps:?}");
    let delivery = desk.delivery(&steps[0]).await;
    assert_eq!((delivery.meta.version, delivery.event_id.as_deref()), (1, Some("e1")));
    assert_eq!((delivery.status, delivery.body.as_deref()), (DeliveryStatus::Received, Some("{}")));
}

#[tokio::test]
async fn a_scheme_without_ids_tells_requests_by_their_bodies() {
    let desk = Desk::new().await;
    let twilio = desk.connect(Provider::Twilio).await;
    let url = format!("https://api.sampark.test{}", path(&twilio));
    for body in ["CallSid=CA1&SequenceNumber=0", "CallSid=CA1&SequenceNumber=1", "CallSid=CA1&SequenceNumber=0"] {
        let answer = desk.of(form(&twilio, &url, body)).await;
        assert_eq!(&answer.expect(200).bytes[..], b"<Response/>", "it is to do nothing");
    }
    let steps = desk.waiting().await;
    assert_eq!((steps.len(), steps[0] == steps[2], steps[0] == steps[1]), (3, true, false));
}

#[tokio::test]
async fn two_connections_never_share_a_delivery() {
    let desk = Desk::new().await;
    let other = desk.connect(Provider::Telephony).await;
    let now = desk.world.platform.now();
    desk.of(desk.signed("e1", now, b"{}")).await.expect(200);
    let signature = providers::inbound::standard::sign(crate::support::SECRET, "e1", now, b"{}").expect("it is signed");
    let ask = testkit::Ask::new("POST", path(&other))
        .body("application/json", "{}")
        .header("webhook-id", "e1")
        .header("webhook-timestamp", now.as_second().to_string())
        .header("webhook-signature", signature);
    desk.of(ask).await.expect(200);
    let steps = desk.waiting().await;
    assert_ne!(steps[0], steps[1]);
}

#[tokio::test]
async fn a_long_body_and_one_that_is_no_text_lie_among_the_files() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let long = vec![b'x'; INLINE + 1];
    for (id, body) in [("long", &long[..]), ("bytes", &[0xff, 0xfe])] {
        desk.of(desk.signed(id, now, body)).await.expect(200);
    }
    for step in desk.waiting().await {
        let delivery = desk.delivery(&step).await;
        let name = format!("{}/{}", delivery.integration_id, delivery.id);
        let files = desk.world.platform.files().expect("files");
        let bytes = files.get(&desk.grant, "deliveries", &name, 1024 * 1024).await.expect("a file");
        assert_eq!((delivery.body, delivery.bytes as usize), (None, bytes.len()));
    }
}
