use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::date_range::DateRange;

fn kolkata() -> TimeZone {
    TimeZone::get("Asia/Kolkata").expect("a zone")
}

fn came() -> Timestamp {
    "2026-11-20T06:30:00.25Z".parse().expect("a time")
}

fn an_agent() -> AgentState {
    AgentState::begin(OrganizationId::PLATFORM, UserId::at(came(), [1; 10]), came())
}

/// As it is after a commit.
fn changed(state: AgentState, to: AgentStatus, now: Timestamp) -> (AgentState, Vec<Count>) {
    let change = state.change(to, None, now, &kolkata());
    let mut after = change.after;
    after.meta.version += 1;
    (after, change.counts)
}

#[test]
fn a_stay_over_midnight_is_split_between_the_days() {
    let evening: Timestamp = "2026-11-20T18:00:00Z".parse().expect("a time");
    let (state, _) = changed(an_agent(), AgentStatus::Available, evening);
    let (today, total) = state.seconds(evening + SignedDuration::from_hours(1), &kolkata());
    assert_eq!((today.available, today.offline), (1_800, 0), "half an hour of it lies after midnight in India");
    assert_eq!((total.available, total.offline), (3_600, 11 * 3_600 + 1_800));
}

#[test]
fn to_do_what_one_does_already_changes_nothing() {
    let change = an_agent().change(AgentStatus::Offline, None, came() + SignedDuration::from_hours(1), &kolkata());
    assert!(change.before.is_some() && change.changes().is_empty() && change.counts.is_empty());
}

#[test]
fn a_very_long_stay_counts_its_last_ninety_days() {
    let back = came() + SignedDuration::from_hours(24 * 400);
    let (state, counts) = changed(an_agent(), AgentStatus::Available, back);
    assert_eq!(counts.len(), 90);
    assert_eq!(state.total.offline, 400 * 86_400);
}

#[test]
fn nothing_done_scores_nothing_and_everything_done_a_hundred() {
    assert_eq!(Work::default().performance().score, 0);
    let full = Share::of(7, 7);
    let work = Work { connected: full, converted: full, on_time: full, volume: Share::of(9, 7) };
    assert_eq!(work.performance().score, 100);
    let half = Work { connected: Share::of(1, 2), volume: Share::of(10, 40), ..Work::default() };
    assert_eq!(half.performance().score, 20);
    assert!(half.performance().parts.iter().map(|part| part.points.tenths()).eq([150, 0, 0, 50]));
}

prop_compose! {
    fn a_share()(part in 0..2_000_u64, whole in 0..1_000_u64) -> Share { Share::of(part, whole) }
}

prop_compose! {
    fn some_work()(connected in a_share(), converted in a_share(), on_time in a_share(), volume in a_share()) -> Work {
        Work { connected, converted, on_time, volume }
    }
}

proptest! {
    #[test]
    fn the_seconds_add_up_to_the_time_that_passed(
        steps in prop::collection::vec((0..5_usize, 0..300_000_000_i64), 0..40), rest in 0..200_000_i64,
    ) {
        let zone = kolkata();
        let (mut state, mut now, mut counted) = (an_agent(), came(), 0_i64);
        for (status, millis) in steps {
            now += SignedDuration::from_millis(millis);
            let (after, counts) = changed(state, AgentStatus::ALL[status], now);
            counted += counts.iter().map(|count| count.by).sum::<i64>();
            state = after;
            prop_assert_eq!(counted, state.since.as_second() - came().as_second(), "each stay is counted by the day");
        }
        now += SignedDuration::from_secs(rest);
        let (today, total) = state.seconds(now, &zone);
        let passed = now.as_second() - came().as_second();
        prop_assert_eq!(i64::try_from(total.sum()), Ok(passed));
        let day = beginning_of_day(now, &zone).max(came());
        prop_assert_eq!(i64::try_from(today.sum()), Ok(now.as_second() - day.as_second()));
        let all = DateRange::new(came().to_zoned(TimeZone::UTC).date(), now.to_zoned(TimeZone::UTC).date());
        if let Ok(all) = all {
            prop_assert_eq!(i64::try_from(state.running_in(all, now)), Ok(passed - counted));
        }
    }

    #[test]
    fn a_score_is_within_its_bounds_and_so_are_its_parts(work in some_work()) {
        let performance = work.performance();
        prop_assert!(performance.score <= 100);
        for part in &performance.parts {
            prop_assert!((0..=1_000).contains(&part.value.tenths()));
            prop_assert!((0..=10 * i32::from(part.weight)).contains(&part.points.tenths()));
        }
    }

    #[test]
    fn more_of_a_part_never_scores_less(work in some_work(), place in 0..4_usize, more in 0..500_u64) {
        let mut better = work;
        let share = [&mut better.connected, &mut better.converted, &mut better.on_time, &mut better.volume];
        share.into_iter().nth(place).expect("a part").part += more;
        let (before, after) = (work.performance(), better.performance());
        prop_assert!(after.score >= before.score);
        prop_assert!(after.parts[place].points >= before.parts[place].points);
    }
}
