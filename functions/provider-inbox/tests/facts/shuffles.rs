//! Deliveries that come twice, thrice, in any order and to two workers come to the same.

use domain::integration::Strangers;
use domain::{Call, ContactChannel};
use jiff::SignedDuration;
use serde_json::json;

use crate::outsiders::{ASHA, twilio_of};
use crate::support::Exchange;
use crate::written::form;

/// `SplitMix64`: numbers that look drawn and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).expect("small")).expect("small")
    }
}

/// A call's whole life, told at its own times.
async fn tell_a_life(exchange: &Exchange) {
    let steps = [
        json!({"status": "initiated"}),
        json!({"status": "ringing"}),
        json!({"status": "in_progress"}),
        json!({"status": "completed", "duration": 42}),
        json!({"recording_url": "https://recordings.example/c1"}),
    ];
    for mut step in steps {
        step["id"] = "c1".into();
        step["direction"] = "outbound".into();
        step["from"] = "+912226543210".into();
        step["to"] = "+919876543210".into();
        exchange.tell(step).await;
        exchange.world.clock.advance(SignedDuration::from_secs(11));
    }
}

/// A call without what tells when and how often it was written.
fn shown(mut call: Call) -> Call {
    (call.meta.version, call.meta.updated_at) = (0, call.meta.created_at);
    call.id = domain::CallId::at(call.meta.created_at, [0; 10]);
    call
}

#[tokio::test(start_paused = true)]
async fn deliveries_may_come_often_in_any_order_and_to_two_workers() {
    let mut expected = None;
    for seed in 0..10 {
        let mut draw = Draw(seed);
        let exchange = Exchange::new().await;
        exchange.lead("+919876543210").await;
        tell_a_life(&exchange).await;
        let once = exchange.waiting().await;
        assert_eq!(once.len(), 5);
        let mut waiting: Vec<String> = once.iter().cycle().take(if seed == 0 { 5 } else { 15 }).cloned().collect();
        while !waiting.is_empty() {
            let taken = draw.below(4).min(waiting.len() - 1) + 1;
            let batch: Vec<String> = (0..taken)
                .map(|_| if seed == 0 { waiting.remove(0) } else { waiting.swap_remove(draw.below(waiting.len())) })
                .collect();
            let (one, other) = tokio::join!(exchange.bring(&batch), exchange.bring(&batch));
            assert!(one.is_empty() && other.is_empty(), "seed {seed}");
        }
        // A recording that came too early is tried again.
        exchange.later(SignedDuration::from_mins(1)).await;
        let call = shown(exchange.the_call().await);
        assert_eq!(call.duration_seconds, Some(42));
        let mut call = call;
        call.meta.created_at = domain::Meta::new(call.meta.organization, call.started_at.expect("begun")).created_at;
        call = shown(call);
        match &expected {
            None => expected = Some(call),
            Some(expected) => assert_eq!(&call, expected, "seed {seed}"),
        }
    }
}

/// The batches that come of these bodies, each body three times, in an order that is drawn.
fn batches(once: &[String], draw: &mut Draw) -> Vec<Vec<String>> {
    let mut waiting: Vec<String> = once.iter().cycle().take(once.len() * 3).cloned().collect();
    let mut batches = Vec::new();
    while !waiting.is_empty() {
        let taken = draw.below(4).min(waiting.len() - 1) + 1;
        batches.push((0..taken).map(|_| waiting.swap_remove(draw.below(waiting.len()))).collect());
    }
    batches
}

#[tokio::test(start_paused = true)]
async fn the_word_that_was_written_last_holds_in_whatever_order_messages_come() {
    for seed in 0..8 {
        for (words, stopped) in [(["Stop", "Hello", "Start"], false), (["Start", "Stop", "Hello"], true)] {
            let mut draw = Draw(seed);
            let (exchange, _) = twilio_of(Strangers::Lead).await;
            for (number, word) in words.into_iter().enumerate() {
                exchange.twilio(&form(&format!("SM{number}"), word, &[])).await.expect(200);
                exchange.world.clock.advance(SignedDuration::from_secs(11));
            }
            let once = exchange.waiting().await;
            assert_eq!(once.len(), 3);
            for batch in batches(&once, &mut draw) {
                let (one, other) = tokio::join!(exchange.bring(&batch), exchange.bring(&batch));
                assert!(one.is_empty() && other.is_empty(), "seed {seed}");
            }
            let what = format!("{words:?}, seed {seed}");
            assert_eq!(exchange.is_suppressed(ASHA, ContactChannel::Sms).await, stopped, "{what}");
            assert_eq!(exchange.ledger(ASHA).await.len(), 2, "{what}");
            assert_eq!(exchange.communications(exchange.tenant.branch).await.len(), 3, "{what}");
            assert_eq!(exchange.leads().await.len(), 1, "{what}");
            assert!(exchange.log().await.is_empty(), "{what}");
        }
    }
}
