//! Workers die, messages repeat and get lost: nobody is forgotten, and nobody is told twice.

use domain::broadcast::{Audience, Reached};
use domain::{Broadcast, Rows};
use standins::Fault;

use crate::support::Hall;

async fn all_were_told_once(hall: &Hall, broadcast: &Broadcast, what: &str) {
    let done = hall.read(broadcast).await;
    let people = u32::try_from(hall.agents.len() + 1).expect("few");
    assert!(done.is_over(), "{what}: {done:?}");
    assert_eq!(done.reached, Reached { delivered: people, skipped: 0 }, "{what}");
    for person in hall.agents.iter().chain([&hall.admin]) {
        assert_eq!(hall.told(person.user).await, 1, "{what}");
    }
}

#[tokio::test]
async fn a_worker_may_die_at_any_write() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for write in 1.. {
            let hall = Hall::with(4).await;
            let broadcast = hall.send().await;
            hall.kill(write, fault);
            hall.work().await;
            let struck = hall.revive();
            for _ in 0..2 {
                hall.wait().await;
                hall.work().await;
            }
            all_were_told_once(&hall, &broadcast, &format!("{fault:?} at write {write}")).await;
            if !struck {
                assert!(write > 8, "there are so many writes");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_step_may_come_twice_late_and_to_two_workers() {
    let hall = Hall::with(5).await;
    let broadcast = hall.send().await;
    let once = [hall.step(&broadcast)];
    let twice = [once.clone(), once.clone()].concat();
    for _ in 0..6 {
        let (one, other) = tokio::join!(hall.bring(&once), hall.bring(&twice));
        assert!(one.is_empty() && other.is_empty());
    }
    hall.work().await;
    hall.bring(&once).await;
    all_were_told_once(&hall, &broadcast, "repeated").await;
}

#[tokio::test]
async fn a_broadcast_that_lost_its_message_is_found_by_the_clock() {
    let hall = Hall::with(3).await;
    let broadcast = hall.send_to(Audience::Everybody, Rows::All, None).await;
    tick::handle(&hall.world.platform, &serde_json::Value::Null).await.expect("the clock runs");
    hall.work().await;
    assert_eq!(hall.read(&broadcast).await.reached, Reached::default(), "its lease is not over");
    hall.wait().await;
    hall.work().await;
    all_were_told_once(&hall, &broadcast, "lost").await;
}
