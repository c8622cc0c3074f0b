//! New notifications go on the ways that their receiver wants, once each.

use domain::notification::{Arriving, Channel, Channels, Frequency, Notice, PreferencesPatch, QuietHours, Weekday};
use domain::push_device::{PushKeys, Subscription};
use domain::{
    DeviceId, Message, MessageTemplate, Notification, NotificationId, NotificationPreferences, NotificationType,
    Priority, PushDevice, Recipient, Role,
};
use events::StreamEvent;
use jiff::tz::TimeZone;
use standins::{Fault, Push};
use store::Notified;
use testkit::Person;

use crate::support::Scene;

async fn an_agent(scene: &Scene) -> Person {
    scene.world.a_person(&scene.tenant, Role::Agent, scene.tenant.branch).await
}

async fn a_device(scene: &Scene, person: &Person, name: &str) -> PushDevice {
    let (platform, now) = (&scene.world.platform, scene.world.platform.now());
    let standins::push::Subscription { endpoint, keys, .. } = Push::subscription(name);
    let subscription = Subscription {
        endpoint: endpoint.parse().expect("an address"),
        keys: PushKeys::read(&keys.p256dh, &keys.auth).expect("keys"),
        label: None,
        expires_at: None,
    };
    let id = DeviceId::at(now, platform.random());
    let device = PushDevice::register(id, scene.tenant.organization, person.user, subscription, now);
    platform.table().commit(&scene.grant, device).await.expect("a device")
}

async fn tell(scene: &Scene, person: &Person, kind: NotificationType, channels: Option<Channels>) -> Notification {
    let (platform, now) = (&scene.world.platform, scene.world.platform.now());
    let arriving = Arriving {
        id: NotificationId::at(now, platform.random()),
        user: person.user,
        kind,
        priority: Priority::Normal,
        notice: Notice::of_ours("Look", "There is something.").expect("a notice"),
        expires_at: None,
        created_by: None,
        broadcast: None,
        channels,
    };
    match platform.table().notify(&scene.grant, &arriving, now).await.expect("they are told") {
        Notified::New(notification) => *notification,
        other => panic!("{other:?}"),
    }
}

async fn choose(scene: &Scene, person: &Person, patch: PreferencesPatch) {
    let (platform, now) = (&scene.world.platform, scene.world.platform.now());
    let chosen = NotificationPreferences::new(scene.tenant.organization, person.user, now);
    let change = chosen.update(patch, &TimeZone::UTC, now);
    platform.table().commit(&scene.grant, change).await.expect("they choose");
}

fn chosen(kind: NotificationType, channel: Channel, choice: bool) -> PreferencesPatch {
    let types = [(kind, Some(vec![(channel, Some(choice))]))].into_iter().collect();
    PreferencesPatch { types, ..PreferencesPatch::default() }
}

/// The ways of all notifications, sorted.
async fn ways(scene: &Scene) -> Vec<&'static str> {
    let messages = scene.messages().await.into_iter().filter(|one| one.template == MessageTemplate::Notification);
    let mut ways: Vec<&str> = messages.map(|message| message.to.channel()).collect();
    ways.sort_unstable();
    ways
}

#[tokio::test]
async fn each_way_is_taken_once_whatever_comes_again_late_or_at_the_same_time() {
    let scene = Scene::dying().await;
    let agent = an_agent(&scene).await;
    let devices = [a_device(&scene, &agent, "phone").await, a_device(&scene, &agent, "laptop").await];
    scene.follow_all().await;
    let told = tell(&scene, &agent, NotificationType::Alert, None).await;
    let mut news = scene.news().await;
    news.records.reverse();
    let twice = StreamEvent { records: [news.records.clone(), news.records].concat() };
    for _ in 0..2 {
        assert!(scene.follow(&twice).await.batch_item_failures.is_empty());
    }
    tokio::join!(scene.follow(&twice), scene.follow(&twice));
    assert_eq!(ways(&scene).await, ["email", "push", "push"]);
    let messages: Vec<Message> =
        scene.messages().await.into_iter().filter(|one| one.notification == Some(told.id)).collect();
    assert_eq!(messages.len(), 3);
    for device in devices {
        assert!(messages.iter().any(|message| message.to == Recipient::Push(device.id)));
    }
}

