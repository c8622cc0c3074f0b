use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::{Actor, User};

fn begin() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

fn a_user() -> UserId {
    UserId::at(begin(), [3; 10])
}

fn arriving(kind: NotificationType, priority: Priority, expires_at: Option<Timestamp>) -> Arriving {
    let notice = Notice::of_ours("A title", "A message").expect("a notice");
    let id = NotificationId::at(begin(), [1; 10]);
    Arriving {
        id,
        user: a_user(),
        kind,
        priority,
        notice,
        expires_at,
        created_by: None,
        broadcast: None,
        channels: None,
    }
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

fn a_zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn nightly(start: &str, end: &str, days: &[Weekday], zone: Option<&str>) -> QuietHours {
    let time = |text: &str| text.parse().expect("a time of the day");
    QuietHours::new(time(start), time(end), days.to_vec(), zone.map(str::to_owned)).expect("quiet hours")
}

#[test]
fn a_night_is_quiet_over_midnight_on_the_clock_of_its_zone() {
    let (quiet, kolkata) = (nightly("22:00", "07:00", Weekday::ALL, None), a_zone("Asia/Kolkata"));
    let end = Some(at("2026-11-21T01:30:00Z"));
    for (moment, until) in [
        ("2026-11-20T16:29:59Z", None),
        ("2026-11-20T16:30:00Z", end),
        ("2026-11-20T18:30:00Z", end),
        ("2026-11-21T01:29:59Z", end),
        ("2026-11-21T01:30:00Z", None),
    ] {
        assert_eq!(quiet.until(at(moment), &kolkata), until, "{moment}");
        let own = nightly("22:00", "07:00", Weekday::ALL, Some("Asia/Kolkata"));
        assert_eq!(own.until(at(moment), &TimeZone::UTC), until, "its own zone comes first: {moment}");
    }
}

#[test]
fn a_stretch_belongs_to_the_day_on_which_it_begins() {
    // 2026-11-20 is a Friday.
    let quiet = nightly("22:00", "07:00", &[Weekday::Friday], None);
    assert_eq!(quiet.until(at("2026-11-20T03:00:00Z"), &TimeZone::UTC), None);
    assert_eq!(quiet.until(at("2026-11-21T03:00:00Z"), &TimeZone::UTC), Some(at("2026-11-21T07:00:00Z")));
    assert_eq!(quiet.until(at("2026-11-21T23:00:00Z"), &TimeZone::UTC), None);
}

#[test]
fn a_clock_that_jumps_makes_the_night_shorter_or_longer() {
    let (quiet, berlin) = (nightly("22:00", "07:00", Weekday::ALL, None), a_zone("Europe/Berlin"));
    // To summer time on 29 March 2026, back on 25 October.
    for (evening, morning, hours) in
        [("2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z", 8), ("2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z", 10)]
    {
        let (evening, morning) = (at(evening), at(morning));
        assert_eq!(quiet.until(evening, &berlin), Some(morning));
        assert_eq!(morning.duration_since(evening), SignedDuration::from_hours(hours));
        assert_eq!(quiet.until(evening - SignedDuration::from_secs(1), &berlin), None);
    }
    // 02:30 is not there that night: it is read as 03:30.
    let gap = nightly("01:00", "02:30", Weekday::ALL, None);
    assert_eq!(gap.until(at("2026-03-29T00:30:00Z"), &berlin), Some(at("2026-03-29T01:30:00Z")));
}

#[test]
fn a_digest_comes_at_its_hour_and_once_however_long_the_clock_stood() {
    let kolkata = a_zone("Asia/Kolkata");
    let daily = DigestTime { frequency: Frequency::Daily, ..DigestTime::default() };
    assert_eq!(daily.next_after(at("2026-11-20T02:29:59Z"), &kolkata), Some(at("2026-11-20T02:30:00Z")));
    assert_eq!(daily.next_after(at("2026-11-20T02:30:00Z"), &kolkata), Some(at("2026-11-21T02:30:00Z")));
    let weekly = DigestTime { frequency: Frequency::Weekly, weekday: Weekday::Friday, ..daily };
    assert_eq!(weekly.next_after(at("2026-11-20T02:30:00Z"), &kolkata), Some(at("2026-11-27T02:30:00Z")));
    assert_eq!(DigestTime::default().next_after(begin(), &kolkata), None);

    let chosen = NotificationPreferences::new(OrganizationId::PLATFORM, a_user(), begin());
    let patch = PreferencesPatch { frequency: Some(Some(Frequency::Daily)), ..PreferencesPatch::default() };
    let chosen = chosen.update(patch, &kolkata, begin()).after;
    let late = begin() + SignedDuration::from_hours(24 * 31);
    let told = chosen.digested(&kolkata, late).after;
    assert_eq!(told.digested_through, Some(late));
    assert!(told.due().is_some_and(|next| next > late && next <= late + SignedDuration::from_hours(25)));
}

fn a_person() -> User {
    User::new(a_user(), "asha@example.com".parse().expect("an address"), "Asha".into(), "Example".into(), begin())
}

#[test]
fn what_somebody_chose_comes_before_what_was_asked_for_and_that_before_what_is_usual() {
    let (kind, mut person) = (NotificationType::Info, a_person());
    let asked = Channels::new(vec![Channel::Email]).expect("channels");
    let mut chosen = NotificationPreferences::new(OrganizationId::PLATFORM, a_user(), begin());
    assert!(!chosen.wants(kind, Channel::Email, None, &person));
    assert!(chosen.wants(NotificationType::Alert, Channel::Email, None, &person));
    assert!(chosen.wants(kind, Channel::Email, Some(&asked), &person));
    assert!(!chosen.wants(kind, Channel::Push, Some(&asked), &person), "that was not asked for");
    chosen.types.insert(kind, Choices { email: Some(false), push: Some(true), ..Choices::default() });
    assert!(!chosen.wants(kind, Channel::Email, Some(&asked), &person), "nobody is told against their will");
    assert!(chosen.wants(kind, Channel::Push, Some(&asked), &person));
    person.preferences.notifications.push = false;
    assert!(!chosen.wants(kind, Channel::Push, None, &person), "their profile shuts the channel");
    for kind in NotificationType::ALL {
        assert!(!chosen.wants(kind, Channel::Sms, None, &person), "text messages are off until they are wanted");
    }
}

proptest! {
    #[test]
    fn quiet_hours_end_and_then_it_is_not_quiet(
        seconds in 1_700_000_000_i64..1_900_000_000,
        (from, to) in (0..1_440_i64, 0..1_440_i64).prop_filter("a stretch", |(from, to)| from != to),
        days in proptest::sample::subsequence(Weekday::ALL.to_vec(), 1..=7),
        zone in proptest::sample::select(vec!["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    ) {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let (quiet, zone) = (nightly(&clock(from), &clock(to), &days, None), a_zone(zone));
        let now = Timestamp::from_second(seconds).expect("a time");
        match quiet.until(now, &zone) {
            Some(until) => {
                prop_assert!(until > now && until <= now + SignedDuration::from_hours(26));
                prop_assert_eq!(quiet.until(until, &zone), None);
                prop_assert!(quiet.until(until - SignedDuration::from_secs(1), &zone).is_some());
            }
            None => {
                // Away from days on which the clock jumps, the clock on the wall alone decides.
                let local = now.to_zoned(zone.clone());
                let steady = [-2, 0, 2].map(|days| zone.to_offset(now + SignedDuration::from_hours(24 * days)));
                if steady.iter().all(|offset| *offset == local.offset()) {
                    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
                    let today = days.contains(&Weekday::of(local.date()));
                    let yesterday = days.contains(&Weekday::of(local.date().yesterday().expect("a day")));
                    let inside = if from < to {
                        today && (from..to).contains(&minute)
                    } else {
                        (today && minute >= from) || (yesterday && minute < to)
                    };
                    prop_assert!(!inside);
                }
            }
        }
    }

    #[test]
    fn a_next_digest_is_ahead_and_on_its_hour(
        seconds in 1_700_000_000_i64..1_900_000_000, hour in 0_i8..24, weekly in any::<bool>(),
    ) {
        let (zone, now) = (a_zone("America/New_York"), Timestamp::from_second(seconds).expect("a time"));
        let frequency = if weekly { Frequency::Weekly } else { Frequency::Daily };
        let digest = DigestTime { frequency, hour, weekday: Weekday::Wednesday };
        let next = digest.next_after(now, &zone).expect("one comes");
        let most = if weekly { 8 * 24 } else { 2 * 24 };
        prop_assert!(next > now && next <= now + SignedDuration::from_hours(most));
        let local = next.to_zoned(zone);
        // In the hour that is not there, one later.
        prop_assert!(local.hour() == hour || (hour == 2 && local.hour() == 3));
        prop_assert!(!weekly || Weekday::of(local.date()) == Weekday::Wednesday);
    }
}
