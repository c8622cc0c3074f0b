//! Workers die, messages repeat and overtake each other, calls fail: nobody is forgotten.

use std::collections::BTreeMap;

use domain::Message;
use domain::message::{LEASE, MessageState, UNKNOWN};
use domain::outreach::SettingsPatch;
use standins::Fault;

use crate::support::Desk;

/// How often each address got its mail.
fn received(desk: &Desk) -> BTreeMap<String, usize> {
    let mut received = BTreeMap::new();
    for mail in desk.outbox() {
        *received.entry(mail.to.join(",")).or_default() += 1;
    }
    received
}

async fn three(desk: &Desk) -> Vec<Message> {
    let mut messages = Vec::new();
    for name in ["asha", "bela", "cyra"] {
        messages.push(desk.welcome(&format!("{name}@example.com")).await);
    }
    messages
}

/// Sends three messages with the worker dying so, and tells how many writes there were and how many messages
/// reached their receiver twice.
async fn dying(fatal: Option<(u64, Fault)>) -> (u64, usize) {
    let desk = Desk::new().await;
    let messages = three(&desk).await;
    let bodies: Vec<String> = messages.iter().map(|message| desk.step(message)).collect();
    desk.trap.kill(fatal);
    desk.bring(&bodies).await;
    assert_eq!(desk.trap.has_killed(), fatal.is_some());
    desk.trap.revive();
    let writes = desk.trap.writes();
    // The queue brings them again, and later the clock does.
    assert!(desk.bring(&bodies).await.is_empty());
    assert!(desk.outbox().len() <= 3, "what is claimed is left alone");
    desk.world.clock.advance(LEASE);
    assert!(desk.bring(&bodies).await.is_empty());
    assert!(desk.bring(&bodies).await.is_empty());
    for message in &messages {
        let kept = desk.read(message).await;
        assert_eq!((kept.state, kept.failure), (MessageState::Sent, None), "{fatal:?}");
    }
    let received = received(&desk);
    assert_eq!(received.len(), 3, "everybody got theirs: {fatal:?}");
    (writes, desk.outbox().len() - 3)
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_die_at_any_write_and_leaves_one_message_in_doubt_at_most() {
    let (writes, twice) = dying(None).await;
    // A claim, the mail, its end.
    assert_eq!((writes, twice), (3 * 3, 0));
    for write in 1..=writes {
        let (_, before) = dying(Some((write, Fault::CrashBefore))).await;
        let (_, after) = dying(Some((write, Fault::CrashAfter))).await;
        let (mail, end) = (write % 3 == 2, write % 3 == 0);
        // Twice it goes out only where the death fell between the mail and the note that it was sent.
        assert_eq!((before, after), (usize::from(end), usize::from(mail)), "write {write}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_try_whose_worker_died_is_not_made_again() {
    let desk = Desk::new().await;
    let mut message = desk.welcome("asha@example.com").await;
    for _ in 0..domain::message::MAX_TRIES {
        message = desk
            .world
            .platform
            .table()
            .commit_unseen(&desk.grant, message.taken(desk.world.platform.now()))
            .await
            .expect("a claim");
    }
    desk.world.clock.advance(LEASE);
    desk.send(&[&message]).await;
    assert_eq!(desk.read(&message).await.state, MessageState::Failed);
    assert!(desk.outbox().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_offer_to_a_phone_whose_worker_died_is_not_made_again() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        for write in 1..=3 {
            let desk = Desk::new().await;
            desk.ask(SettingsPatch { quiet_hours: Some(None), ..SettingsPatch::default() }).await;
            let offer = desk.offer("+919876543210").await;
            let body = [desk.step(&offer)];
            desk.trap.kill(Some((write, fault)));
            desk.bring(&body).await;
            desk.trap.revive();
            desk.world.clock.advance(LEASE);
            desk.bring(&body).await;
            desk.bring(&body).await;
            let kept = desk.read(&offer).await;
            assert_ne!(kept.state, MessageState::Queued, "{fault:?} at write {write}");
            let out = desk.outbox().len();
            // Before the claim nothing had happened. After it, somebody who got it is never told twice.
            let is_known = (write, fault) == (1, Fault::CrashBefore) || (write, fault) == (3, Fault::CrashAfter);
            assert!(out <= 1, "{fault:?} at write {write}");
            assert_eq!(kept.state == MessageState::Sent, is_known, "{fault:?} at write {write}");
            assert_eq!(kept.failure.as_deref(), (!is_known).then_some(UNKNOWN), "{fault:?} at write {write}");
        }
    }
}

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

#[tokio::test(start_paused = true)]
async fn messages_may_come_twice_and_in_any_order() {
    for seed in 0..10 {
        let mut draw = Draw(seed);
        let desk = Desk::new().await;
        let messages = three(&desk).await;
        let bodies: Vec<String> = messages.iter().map(|message| desk.step(message)).collect();
        let mut waiting: Vec<String> = bodies.iter().cycle().take(9).cloned().collect();
        while !waiting.is_empty() {
            let taken = draw.below(3).min(waiting.len() - 1) + 1;
            let batch: Vec<String> = (0..taken).map(|_| waiting.swap_remove(draw.below(waiting.len()))).collect();
            let (one, other) = tokio::join!(desk.bring(&batch), desk.bring(&batch));
            assert!(one.is_empty() && other.is_empty());
        }
        assert!(received(&desk).values().all(|times| *times == 1) && received(&desk).len() == 3, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_fails_holds_up_what_it_concerns() {
    for fault in [Fault::Throttled, Fault::Lost, Fault::Unanswered, Fault::Conflict] {
        for write in 1..=9 {
            let desk = Desk::new().await;
            let messages = three(&desk).await;
            let bodies: Vec<String> = messages.iter().map(|message| desk.step(message)).collect();
            desk.trap.kill(Some((write, fault)));
            let failed = desk.bring(&bodies).await;
            // A claim that another transaction crossed comes again from the queue; the rest is made up for.
            let crossed = (fault == Fault::Conflict && write % 3 == 1).then_some(write / 3);
            let crossed: Vec<usize> = crossed.into_iter().map(|place| place.try_into().expect("few")).collect();
            assert_eq!(failed, crossed, "{fault:?} {write}");
            desk.world.clock.advance(LEASE);
            desk.send(&messages.iter().collect::<Vec<_>>()).await;
            let received = received(&desk);
            assert_eq!(received.len(), 3, "{fault:?} {write}");
            // A mail whose answer is lost goes out again, as SES tells no repeats.
            let twice = usize::from(fault == Fault::Unanswered && write % 3 == 2);
            assert_eq!(desk.outbox().len(), 3 + twice, "{fault:?} {write}");
        }
    }
}
