//! What an organization no longer keeps goes; the audit log stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::{Role, SecurityKind};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::{Fault, Faults};
use testkit::Ask;

use crate::support::House;

const PATH: &str = "/retention-policies";

async fn kept(house: &House) -> usize {
    let security = |item: &crate::support::Item| {
        item.get("kind").is_some_and(|kind| kind.as_s().is_ok_and(|kind| kind == "security_event"))
    };
    house.items("record").await.iter().filter(|item| security(item)).count()
}

async fn tick(house: &House) {
    tick::handle(&house.world.platform, &Value::Null).await.expect("the clock runs");
}

/// An organization that keeps 30 days, with so many old security events and one new.
async fn an_old_house(faults: Faults, old: usize) -> House {
    let house = House::with_faults(faults).await;
    house.settle().await;
    house.ask(Ask::put(PATH, json!({"security_events_days": 30}))).await.expect(200);
    for _ in 0..old {
        house.happened(SecurityKind::SessionRevoked, Some(house.admin.user), "192.0.2.1", None).await;
    }
    house.world.clock.advance(SignedDuration::from_hours(24 * 31));
    house.happened(SecurityKind::SessionRevoked, Some(house.admin.user), "192.0.2.1", None).await;
    house.settle().await;
    house
}

#[tokio::test]
async fn a_year_is_kept_where_nobody_says_otherwise() {
    let house = House::new().await;
    assert_eq!(house.get(PATH).await["security_events_days"], 365);
    house.settle().await;
    assert_eq!(house.get(PATH).await["security_events_days"], 365);
    let changed = house.ask(Ask::put(PATH, json!({"security_events_days": 2555}))).await;
    assert_eq!(changed.data(200)["security_events_days"], 2_555);
    for days in [json!(29), json!(2_556), json!(null), json!("90")] {
        let wrong = house.ask(Ask::put(PATH, json!({"security_events_days": days}))).await;
        assert_eq!(wrong.expect(422).wrong().len(), 1, "{days}");
    }
    let manager = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    for ask in [Ask::get(PATH), Ask::put(PATH, json!({"security_events_days": 30}))] {
        ask.by(&manager).of(&house.router).await.expect(403);
    }
    let (_, stranger) = house.world.an_admin().await;
    let theirs = Ask::get(PATH).by(&stranger).of(&house.router).await.data(200);
    assert_eq!(theirs["security_events_days"], 365);
}

#[tokio::test]
async fn what_is_older_goes_and_the_chain_tells_of_it() {
    let house = an_old_house(Faults::none(), 90).await;
    assert_eq!(kept(&house).await, 91);
    tick(&house).await;
    assert_eq!(kept(&house).await, 1);
    house.settle().await;
    tick(&house).await;
    assert_eq!(kept(&house).await, 1, "once a day is enough");
    let table = house.world.platform.table();
    let size = table.list_size::<domain::SecurityEvent>(&house.grant(), "all", &[String::new()]).await;
    assert_eq!(size.expect("a size"), 1);
    let mut from = 1;
    loop {
        let verified = table.verify_chain(&house.grant(), from, None).await.expect("it is verified");
        assert_eq!(verified.broken, None);
        match verified.next {
            Some(next) => from = next,
            None => break,
        }
    }
    let applied = house.items("event#").await;
    let applied =
        applied.iter().filter(|item| item["d"].as_s().is_ok_and(|text| text.contains("retention_policy.applied")));
    assert_eq!(applied.count(), 3, "40, 40 and 10");
}

#[tokio::test(start_paused = true)]
async fn the_clock_may_die_at_any_write() {
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
        let house = an_old_house(faults, 50).await;
        on.store(true, Ordering::SeqCst);
        while tick::handle(&house.world.platform, &Value::Null).await.is_err() {
            house.world.standins.dynamo.faults().revive();
        }
        on.store(false, Ordering::SeqCst);
        house.settle().await;
        let table = house.world.platform.table();
        let size = table.list_size::<domain::SecurityEvent>(&house.grant(), "all", &[String::new()]).await;
        assert_eq!((kept(&house).await, size.expect("a size")), (1, 1), "dying at {at:?}");
        writes.load(Ordering::SeqCst)
    };
    let writes = run(None).await;
    assert!(writes > 2);
    for write in 1..=writes {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            run(Some((write, fault))).await;
        }
    }
}
