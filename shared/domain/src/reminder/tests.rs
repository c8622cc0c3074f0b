use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_168_800).expect("a time")
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn next_id(number: u8) -> ReminderId {
    ReminderId::at(now(), [number; 10])
}

fn a_reminder(repeat: Option<RepeatEvery>) -> Reminder {
    let due_at = now() + hours(1);
    let details = ReminderDetails {
        title: "Call back".parse().expect("a title"),
        description: None,
        due_at,
        priority: None,
        kind: None,
        repeat: repeat.map(|every| Repeat::new(every, 1, None, due_at).expect("a repeat")),
    };
    let remembering = Remembering {
        id: next_id(0),
        organization: OrganizationId::at(now(), [2; 10]),
        branch: BranchId::at(now(), [3; 10]),
        agent: UserId::at(now(), [4; 10]),
        lead: None,
        call: None,
        now: now(),
    };
    Reminder::create(details, remembering).expect("a reminder").after
}

fn complete(reminder: Reminder, at: Timestamp) -> Completed {
    reminder.complete(next_id(1), &TimeZone::UTC, at).expect("it is done")
}

#[test]
fn it_is_looked_at_by_the_clock_until_it_is_done_or_told_as_overdue() {
    let reminder = a_reminder(None);
    assert_eq!(reminder.due(), Some(now() + hours(1)));
    let told = reminder.clone().came_due(next_id(1), &TimeZone::UTC, now() + hours(1)).change.after;
    assert_eq!(told.due(), Some(now() + hours(1) + OVERDUE_AFTER));
    let overdue = told.clone().overdue(now() + hours(2));
    assert_eq!((overdue.kind, overdue.after.due()), ("reminder.overdue", None));
    assert_eq!(complete(told.clone(), now() + hours(1)).change.after.due(), None);
    let later = now() + hours(4);
    assert_eq!(overdue.after.snooze(later, now() + hours(2)).expect("put off").after.due(), Some(later));
    let later = now() + hours(3);
    assert_eq!(told.snooze(later, now() + hours(2)).expect("put off").after.due(), Some(later));
    assert_eq!(complete(reminder, now()).change.after.due(), None);
}

#[test]
fn it_is_counted_as_on_time_or_late_once() {
    for (at, how) in [(now(), "on_time"), (now() + hours(1), "on_time"), (now() + hours(2), "late")] {
        let done = complete(a_reminder(None), at).change;
        assert_eq!(done.counts.len(), 1);
        assert!(done.counts[0].dimension.ends_with(how), "{:?}", done.counts);
        assert_eq!(complete(done.after, at + hours(9)).change.counts, []);
    }
}

#[test]
fn the_one_after_it_is_made_once_whether_it_comes_due_or_is_done_first() {
    let due = a_reminder(Some(RepeatEvery::Daily)).came_due(next_id(1), &TimeZone::UTC, now() + hours(1));
    let next = due.next.expect("the one after it").after;
    assert_eq!((next.due_at, next.id, next.notified_at), (now() + hours(25), next_id(1), None));
    let done = complete(due.change.after, now() + hours(2));
    assert!(done.next.is_none(), "it was made");
    let early = complete(a_reminder(Some(RepeatEvery::Daily)), now());
    assert_eq!(early.next.map(|next| next.after.due_at), Some(now() + hours(25)));
}

#[test]
fn what_was_missed_does_not_come_in_a_heap_and_a_rest_does_not_move_the_others() {
    let late = complete(a_reminder(Some(RepeatEvery::Daily)), now() + hours(24 * 9));
    assert_eq!(late.next.map(|next| next.after.due_at), Some(now() + hours(24 * 9 + 1)));
    let put_off = a_reminder(Some(RepeatEvery::Daily)).snooze(now() + hours(5), now()).expect("put off").after;
    assert_eq!(complete(put_off, now()).next.map(|next| next.after.due_at), Some(now() + hours(25)));
}

#[test]
fn what_is_over_is_neither_put_off_nor_done_again() {
    let cancelled = ReminderPatch { status: Some(ReminderStatus::Cancelled), ..ReminderPatch::default() };
    let change = a_reminder(None).update(cancelled, next_id(1), &TimeZone::UTC, now()).expect("cancelled").change;
    assert_eq!((change.kind, change.after.due()), ("reminder.cancelled", None));
    let refused = change.after.clone().complete(next_id(1), &TimeZone::UTC, now()).map(drop);
    assert_eq!(refused.map_err(|invalid| invalid.code), Err("not_pending"));
    let refused = change.after.snooze(now() + hours(9), now()).map(drop);
    assert_eq!(refused.map_err(|invalid| invalid.code), Err("not_pending"));
    let refused = a_reminder(None).snooze(now() + hours(1), now()).map(drop);
    assert_eq!(refused.map_err(|invalid| invalid.code), Err("too_early"));
}

proptest! {
    /// Whatever is done to a reminder, at most one comes after it, and its figures add up to what it is in the end.
    #[test]
    fn one_comes_after_it_and_figures_add_up(steps in proptest::collection::vec((0_u8..7, 0_i64..60), 0..14)) {
        let mut reminder = a_reminder(Some(RepeatEvery::Weekly));
        let (mut made, mut counts, mut at) = (0, Vec::new(), now());
        for (number, (what, later)) in (1_u8..).zip(steps) {
            at += hours(later);
            let deleted = reminder.meta.deleted_at.is_some();
            let alone = |change| Completed { change, next: None };
            let set = |status| ReminderPatch { status: Some(status), ..ReminderPatch::default() };
            let (one, zone) = (reminder.clone(), TimeZone::UTC);
            let done = match what {
                0 if !deleted && one.due().is_some() => Some(one.came_due(next_id(number), &zone, at)),
                1 if !deleted => one.complete(next_id(number), &zone, at).ok(),
                2 if !deleted => one.snooze(at + hours(later + 1), at).ok().map(alone),
                3 if !deleted => one.update(set(ReminderStatus::Pending), next_id(number), &zone, at).ok(),
                4 if !deleted => one.update(set(ReminderStatus::Cancelled), next_id(number), &zone, at).ok(),
                5 if !deleted => Some(alone(one.delete(at))),
                6 if deleted => Some(alone(one.restore(at))),
                _ => None,
            };
            if let Some(Completed { change, next }) = done {
                made += usize::from(next.is_some());
                prop_assert_eq!(next.map(|next| next.after.id).or(reminder.next_id), change.after.next_id);
                reminder = change.after;
                counts.extend(change.counts);
            }
        }
        prop_assert!(made <= 1);
        counts.extend(reminder.figures().into_iter().map(|count| count.times(-1)));
        let mut sums = BTreeMap::new();
        for count in counts {
            *sums.entry((count.owner, count.day, count.dimension)).or_insert(0) += count.by;
        }
        prop_assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }
}
