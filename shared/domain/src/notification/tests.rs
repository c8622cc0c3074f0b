use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::Actor;

fn begin() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

fn a_user() -> UserId {
    UserId::at(begin(), [3; 10])
}

fn arriving(kind: NotificationType, priority: Priority, expires_at: Option<Timestamp>) -> Arriving {
    let notice = Notice::of_ours("A title", "A message").expect("a notice");
    let id = NotificationId::at(begin(), [1; 10]);
    Arriving { id, user: a_user(), kind, priority, notice, expires_at, created_by: None, broadcast: None, channels: None }
}

/// As a record is after a commit.
fn committed<R: Record>(change: Change<R>) -> R {
    let mut after = change.after;
    after.meta_mut().version += 1;
    after
}

#[test]
fn what_comes_at_the_same_time_has_an_order() {
    let inbox = Inbox::new(OrganizationId::PLATFORM, a_user(), begin());
    let receive = |inbox: Inbox| {
        let (notification, inbox) =
            inbox.receive(arriving(NotificationType::Info, Priority::Normal, None), begin()).expect("room");
        (committed(notification), committed(inbox))
    };
    let (first, inbox) = receive(inbox);
    let inbox = committed(inbox.read_all(begin()));
    let (second, inbox) = receive(inbox);
    assert!(first.meta.created_at < second.meta.created_at);
    assert!(inbox.is_read(&first) && !inbox.is_read(&second));
    assert_eq!(inbox.figures(None, begin()), Figures { total: 2, unread: 1 });
}

#[test]
fn an_inbox_knows_so_many_times_of_expiry_and_no_more() {
    let mut inbox = Inbox::new(OrganizationId::PLATFORM, a_user(), begin());
    let expiring = |n: i64| {
        let at = begin() + SignedDuration::from_secs(n);
        arriving(NotificationType::Info, Priority::Normal, Some(at))
    };
    for n in 1..=MAX_EXPIRING {
        let n = i64::try_from(n).expect("few");
        inbox = committed(inbox.receive(expiring(n), begin()).expect("room").1);
    }
    assert!(inbox.clone().receive(expiring(1_000), begin()).is_err());
    assert!(inbox.clone().receive(expiring(5), begin()).is_ok(), "a time it knows");
    let later = begin() + SignedDuration::from_secs(1);
    assert!(inbox.receive(expiring(1_000), later).is_ok(), "one has gone meanwhile");
}

#[test]
fn a_click_leads_to_the_frontend_or_to_a_secure_place() {
    for good in ["/", "/leads/lead_1?x=1", "https://example.com/a"] {
        assert!(check_action(good).is_ok(), "{good}");
    }
    for bad in ["javascript:alert(1)", "//example.com", "http://example.com", "https://", "https:///x", "leads", "/\\x"]
    {
        assert!(check_action(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_event_asks_for_one_notification_only() {
    let event = Event {
        id: crate::EventId::at(begin(), [9; 10]),
        kind: "lead.assigned".into(),
        organization: OrganizationId::PLATFORM,
        record: "lead".into(),
        subject: String::new(),
        version: 2,
        at: begin(),
        actor: Actor::Visitor,
        origin: None,
        changes: Vec::new(),
        reason: None,
        data: serde_json::Map::new(),
    };
    let notice = Notice::of_ours("A title", "A message").expect("a notice");
    let [one, other] = [(); 2].map(|()| Arriving::by(&event, a_user(), NotificationType::Lead, notice.clone()));
    assert_eq!(one.id, other.id);
}

#[derive(Debug, Clone)]
enum Step {
    Receive { kind: usize, urgent: bool, expires: Option<i64> },
    Read(prop::sample::Index),
    Drop(prop::sample::Index),
    ReadAll,
    Wait(i64),
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_usize, any::<bool>(), prop::option::of(-5..60_i64))
            .prop_map(|(kind, urgent, expires)| Step::Receive { kind, urgent, expires }),
        3 => any::<prop::sample::Index>().prop_map(Step::Read),
        2 => any::<prop::sample::Index>().prop_map(Step::Drop),
        1 => Just(Step::ReadAll),
        2 => (0..30_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn the_figures_are_those_of_a_recount(steps in prop::collection::vec(a_step(), 0..60)) {
        let mut now = begin();
        let mut inbox = Inbox::new(OrganizationId::PLATFORM, a_user(), now);
        let mut there: Vec<Notification> = Vec::new();
        for step in steps {
            match step {
                Step::Receive { kind, urgent, expires } => {
                    let priority = if urgent { Priority::Urgent } else { Priority::Low };
                    let expires = expires.map(|seconds| now + SignedDuration::from_secs(seconds));
                    let arriving = arriving(NotificationType::ALL[kind], priority, expires);
                    let (notification, change) = inbox.receive(arriving, now).expect("room");
                    there.push(committed(notification));
                    inbox = committed(change);
                }
                Step::Read(which) => {
                    there.retain(|notification| !notification.is_expired(now));
                    if there.is_empty() { continue }
                    let place = which.index(there.len());
                    inbox = committed(inbox.read(&there[place], now));
                    there[place] = committed(there[place].clone().read(now));
                }
                Step::Drop(which) => {
                    there.retain(|notification| !notification.is_expired(now));
                    if there.is_empty() { continue }
                    let gone = there.remove(which.index(there.len()));
                    inbox = committed(inbox.drop_one(&gone, now));
                }
                Step::ReadAll => inbox = committed(inbox.read_all(now)),
                Step::Wait(seconds) => now += SignedDuration::from_secs(seconds),
            }
            let live: Vec<&Notification> = there.iter().filter(|one| !one.is_expired(now)).collect();
            let recount = |of: &dyn Fn(&Notification) -> bool| {
                let all = live.iter().filter(|one| of(one));
                let unread = all.clone().filter(|one| !inbox.is_read(one)).count();
                Figures { total: u32::try_from(all.count()).expect("few"), unread: u32::try_from(unread).expect("few") }
            };
            prop_assert_eq!(inbox.figures(None, now), recount(&|_| true));
            for kind in NotificationType::ALL {
                prop_assert_eq!(inbox.figures(Some(kind), now), recount(&|one| one.kind == kind));
            }
            prop_assert_eq!(inbox.figures_of(Priority::Urgent, now), recount(&|one| one.priority == Priority::Urgent));
            let text = serde_json::to_string(&inbox).expect("JSON");
            prop_assert!(text.len() < 16 * 1_024);
        }
    }
}
