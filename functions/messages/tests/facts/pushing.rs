//! Notifications on their ways: encrypted for their device, not sent where nobody needs them any more, and never twice.

use domain::message::{LEASE, MAX_TRIES, MessageState, RESTS};
use domain::notification::{Arriving, Channel, Notice, PreferencesPatch, QuietHours, Weekday};
use domain::push_device::{PushKeys, Subscription};
use domain::{
    DeviceId, Message, MessageId, MessageTemplate, Notification, NotificationId, NotificationPreferences,
    NotificationType, Priority, PushDevice, Recipient, Role,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use providers::PushAnswer;
use serde_json::{Value, json};
use standins::{Fault, Push};
use store::Notified;
use testkit::Person;

use crate::support::{Desk, by_mail};

struct Told {
    desk: Desk,
    person: Person,
    device: PushDevice,
    notification: Notification,
}

impl Told {
    async fn new() -> Self {
        Self::with(Priority::Normal).await
    }

    /// Somebody with a device who was notified.
    async fn with(priority: Priority) -> Self {
        let desk = Desk::new().await;
        let person = desk.world.a_person(&desk.tenant, Role::Agent, desk.tenant.branch).await;
        let (platform, now) = (&desk.world.platform, desk.world.platform.now());
        let standins::push::Subscription { endpoint, keys, .. } = Push::subscription("phone");
        let subscription = Subscription {
            endpoint: endpoint.parse().expect("an address"),
            keys: PushKeys::read(&keys.p256dh, &keys.auth).expect("keys"),
            label: None,
            expires_at: None,
        };
        let id = DeviceId::at(now, platform.random());
        let device = PushDevice::register(id, desk.tenant.organization, person.user, subscription, now);
        let device = platform.table().commit(&desk.grant, device).await.expect("a device");
        let arriving = Arriving {
            id: NotificationId::at(now, platform.random()),
            user: person.user,
            kind: NotificationType::Alert,
            priority,
            notice: Notice::of_ours("Look", "There is something.").expect("a notice"),
            expires_at: None,
            created_by: None,
            broadcast: None,
            channels: None,
        };
        let Notified::New(notification) = platform.table().notify(&desk.grant, &arriving, now).await.expect("told")
        else {
            panic!("it is new")
        };
        Self { desk, person, device, notification: *notification }
    }

    async fn message(&self, to: Recipient) -> Message {
        let (platform, now) = (&self.desk.world.platform, self.desk.world.platform.now());
        let values = json!({
            "organization": "Example Ltd", "title": "Look", "message": "There is something.", "kind": "alert",
            "priority": self.notification.priority, "link": "https://app.example/leads",
        });
        let id = MessageId::at(now, platform.random());
        let queued = Message::queue(id, self.desk.tenant.organization, to, MessageTemplate::Notification, values, now);
        let carried = Message::carry(queued, self.notification.id, None);
        platform.table().commit(&self.desk.grant, carried).await.expect("a message")
    }

    async fn push(&self) -> Message {
        self.message(Recipient::Push(self.device.id)).await
    }

    async fn choose(&self, patch: PreferencesPatch) {
        let (platform, grant, now) = (&self.desk.world.platform, &self.desk.grant, self.desk.world.platform.now());
        let chosen = NotificationPreferences::new(self.desk.tenant.organization, self.person.user, now);
        let change = chosen.update(patch, &TimeZone::UTC, now);
        platform.table().commit(grant, change).await.expect("they choose");
    }

    async fn device(&self) -> Option<PushDevice> {
        self.desk.world.platform.table().get_to_change(&self.desk.grant, self.device.id).await.ok()
    }
}

fn never(channel: Channel) -> PreferencesPatch {
    let types = [(NotificationType::Alert, Some(vec![(channel, Some(false))]))].into_iter().collect();
    PreferencesPatch { types, ..PreferencesPatch::default() }
}

/// The whole day but its last minute.
fn by_day() -> PreferencesPatch {
    let time = |text: &str| text.parse().expect("a time");
    let quiet = QuietHours::new(time("00:00"), time("23:59"), Weekday::ALL.to_vec(), Some("UTC".into()));
    PreferencesPatch { quiet_hours: Some(Some(quiet.expect("quiet hours"))), ..PreferencesPatch::default() }
}

#[tokio::test]
async fn a_push_is_read_by_its_device_alone_and_by_nobody_on_the_way() {
    let told = Told::new().await;
    let message = told.push().await;
    told.desk.send(&[&message, &message]).await;
    let [pushed] = &told.desk.outbox()[..] else { panic!("one push") };
    assert_eq!((pushed.channel.as_str(), pushed.subject.as_str()), ("push", "Look"));
    assert_eq!(pushed.from, "ttl 86400, urgency normal");
    let payload: Value = serde_json::from_slice(&pushed.raw).expect("JSON");
    assert_eq!(
        payload,
        json!({
            "id": told.notification.id, "title": "Look", "body": "There is something.", "type": "alert",
            "priority": "normal", "url": "https://app.example/leads",
        })
    );
    let kept = told.desk.read(&message).await;
    assert_eq!((kept.state, kept.tries, kept.failure.clone()), (MessageState::Sent, 1, None));
    assert!(kept.provider_id.is_some_and(|id| id.starts_with("https://push.sampark.example/message/")));
}

#[tokio::test]
async fn a_dead_device_is_dropped() {
    for status in [404, 410] {
        let told = Told::new().await;
        let gone = PushAnswer { status, location: None, retry_after: None };
        told.desk.world.standins.push.answer("phone", Some(gone));
        let (first, second) = (told.push().await, told.push().await);
        told.desk.send(&[&first]).await;
        assert_eq!(told.device().await, None);
        told.desk.send(&[&second]).await;
        for message in [&first, &second] {
            let kept = told.desk.read(message).await;
            assert_eq!((kept.state, kept.sent_at), (MessageState::Skipped, None), "{status}");
        }
        assert!(told.desk.outbox().is_empty());
    }
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_what_is_busy_rests_as_long_as_it_asks() {
    let told = Told::new().await;
    let answer = |status, retry_after: Option<&str>| {
        let retry_after = retry_after.map(str::to_owned);
        told.desk.world.standins.push.answer("phone", Some(PushAnswer { status, location: None, retry_after }));
    };
    answer(413, None);
    let message = told.push().await;
    told.desk.send(&[&message]).await;
    assert_eq!(told.desk.read(&message).await.state, MessageState::Failed);
    assert!(told.device().await.is_some());

    for (retry_after, rest) in [
        (Some("600"), SignedDuration::from_secs(600)),
        (Some("1"), RESTS[0]),
        (None, RESTS[0]),
        (Some("99999999"), SignedDuration::from_hours(24)),
        (Some("-5"), RESTS[0]),
    ] {
        answer(429, retry_after);
        let message = told.push().await;
        told.desk.send(&[&message]).await;
        let kept = told.desk.read(&message).await;
        assert_eq!((kept.state, kept.next_try_at), (MessageState::Queued, told.desk.world.platform.now() + rest));
    }
}

#[tokio::test]
async fn what_was_read_deleted_or_declined_meanwhile_is_not_sent() {
    let told = Told::new().await;
    let (platform, grant, now) = (&told.desk.world.platform, &told.desk.grant, told.desk.world.platform.now());
    told.choose(never(Channel::Push)).await;
    let (push, mail) = (told.push().await, told.message(by_mail("asha@example.com")).await);
    told.desk.send(&[&push, &mail]).await;
    assert_eq!(told.desk.read(&push).await.failure.as_deref(), Some("its receiver does not want it"));
    assert_eq!(told.desk.read(&mail).await.state, MessageState::Sent, "the other way is open");

    let later = told.message(by_mail("asha@example.com")).await;
    let inbox = platform.table().inbox(grant, told.person.user, now).await.expect("an inbox");
    platform.table().commit(grant, inbox.read_all(now)).await.expect("they read");
    told.desk.send(&[&later]).await;
    let kept = told.desk.read(&later).await;
    assert_eq!((kept.state, kept.failure.as_deref(), kept.tries), (MessageState::Skipped, Some("it was read"), 0));
    assert_eq!(told.desk.outbox().len(), 1);
}

#[tokio::test]
async fn in_quiet_hours_it_waits_and_is_not_lost_unless_it_is_urgent() {
    for (priority, urgent_passes, waits) in
        [(Priority::High, true, true), (Priority::Urgent, true, false), (Priority::Urgent, false, true)]
    {
        let told = Told::with(priority).await;
        told.choose(PreferencesPatch { urgent_passes: Some(Some(urgent_passes)), ..by_day() }).await;
        let message = told.push().await;
        told.desk.send(&[&message, &message]).await;
        assert_eq!(told.desk.outbox().is_empty(), waits, "{priority:?}");
        if waits {
            let kept = told.desk.read(&message).await;
            let end = "2026-11-20T23:59:00Z".parse().expect("a time");
            assert_eq!((kept.next_try_at, kept.lease_until, kept.tries), (end, end, 0));
            told.desk.world.clock.advance(end.duration_since(told.desk.world.platform.now()));
            told.desk.send(&[&message]).await;
            assert_eq!(told.desk.outbox().len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_die_at_any_write_of_a_push() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        for write in 1..=3 {
            let told = Told::new().await;
            let message = told.push().await;
            let body = [told.desk.step(&message)];
            told.desk.trap.kill(Some((write, fault)));
            told.desk.bring(&body).await;
            assert!(told.desk.trap.has_killed());
            told.desk.trap.revive();
            for _ in 0..MAX_TRIES {
                told.desk.world.clock.advance(LEASE);
                assert!(told.desk.bring(&body).await.is_empty());
            }
            assert_eq!(told.desk.read(&message).await.state, MessageState::Sent, "{fault:?} at {write}");
            // Where the death fell behind the push, nobody can know; else once.
            let behind = (write, fault) == (2, Fault::CrashAfter) || (write, fault) == (3, Fault::CrashBefore);
            assert_eq!(told.desk.outbox().len(), 1 + usize::from(behind), "{fault:?} at {write}");
        }
    }
}

#[tokio::test]
async fn another_organizations_device_is_not_there() {
    let told = Told::new().await;
    let stranger = told.desk.world.a_tenant("Other Ltd").await;
    let (platform, now) = (&told.desk.world.platform, told.desk.world.platform.now());
    let grant = domain::Caller::system(stranger.organization, "test").own();
    let to = Recipient::Push(told.device.id);
    let id = MessageId::at(now, platform.random());
    let values = json!({"title": "Look", "message": "x"});
    let change = Message::queue(id, stranger.organization, to, MessageTemplate::Notification, values, now);
    platform.table().commit(&grant, change).await.expect("a message");
    let step = json!({"organization": stranger.organization, "message": id}).to_string();
    assert!(told.desk.bring(&[step]).await.is_empty());
    assert!(told.desk.outbox().is_empty());
    let kept: Message = platform.table().get_to_change(&grant, id).await.expect("the message");
    assert_eq!(kept.state, MessageState::Skipped);
}