#[tokio::test]
async fn a_follower_may_die_at_any_write_and_takes_each_way_once() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for fatal in 1.. {
            let scene = Scene::dying().await;
            let agent = an_agent(&scene).await;
            a_device(&scene, &agent, "phone").await;
            choose(&scene, &agent, chosen(NotificationType::Alert, Channel::InApp, false)).await;
            scene.follow_all().await;
            tell(&scene, &agent, NotificationType::Alert, None).await;
            let news = scene.news().await;
            scene.kill(fatal, fault);
            scene.follow(&news).await;
            let struck = scene.revive();
            for _ in 0..2 {
                assert!(scene.follow(&news).await.batch_item_failures.is_empty());
            }
            assert_eq!(ways(&scene).await, ["email", "push"], "{fault:?} at write {fatal}");
            let now = scene.world.platform.now();
            let inbox = scene.world.platform.table().inbox(&scene.grant, agent.user, now).await.expect("an inbox");
            let figures = inbox.figures(None, now);
            assert_eq!((figures.total, figures.unread), (1, 0), "{fault:?} at write {fatal}");
            if !struck {
                break;
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_told_on_a_way_they_declined_whoever_asks_for_it() {
    let scene = Scene::dying().await;
    let agent = an_agent(&scene).await;
    a_device(&scene, &agent, "phone").await;
    choose(&scene, &agent, chosen(NotificationType::Info, Channel::Email, false)).await;
    let asked = Channels::new(vec![Channel::Email, Channel::Push]).expect("channels");
    tell(&scene, &agent, NotificationType::Info, Some(asked)).await;
    scene.follow_all().await;
    assert_eq!(ways(&scene).await, ["push"]);
    let asked = Channels::new(vec![Channel::Email]).expect("channels");
    tell(&scene, &agent, NotificationType::Update, Some(asked)).await;
    scene.follow_all().await;
    assert_eq!(ways(&scene).await, ["email", "push"], "asked for, in the place of what is usual");
}

#[tokio::test]
async fn what_a_digest_will_tell_is_not_mailed_singly() {
    let scene = Scene::dying().await;
    let agent = an_agent(&scene).await;
    let daily = PreferencesPatch { frequency: Some(Some(Frequency::Daily)), ..PreferencesPatch::default() };
    choose(&scene, &agent, daily).await;
    tell(&scene, &agent, NotificationType::Alert, None).await;
    scene.follow_all().await;
    assert!(ways(&scene).await.is_empty());
}

#[tokio::test]
async fn in_quiet_hours_it_is_made_and_waits_for_their_end() {
    let scene = Scene::dying().await;
    let agent = an_agent(&scene).await;
    // It is 10:00 UTC, which is 15:30 in Kolkata, where the organization is.
    let time = |text: &str| text.parse().expect("a time");
    let quiet = QuietHours::new(time("15:00"), time("16:00"), Weekday::ALL.to_vec(), None).expect("quiet hours");
    choose(&scene, &agent, PreferencesPatch { quiet_hours: Some(Some(quiet)), ..PreferencesPatch::default() }).await;
    tell(&scene, &agent, NotificationType::Alert, None).await;
    scene.follow_all().await;
    let waiting: Vec<Message> = scene.messages().await.into_iter().filter(|one| one.notification.is_some()).collect();
    let [waiting] = &waiting[..] else { panic!("one message") };
    let end = "2026-11-20T10:30:00Z".parse().expect("a time");
    assert_eq!((waiting.next_try_at, waiting.lease_until), (end, end));
}
