//! Who may open a connection.

use domain::realtime::{CONNECTION_LIFE, Room, TOKEN_LIFE};
use domain::session::RevokedWhy;
use domain::{Caller, Role, Session};
use serde_json::json;
use standins::{Fault, Faults};
use testkit::Ask;

use crate::support::Hall;

#[tokio::test]
async fn a_token_opens_one_connection_within_a_minute() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let token = hall.token(&agent).await;
    assert_eq!(hall.connect("one", &token).await, 200);
    assert_eq!(hall.own_room(agent.user).await, ["one"]);
    assert_eq!(hall.connect("two", &token).await, 401, "it is good once");

    let late = hall.token(&agent).await;
    hall.world.clock.advance(TOKEN_LIFE);
    assert_eq!(hall.connect("two", &late).await, 401, "it is too old");
    let mut edited = hall.token(&agent).await;
    let last = if edited.pop() == Some('A') { 'B' } else { 'A' };
    edited.push(last);
    for token in [edited.as_str(), "", "x", &"y".repeat(500), &agent.token] {
        assert_eq!(hall.connect("two", token).await, 401, "{token}");
    }
    assert_eq!(hall.event("two", "$connect", json!({})).await.status_code, 401, "without a token");
    assert_eq!(hall.own_room(agent.user).await, ["one"]);
}

#[tokio::test]
async fn the_address_and_the_token_are_told_and_nobody_keeps_them() {
    let hall = Hall::new().await;
    let answer = Ask::post("/realtime/token", json!({})).by(&hall.admin).of(&hall.realtime).await;
    assert_eq!(answer.data(200)["url"], "wss://sockets.sampark.test/v1");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let nobody = Ask::post("/realtime/token", json!({})).of(&hall.realtime).await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test]
async fn who_is_signed_out_opens_none_and_says_nothing() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    hall.open("one", &agent).await;
    let token = hall.token(&agent).await;
    let grant = Caller::system(hall.tenant.organization, "test").own();
    let table = hall.world.platform.table();
    let session: Session = table.get_to_change(&grant, agent.session).await.expect("a session");
    table.commit(&grant, session.revoke(RevokedWhy::Logout, hall.world.platform.now())).await.expect("it ends");
    hall.world.clock.advance(jiff::SignedDuration::from_secs(31));
    assert_eq!(hall.connect("two", &token).await, 401);
    assert_eq!(hall.refused("one", json!({"action": "ping"})).await, "signed_out");
}

#[tokio::test]
async fn a_connection_that_closed_is_forgotten() {
    let hall = Hall::new().await;
    hall.open("one", &hall.admin).await;
    hall.open("two", &hall.admin).await;
    hall.say("one", json!({"action": "subscribe", "room": "team"})).await;
    assert_eq!(hall.in_room(hall.tenant.organization, Room::All).await, ["one"]);
    for _ in 0..2 {
        assert_eq!(hall.event("one", "$disconnect", json!({})).await.status_code, 200, "closed twice, it is closed");
    }
    assert_eq!(hall.own_room(hall.admin.user).await, ["two"]);
    assert!(hall.in_room(hall.tenant.organization, Room::All).await.is_empty());
    hall.world.clock.advance(CONNECTION_LIFE);
    assert!(hall.own_room(hall.admin.user).await.is_empty(), "nothing outlives a connection");
}

#[tokio::test]
async fn a_connection_whose_opening_broke_off_leaves_nothing_that_stays() {
    let mut broken = 0;
    for write in 1..10 {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let counted = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(u64::MAX));
            let at = std::sync::Arc::clone(&counted);
            let faults = Faults::decided_by(move |call| {
                let left = at.load(std::sync::atomic::Ordering::SeqCst);
                if call.write.is_none() || left == u64::MAX {
                    return None;
                }
                at.store(left - 1, std::sync::atomic::Ordering::SeqCst);
                (left == 1).then_some(fault)
            });
            let hall = Hall::with(faults.clone()).await;
            let token = hall.token(&hall.admin).await;
            counted.store(write, std::sync::atomic::Ordering::SeqCst);
            let status = hall.connect("one", &token).await;
            broken += usize::from(status != 200);
            counted.store(u64::MAX, std::sync::atomic::Ordering::SeqCst);
            faults.revive();
            hall.open("two", &hall.admin).await;
            assert!(hall.own_room(hall.admin.user).await.contains(&"two".to_owned()));
            hall.event("one", "$disconnect", json!({})).await;
            let rest = hall.own_room(hall.admin.user).await;
            assert_eq!(rest, ["two"], "{fault:?} at write {write}");
        }
    }
    assert!(broken >= 4, "an opening has several writes");
}
