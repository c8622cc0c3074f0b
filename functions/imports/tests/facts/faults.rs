//! Workers die, messages repeat and overtake each other, calls fail: the result is always the same.

use crate::support::{Desk, account_for, known_leads, mixed, options};
use domain::job::{ImportOptions, Step};
use standins::{Fault, Faults};
use testkit::Trap;

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

/// Imports the file with the worker dying so, and tells how many writes there were.
async fn dying(at: Option<(u64, Fault)>) -> (Desk, u64) {
    let trap = Trap::default();
    let desk = Desk::with_faults(trap.faults()).await;
    known_leads(&desk).await;
    let id = desk.hand_in(&mixed().0, options()).await;
    trap.kill(at);
    let job = desk.finish(id).await;
    trap.revive();
    desk.world.settle().await;
    assert_eq!(account_for(&job, mixed().1.rows()), mixed().1, "dying at {at:?}");
    (desk, trap.writes())
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_die_at_any_write() {
    let (desk, writes) = dying(None).await;
    let expected = desk.everything().await;
    for write in 1..=writes {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let (desk, _) = dying(Some((write, fault))).await;
            assert!(desk.everything().await == expected, "{fault:?} {write} of {writes}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn messages_may_come_twice_and_in_any_order() {
    let (desk, _) = dying(None).await;
    let expected = desk.everything().await;
    for seed in 0..15 {
        let mut draw = Draw(seed);
        let desk = Desk::new().await;
        known_leads(&desk).await;
        let id = desk.hand_in(&mixed().0, options()).await;
        desk.send(id, Step::Plan).await;
        let mut waiting = desk.receive().await;
        while !waiting.is_empty() {
            let batch: Vec<_> = (0..=draw.below(4)).map(|_| waiting[draw.below(waiting.len())].clone()).collect();
            desk.deliver(&batch).await;
            let gone = waiting.swap_remove(draw.below(waiting.len()));
            desk.work(&[gone]).await;
            waiting.extend(desk.receive().await);
        }
        account_for(&desk.finish(id).await, mixed().1.rows());
        desk.world.settle().await;
        assert!(desk.everything().await == expected, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_may_fail_in_every_way() {
    const KINDS: &[Fault] = &[Fault::Lost, Fault::Unanswered, Fault::Throttled, Fault::Conflict, Fault::Partial];
    let (desk, _) = dying(None).await;
    let expected = desk.everything().await;
    for seed in 0..20 {
        let on = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (switch, draw) = (on.clone(), std::sync::Mutex::new(Draw(seed)));
        let faults = Faults::decided_by(move |_| {
            let draw = draw.lock().expect("no test panicked here").below(4 * KINDS.len());
            switch.load(std::sync::atomic::Ordering::SeqCst).then(|| KINDS.get(draw).copied()).flatten()
        });
        let desk = Desk::with_faults(faults).await;
        known_leads(&desk).await;
        let id = desk.hand_in(&mixed().0, options()).await;
        on.store(true, std::sync::atomic::Ordering::SeqCst);
        for _ in 0..20 {
            let messages = desk.receive().await;
            desk.work(&messages).await;
        }
        on.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(account_for(&desk.finish(id).await, mixed().1.rows()), mixed().1, "seed {seed}");
        desk.world.settle().await;
        assert!(desk.everything().await == expected, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_may_die_too_and_keeps_its_promise() {
    let dry = || ImportOptions { dry_run: true, ..options() };
    for write in 1..=16 {
        let trap = Trap::default();
        let desk = Desk::with_faults(trap.faults()).await;
        known_leads(&desk).await;
        let id = desk.hand_in(&mixed().0, dry()).await;
        trap.kill([(write, if write % 2 == 0 { Fault::CrashBefore } else { Fault::CrashAfter })]);
        assert_eq!(account_for(&desk.finish(id).await, mixed().1.rows()), mixed().1, "dying at write {write}");
    }
}
