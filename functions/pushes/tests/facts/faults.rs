//! Connections break, workers die, messages repeat and come in another order.

use std::collections::BTreeSet;

use domain::Role;
use serde_json::{Value, json};
use standins::Fault;

use crate::support::Hall;

fn ids(frames: &[Value]) -> BTreeSet<String> {
    frames.iter().map(|frame| frame["id"].to_string()).collect()
}

#[tokio::test]
async fn a_connection_that_is_gone_is_forgotten_and_the_others_are_told() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    let (gone, mut there) = (hall.open_to_all(&hall.admin).await, hall.open_to_all(&hall.admin).await);
    hall.world.standins.sockets.gone(&gone.id);
    hall.change(&lead, json!({"priority": "high"})).await;
    hall.follow().await;
    assert_eq!(there.events(), ["lead:updated"]);
    let table = hall.world.platform.table();
    assert_eq!(table.connection(&gone.id).await.expect("the table"), None);
    let rooms = [domain::realtime::Room::All, domain::realtime::Room::User(hall.admin.user)].into();
    let now = hall.world.platform.now();
    let left = table.hearers(hall.tenant.organization, &rooms, None, 10, now).await.expect("the table").hearers;
    assert_eq!(left.iter().map(|hearer| hearer.connection.as_str()).collect::<Vec<_>>(), [there.id.as_str()]);
}

#[tokio::test]
async fn a_connection_that_takes_nothing_is_ended() {
    let hall = Hall::new().await;
    let mut slow = hall.open_to_all(&hall.admin).await;
    let frame = standins::sockets::Outgoing::Text("{}".into());
    while hall.world.standins.sockets.send(&slow.id, frame.clone()) {}
    hall.a_lead(&hall.admin).await;
    hall.follow().await;
    assert_eq!(hall.world.platform.table().connection(&slow.id).await.expect("the table"), None);
    assert!(slow.heard().iter().all(|frame| frame["event"].is_null()));
}

#[tokio::test]
async fn a_page_that_comes_twice_tells_the_same_event_twice() {
    let hall = Hall::new().await;
    let mut ear = hall.open_to_all(&hall.admin).await;
    hall.a_lead(&hall.admin).await;
    hall.hand_over().await;
    let bodies: Vec<String> = hall.queued().await.into_iter().map(|(body, _)| body).collect();
    for _ in 0..2 {
        assert!(hall.bring(&bodies).await.is_empty());
    }
    let heard = ear.heard();
    assert_eq!(heard.len(), 2 * ids(&heard).len(), "{heard:?}");
}

#[tokio::test]
async fn a_page_that_comes_late_shows_the_record_as_it_is_now() {
    let hall = Hall::new().await;
    let lead = hall.a_lead(&hall.admin).await;
    hall.follow().await;
    let mut ear = hall.open_to_all(&hall.admin).await;
    for priority in ["high", "low"] {
        hall.change(&lead, json!({"priority": priority})).await;
    }
    hall.hand_over().await;
    let mut bodies: Vec<String> = hall.queued().await.into_iter().map(|(body, _)| body).collect();
    assert_eq!(bodies.len(), 2);
    bodies.reverse();
    for body in bodies {
        assert!(hall.bring(&[body]).await.is_empty());
    }
    for frame in ear.heard() {
        let data = &frame["data"];
        assert_eq!((&data["version"], &data["fields"]["priority"]), (&json!(3), &json!("low")), "{frame}");
    }
}

#[tokio::test]
async fn what_is_no_page_comes_back_and_nothing_else() {
    let hall = Hall::new().await;
    let mut ear = hall.open_to_all(&hall.admin).await;
    hall.a_lead(&hall.admin).await;
    hall.hand_over().await;
    let good = hall.queued().await.swap_remove(0).0;
    assert_eq!(hall.bring(&[good, "{}".to_owned(), "x".to_owned()]).await.len(), 2);
    assert_eq!(ear.heard().len(), 1);
}

#[tokio::test]
async fn a_worker_may_die_at_any_write_and_everybody_is_told() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered] {
        for write in 1.. {
            let hall = Hall::in_pages(2).await;
            let mut ears = Vec::new();
            for _ in 0..4 {
                ears.push(hall.open_to_all(&hall.admin).await);
            }
            let gone = hall.open_to_all(&hall.admin).await;
            hall.world.standins.sockets.gone(&gone.id);
            let lead = hall.a_lead(&hall.admin).await;
            hall.hand_over().await;
            hall.kill(write, fault);
            hall.work().await;
            let struck = hall.revive();
            for _ in 0..2 {
                // What was handed out comes again.
                hall.world.clock.advance(jiff::SignedDuration::from_mins(1));
                hall.work().await;
            }
            for ear in &mut ears {
                let heard = ear.heard();
                let told = heard.iter().filter(|frame| frame["data"]["id"] == lead.as_str()).count();
                assert!(told >= 1, "{fault:?} at write {write}: {heard:?}");
            }
            if !struck {
                assert!(write > 5, "there are so many writes: {write}");
                break;
            }
        }
    }
}
