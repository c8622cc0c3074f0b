//! Who is told.

use domain::broadcast::{Audience, BroadcastStatus, Reached};
use domain::notification::{Arriving, MAX_EXPIRING};
use domain::{NotificationId, Role, Rows};
use store::Notified;

use crate::support::Hall;

#[tokio::test]
async fn everybody_is_told_once_page_by_page() {
    let hall = Hall::with(6).await;
    let broadcast = hall.send().await;
    hall.work().await;
    for person in hall.agents.iter().chain([&hall.admin]) {
        assert_eq!(hall.told(person.user).await, 1);
    }
    let done = hall.read(&broadcast).await;
    assert_eq!((done.status, done.reached), (BroadcastStatus::Completed, Reached { delivered: 7, skipped: 0 }));
    assert_eq!((done.lease_until, done.finished_at), (None, Some(hall.world.platform.now())));
}

#[tokio::test]
async fn only_those_in_the_audience_and_in_the_senders_reach_are_told() {
    let hall = Hall::with(4).await;
    let [one, two, three, _] = &hall.agents[..] else { panic!("four agents") };
    let here = Rows::Branches { branches: vec![hall.tenant.branch] };
    let agents = Audience::Matching { roles: vec![Role::Agent.into()], branch_ids: Vec::new() };
    let elsewhere = Audience::Matching { roles: Vec::new(), branch_ids: vec![hall.tenant.other_branch] };
    let named = Audience::Named { user_ids: vec![one.user, two.user, three.user] };
    for (audience, rows, expected) in [
        (agents.clone(), Rows::All, [1, 1, 1, 1, 0]),
        (agents, here.clone(), [1, 0, 1, 0, 0]),
        (elsewhere, Rows::All, [0, 1, 0, 1, 0]),
        (named, Rows::All, [1, 1, 1, 0, 0]),
        (Audience::Everybody, here, [1, 0, 1, 0, 1]),
    ] {
        let before = told(&hall).await;
        let broadcast = hall.send_to(audience.clone(), rows, None).await;
        hall.queue(&broadcast).await;
        hall.work().await;
        let after = told(&hall).await;
        let new: Vec<usize> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(new, expected, "{audience:?}");
        assert_eq!(hall.read(&broadcast).await.reached.delivered as usize, expected.iter().sum::<usize>());
    }
}

/// How often each agent was told, and the administrator.
async fn told(hall: &Hall) -> Vec<usize> {
    let mut told = Vec::new();
    for person in hall.agents.iter().chain([&hall.admin]) {
        told.push(hall.told(person.user).await);
    }
    told
}

#[tokio::test]
async fn whoever_joins_later_is_not_told() {
    let hall = Hall::with(2).await;
    let broadcast = hall.send().await;
    hall.world.clock.advance(jiff::SignedDuration::from_secs(1));
    let late = hall.world.a_person(&hall.tenant, Role::Agent, hall.tenant.branch).await;
    hall.work().await;
    assert_eq!((hall.told(late.user).await, hall.read(&broadcast).await.reached.delivered), (0, 3));
}

#[tokio::test]
async fn what_has_expired_tells_nobody_more() {
    let hall = Hall::with(2).await;
    let broadcast = hall.send_to(Audience::Everybody, Rows::All, Some(60)).await;
    hall.world.clock.advance(jiff::SignedDuration::from_secs(60));
    hall.bring(&[hall.step(&broadcast)]).await;
    let done = hall.read(&broadcast).await;
    assert_eq!((done.is_over(), done.reached), (true, Reached::default()));
    assert_eq!(told(&hall).await, [0, 0, 0]);
}

#[tokio::test]
async fn whose_inbox_is_full_of_what_expires_is_passed_over() {
    let hall = Hall::with(1).await;
    let named = Audience::Named { user_ids: vec![hall.agents[0].user] };
    let mut last = None;
    for seconds in 1..=MAX_EXPIRING + 1 {
        let seconds = i64::try_from(seconds + 1_000).expect("few");
        let broadcast = hall.send_to(named.clone(), Rows::All, Some(seconds)).await;
        hall.bring(&[hall.step(&broadcast)]).await;
        last = Some(hall.read(&broadcast).await);
    }
    assert_eq!(last.expect("a broadcast").reached, Reached { delivered: 0, skipped: 1 });
}

#[tokio::test]
async fn what_is_no_step_comes_back_and_an_unknown_broadcast_does_not() {
    let hall = Hall::with(0).await;
    let unknown =
        r#"{"organization": "org_00000000000000000000000000", "broadcast": "cast_00000000000000000000000000"}"#;
    assert_eq!(hall.bring(&["{}".to_owned(), unknown.to_owned()]).await, ["0"]);
}

#[tokio::test]
async fn whoever_was_told_before_their_inbox_was_full_counts_as_told() {
    let hall = Hall::with(1).await;
    let (table, now) = (hall.world.platform.table(), hall.world.platform.now());
    let user = hall.agents[0].user;
    let mut last = None;
    for seconds in 1..=MAX_EXPIRING {
        let seconds = i64::try_from(seconds).expect("few");
        let broadcast = hall.send_to(Audience::Everybody, Rows::All, Some(seconds)).await;
        let arriving = broadcast.to(user, [7; 10]);
        let arriving = Arriving { id: NotificationId::at(now, hall.world.platform.random()), ..arriving };
        assert!(matches!(table.notify(&hall.grant, &arriving, now).await, Ok(Notified::New(_))));
        last = Some(arriving);
    }
    let inbox = table.inbox(&hall.grant, user, now).await.expect("an inbox");
    table.commit(&hall.grant, inbox.read_all(now)).await.expect("all is read");
    let last = last.expect("a notification");
    assert_eq!(table.notify(&hall.grant, &last, now).await.expect("an answer"), Notified::Known);
    let other = Arriving { id: NotificationId::at(now, hall.world.platform.random()), ..last };
    assert_eq!(table.notify(&hall.grant, &other, now).await.expect("an answer"), Notified::Full);
}
