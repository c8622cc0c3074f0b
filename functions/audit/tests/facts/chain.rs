//! Every event enters its organization's chain once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::{Fault, Faults};
use testkit::Ask;

use crate::support::{House, counted, images};

/// `SplitMix64`: numbers that look drawn and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("small")
    }
}

#[tokio::test]
async fn an_organization_in_which_nothing_happened_verifies() {
    let house = House::new().await;
    let verified = house.verified().await;
    assert_eq!((&verified["ok"], &verified["head"]), (&json!(true), &Value::Null));
    assert_eq!(house.get("/audit-logs").await, json!({"audit_logs": [], "next_cursor": null}));
}

#[tokio::test]
async fn batches_may_come_twice_in_any_order_and_to_several_followers() {
    for seed in 0..5 {
        let house = House::new().await;
        for number in 0..12 {
            house.a_lead(&format!("Lead Number {number}")).await;
        }
        let mut draw = Draw(seed);
        let news = images(&house.news().await.records);
        let table = house.world.platform.table();
        let now = house.world.platform.now();
        for _ in 0..6 {
            let mut batches: Vec<Vec<_>> = Vec::new();
            for _ in 0..3 {
                batches.push((0..8).map(|_| news[draw.below(news.len())].clone()).collect());
            }
            let [one, other, third] = &batches[..] else { panic!("three batches") };
            let added = tokio::join!(table.chain(one, now), table.chain(other, now), table.chain(third, now));
            assert!(added.0.is_ok() && added.1.is_ok() && added.2.is_ok(), "{added:?}");
        }
        table.chain(&news, now).await.expect("the rest");
        assert_eq!(table.chain(&news, now).await.expect("again"), 0);
        let (entries, events) = counted(&house).await;
        assert_eq!(entries, events, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_may_die_at_any_write() {
    let run = async |at: Option<(u64, Fault)>| {
        let (on, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (switch, number) = (on.clone(), writes.clone());
        let faults = Faults::decided_by(move |call| {
            if !switch.load(Ordering::SeqCst) || call.write.is_none() {
                return None;
            }
            let number = number.fetch_add(1, Ordering::SeqCst) + 1;
            at.filter(|(at, _)| *at == number).map(|(_, fault)| fault)
        });
        let house = House::with_faults(faults).await;
        for number in 0..3 {
            house.a_lead(&format!("Lead Number {number}")).await;
        }
        let news = images(&house.news().await.records);
        let (table, now) = (house.world.platform.table(), house.world.platform.now());
        on.store(true, Ordering::SeqCst);
        for part in news.chunks(7) {
            while let Err(error) = table.chain(part, now).await {
                assert!(house.world.standins.dynamo.faults().crashed(), "{error}");
                house.world.standins.dynamo.faults().revive();
            }
        }
        on.store(false, Ordering::SeqCst);
        let (entries, events) = counted(&house).await;
        assert_eq!(entries, events, "dying at {at:?}");
        writes.load(Ordering::SeqCst)
    };
    let writes = run(None).await;
    assert!(writes > 1);
    for write in 1..=writes {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            run(Some((write, fault))).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn calls_may_fail_in_every_way() {
    const KINDS: &[Fault] = &[Fault::Lost, Fault::Unanswered, Fault::Throttled, Fault::Conflict, Fault::Partial];
    for seed in 0..5 {
        let on = Arc::new(AtomicBool::new(false));
        let (switch, draw) = (on.clone(), std::sync::Mutex::new(Draw(seed)));
        let faults = Faults::decided_by(move |_| {
            let draw = draw.lock().expect("no test panicked here").below(4 * KINDS.len());
            switch.load(Ordering::SeqCst).then(|| KINDS.get(draw).copied()).flatten()
        });
        let house = House::with_faults(faults).await;
        for number in 0..10 {
            house.a_lead(&format!("Lead Number {number}")).await;
        }
        let news = images(&house.news().await.records);
        on.store(true, Ordering::SeqCst);
        for part in news.chunks(9) {
            let mut tries = 0;
            while let Err(error) = house.world.platform.table().chain(part, house.world.platform.now()).await {
                tries += 1;
                assert!(tries < 50, "{error}");
            }
        }
        on.store(false, Ordering::SeqCst);
        let (entries, events) = counted(&house).await;
        assert_eq!(entries, events, "seed {seed}");
    }
}

#[tokio::test]
async fn verifying_goes_on_where_it_stopped() {
    let house = House::new().await;
    house.settle().await;
    let table = house.world.platform.table();
    for number in 0..205 {
        house.a_lead(&format!("Lead Number {number}")).await;
    }
    for image in images(&house.news().await.records) {
        table.chain(std::slice::from_ref(&image), house.world.platform.now()).await.expect("a block");
    }
    let first = house.verified().await;
    assert_eq!(
        (&first["ok"], &first["verified_blocks"], &first["next_from"]),
        (&json!(true), &json!(200), &json!(201))
    );
    let rest = house.get("/audit-logs/verify?from=201").await;
    assert_eq!((&rest["ok"], &rest["next_from"]), (&json!(true), &Value::Null));
    let both = rest["verified_blocks"].as_u64().expect("a number") + 200;
    assert_eq!(Some(both), rest["head"]["block"].as_u64());
    let some = house.get("/audit-logs/verify?from=3&to=7").await;
    assert_eq!((&some["ok"], &some["verified_blocks"]), (&json!(true), &json!(5)));
    let wrong = house.ask(Ask::get("/audit-logs/verify?from=0&to=x")).await;
    assert_eq!(wrong.expect(422).wrong().len(), 2);
}

#[tokio::test]
async fn a_purge_is_told_and_takes_what_changed_with_it() {
    let house = House::new().await;
    let id = house.a_lead("Asha Example").await;
    let path = format!("/leads/{id}");
    Ask::put(&path, json!({"city": "Pune"})).by(&house.admin).of(&house.leads).await.expect(200);
    Ask::delete(&path).by(&house.admin).of(&house.leads).await.expect(200);
    house.settle().await;
    house.world.clock.advance(SignedDuration::from_hours(24 * 31));
    house.world.standins.dynamo.sweep_ttl().await.expect("a sweep");
    let news = house.news().await;
    for _ in 0..2 {
        house.follow(&news).await;
    }
    house.settle().await;
    house.follow(&news).await;

    // The administrator's token was good for an hour; the store is asked instead.
    let verified = house.world.platform.table().verify_chain(&house.grant(), 1, None).await.expect("it is verified");
    assert_eq!((verified.broken, verified.purged), (None, 3));
    let query = store::AuditQuery {
        actor: None,
        record: Some("lead".into()),
        action: None,
        from: None,
        to: None,
        cursor: None,
        limit: std::num::NonZeroU32::new(10).expect("ten"),
    };
    let log = house.world.platform.table().audit_log(&house.grant(), &query).await.expect("a log");
    let told: Vec<(&str, bool)> =
        log.records.iter().map(|row| (row.entry.action.as_str(), row.event.is_some())).collect();
    let expected = [("lead.purged", true), ("lead.deleted", false), ("lead.updated", false), ("lead.created", false)];
    assert_eq!(told, expected);
}
