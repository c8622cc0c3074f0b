//! Digests: one a period, whichever clock comes first and however long it stood; none where there is nothing.

use std::num::NonZeroU32;

use domain::notification::{Arriving, Channel, Frequency, Notice, PreferencesPatch};
use domain::{
    Caller, Grant, Message, MessageTemplate, NotificationId, NotificationPreferences, NotificationType, Priority, Role,
    Slot,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::Value;
use store::ListQuery;
use testkit::{Person, World};

struct Desk {
    world: World,
    grant: Grant,
    person: Person,
}

const A_DAY: SignedDuration = SignedDuration::from_hours(24);

impl Desk {
    /// Somebody who wants a digest at 08:00 in Kolkata, which is 02:30 UTC; it is 10:00.
    async fn new(more: PreferencesPatch) -> Self {
        let world = World::new().await;
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").own();
        let person = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let now = world.platform.now();
        let patch = PreferencesPatch { frequency: Some(Some(Frequency::Daily)), ..more };
        let zone = TimeZone::get("Asia/Kolkata").expect("a zone");
        let chosen = NotificationPreferences::new(tenant.organization, person.user, now).update(patch, &zone, now);
        world.platform.table().commit(&grant, chosen).await.expect("they choose");
        Self { world, grant, person }
    }

    async fn tell(&self, title: &str, kind: NotificationType) {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let arriving = Arriving {
            id: NotificationId::at(now, platform.random()),
            user: self.person.user,
            kind,
            priority: Priority::Normal,
            notice: Notice::of_ours(title, "There is something.").expect("a notice"),
            expires_at: None,
            created_by: None,
            broadcast: None,
            channels: None,
        };
        platform.table().notify(&self.grant, &arriving, now).await.expect("they are told");
    }

    async fn tick(&self) {
        tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
    }

    /// The digests so far, the oldest first.
    async fn digests(&self) -> Vec<Message> {
        let limit = NonZeroU32::new(50).expect("a limit");
        let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", limit) };
        let is_digest = |message: &Message| message.template == MessageTemplate::Digest;
        self.world.platform.table().list::<Message>(&self.grant, &query, is_digest).await.expect("messages").records
    }
}

#[tokio::test]
async fn a_digest_tells_once_what_was_not_read_by_whichever_clock() {
    let desk = Desk::new(PreferencesPatch::default()).await;
    desk.tell("First", NotificationType::Alert).await;
    desk.tell("Second", NotificationType::Error).await;
    desk.tell("Not mailed", NotificationType::Info).await;
    desk.tick().await;
    assert!(desk.digests().await.is_empty(), "it is not time");
    desk.world.clock.advance(A_DAY);
    tokio::join!(desk.tick(), desk.tick(), desk.tick());
    desk.tick().await;
    let [digest] = &desk.digests().await[..] else { panic!("one digest") };
    assert_eq!(digest.values["count"], "2");
    assert_eq!(digest.values["message"], "- Second\n- First");
    assert!(!digest.values.contains_key("more"));

    desk.world.clock.advance(A_DAY);
    desk.tick().await;
    assert_eq!(desk.digests().await.len(), 1, "there is nothing new");
    desk.tell("Third", NotificationType::Alert).await;
    desk.world.clock.advance(A_DAY);
    desk.tick().await;
    let digests = desk.digests().await;
    assert_eq!((digests.len(), &digests[1].values["message"]), (2, &Value::from("- Third")));
}

#[tokio::test]
async fn a_clock_that_jumped_a_month_tells_one_digest() {
    let desk = Desk::new(PreferencesPatch::default()).await;
    for number in 0..12 {
        desk.tell(&format!("Number {number}"), NotificationType::Alert).await;
    }
    desk.world.clock.advance(A_DAY * 31);
    for _ in 0..5 {
        desk.tick().await;
    }
    let [digest] = &desk.digests().await[..] else { panic!("one digest") };
    assert_eq!((&digest.values["count"], &digest.values["more"]), (&Value::from("12"), &Value::from("2")));
}

#[tokio::test]
async fn what_was_read_or_declined_is_not_told() {
    let desk = Desk::new(PreferencesPatch::default()).await;
    desk.tell("Read", NotificationType::Alert).await;
    let (table, now) = (desk.world.platform.table(), desk.world.platform.now());
    let inbox = table.inbox(&desk.grant, desk.person.user, now).await.expect("an inbox");
    table.commit(&desk.grant, inbox.read_all(now)).await.expect("they read");
    desk.world.clock.advance(A_DAY);
    desk.tick().await;
    assert!(desk.digests().await.is_empty());

    let types = [(NotificationType::Alert, Some(vec![(Channel::Email, Some(false))]))].into_iter().collect();
    let declined = Desk::new(PreferencesPatch { types, ..PreferencesPatch::default() }).await;
    declined.tell("Declined", NotificationType::Alert).await;
    declined.world.clock.advance(A_DAY);
    declined.tick().await;
    assert!(declined.digests().await.is_empty());
}
