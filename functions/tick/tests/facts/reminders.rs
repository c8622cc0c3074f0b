//! A reminder is told of once, and the one that comes after it is made once, whoever dies.

use domain::reminder::{Remembering, ReminderDetails, Repeat, RepeatEvery};
use domain::{Caller, Grant, Record as _, Reminder, ReminderId, Slot, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use standins::Faults;
use store::ListQuery;
use testkit::{Tenant, World};

const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

struct Desk {
    world: World,
    tenant: Tenant,
    grant: Grant,
}

impl Desk {
    async fn of(world: World) -> Self {
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").own();
        Self { world, tenant, grant }
    }

    /// A reminder that is due in an hour.
    async fn a_reminder(&self, repeat: Option<RepeatEvery>) -> Reminder {
        let now = self.world.platform.now();
        let due_at = now + AN_HOUR;
        let details = ReminderDetails {
            title: "Call back".parse().expect("a title"),
            description: None,
            due_at,
            priority: None,
            kind: None,
            repeat: repeat.map(|every| Repeat::new(every, 1, None, due_at).expect("a repeat")),
        };
        let remembering = Remembering {
            id: ReminderId::at(now, self.world.platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            agent: UserId::at(now, self.world.platform.random()),
            lead: None,
            call: None,
            now,
        };
        let change = Reminder::create(details, remembering).expect("a reminder");
        self.world.platform.table().commit(&self.grant, change).await.expect("a reminder")
    }

    async fn tick(&self) -> bool {
        tick::handle(&self.world.platform, &Value::Null).await.is_ok()
    }

    async fn read(&self, id: ReminderId) -> Reminder {
        self.world.platform.table().get_to_change(&self.grant, id).await.expect("a reminder")
    }

    /// Every reminder, those that are due first at the top.
    async fn all(&self) -> Vec<Reminder> {
        let limit = std::num::NonZeroU32::MIN.saturating_add(199);
        let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", limit) };
        self.world.platform.table().list(&self.grant, &query, |_| true).await.expect("a list").records
    }

    /// The kinds of a reminder's events, the first one first.
    async fn events(&self, id: ReminderId) -> Vec<String> {
        let reminder = self.read(id).await;
        let version = reminder.meta.version;
        let mut kinds = Vec::new();
        for image in self.world.stream().await {
            let Some(image) = store::StreamImage::from_stream(&image) else { continue };
            let Some(event) = image.new_event(self.world.platform.table().keys()) else { continue };
            let event = event.expect("an event");
            if event.subject == id.to_string() {
                kinds.push(event.kind);
            }
        }
        assert_eq!(kinds.len() as u64, version, "an event a version");
        kinds
    }
}

#[tokio::test]
async fn a_reminder_is_told_of_once_when_its_time_has_come() {
    let desk = Desk::of(World::new().await).await;
    let reminder = desk.a_reminder(None).await;
    desk.world.clock.advance(AN_HOUR - SignedDuration::from_secs(1));
    assert!(desk.tick().await);
    assert_eq!(desk.read(reminder.id).await, reminder, "it is not time yet");
    desk.world.clock.advance(SignedDuration::from_secs(1));
    for _ in 0..3 {
        assert!(desk.tick().await);
        desk.world.clock.advance(SignedDuration::from_mins(1));
    }
    let told = desk.read(reminder.id).await;
    assert_eq!((told.notified_at, told.is_pending()), (Some(reminder.due_at), true));
    assert_eq!(desk.events(reminder.id).await, ["reminder.created", "reminder.due"]);
    assert_eq!(desk.all().await.len(), 1);
}

#[tokio::test]
async fn what_was_put_off_is_told_of_again_and_what_is_over_is_left_alone() {
    let desk = Desk::of(World::new().await).await;
    let (off, done, gone) = (desk.a_reminder(None).await, desk.a_reminder(None).await, desk.a_reminder(None).await);
    let (table, now) = (desk.world.platform.table(), desk.world.platform.now());
    let next = ReminderId::at(now, desk.world.platform.random());
    let complete = done.clone().complete(next, &jiff::tz::TimeZone::UTC, now).expect("it is done");
    table.commit(&desk.grant, complete.change).await.expect("it is done");
    table.commit(&desk.grant, gone.delete(now)).await.expect("it is gone");
    desk.world.clock.advance(AN_HOUR);
    assert!(desk.tick().await);
    let told = desk.read(off.id).await;
    let (until, now) = (told.due_at + AN_HOUR, desk.world.platform.now());
    table.commit(&desk.grant, told.snooze(until, now).expect("put off")).await.expect("it is put off");
    assert!(desk.tick().await);
    assert_eq!(desk.read(off.id).await.notified_at, None);
    desk.world.clock.advance(AN_HOUR);
    assert!(desk.tick().await);
    assert_eq!(desk.read(off.id).await.notified_at, Some(until));
    assert_eq!(desk.read(done.id).await.notified_at, None);
    assert_eq!(desk.all().await.len(), 2);
}

#[tokio::test]
async fn a_series_goes_on_in_the_organizations_zone_and_misses_come_in_no_heap() {
    let desk = Desk::of(World::new().await).await;
    let first = desk.a_reminder(Some(RepeatEvery::Daily)).await;
    desk.world.clock.advance(AN_HOUR);
    assert!(desk.tick().await && desk.tick().await);
    let second = desk.all().await.pop().expect("the one after it");
    assert_eq!(second.due_at, first.due_at + AN_HOUR * 24);
    // The clock stood still for ten days.
    desk.world.clock.advance(AN_HOUR * 240);
    assert!(desk.tick().await && desk.tick().await);
    let due: Vec<Timestamp> = desk.all().await.into_iter().map(|reminder| reminder.due_at).collect();
    assert_eq!(due, [0, 24, 264].map(|hours| first.due_at + AN_HOUR * hours));
}

#[tokio::test]
async fn two_clocks_at_once_tell_of_each_of_a_hundred_reminders_once() {
    let desk = Desk::of(World::new().await).await;
    for _ in 0..100 {
        desk.a_reminder(None).await;
    }
    desk.world.clock.advance(AN_HOUR);
    let (one, other) = tokio::join!(desk.tick(), desk.tick());
    assert!(one && other, "two clocks at once");
    assert!(desk.all().await.iter().all(|reminder| reminder.meta().version == 2 && reminder.notified_at.is_some()));
}

/// Ticks with a clock that dies before or after one of its writes, and ticks again: how many writes there were.
async fn dying(faults: impl FnOnce(u64) -> Faults, write: u64) -> u64 {
    // The writes that set the desk up come first.
    let counting = Faults::counting();
    let desk = Desk::of(World::with_faults(counting.clone()).await).await;
    desk.a_reminder(Some(RepeatEvery::Weekly)).await;
    let before = counting.writes();

    let faults = faults(before + write);
    let desk = Desk::of(World::with_faults(faults.clone()).await).await;
    let reminder = desk.a_reminder(Some(RepeatEvery::Weekly)).await;
    desk.world.clock.advance(AN_HOUR);
    desk.tick().await;
    faults.revive();
    for _ in 0..2 {
        assert!(desk.tick().await);
    }
    let all = desk.all().await;
    assert_eq!(all.len(), 2, "one comes after it");
    assert_eq!(all[0].next_id, Some(all[1].id));
    assert_eq!((all[0].id, all[0].notified_at.is_some(), all[0].meta.version), (reminder.id, true, 2));
    assert_eq!(desk.events(reminder.id).await, ["reminder.created", "reminder.due"]);
    faults.writes() - before
}

#[tokio::test]
async fn whichever_write_the_clock_dies_at_a_reminder_is_told_of_once_and_followed_once() {
    let writes = dying(|_| Faults::counting(), 0).await;
    assert!(writes >= 1);
    for write in 1..=writes {
        dying(Faults::crash_before_write, write).await;
        dying(Faults::crash_after_write, write).await;
    }
}
