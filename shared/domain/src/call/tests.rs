use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::{Change, FieldInvalid, OrganizationId};

fn now() -> Timestamp {
    Timestamp::from_second(1_795_168_800).expect("a time")
}

fn dialling() -> Dialling {
    Dialling {
        id: CallId::at(now(), [1; 10]),
        organization: OrganizationId::at(now(), [2; 10]),
        branch: BranchId::at(now(), [3; 10]),
        agent: UserId::at(now(), [4; 10]),
        lead: None,
        now: now(),
    }
}

fn details() -> CallDetails {
    CallDetails { phone: Some("+919876543210".parse().expect("a number")), ..CallDetails::default() }
}

fn a_call() -> Call {
    Call::create(details(), dialling()).expect("a call").after
}

fn secs(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn fields(errors: Vec<FieldInvalid>) -> Vec<(String, &'static str)> {
    errors.into_iter().map(|error| (error.field, error.invalid.code)).collect()
}

fn sum(change: &Change<Call>, metric: &str) -> i64 {
    change.counts.iter().filter(|count| count.metric == metric).map(|count| count.by).sum()
}

#[test]
fn the_length_of_a_call_is_ours() {
    let call = a_call().start(now() + secs(10)).expect("it starts").after;
    let change = call.end(Ending::default(), now() + secs(75)).expect("it ends");
    assert_eq!((change.after.status, change.after.duration_seconds), (CallStatus::Completed, Some(65)));
    let parts = change.counts[0].parts.clone();
    let at = format!("h{}", now().to_zoned(jiff::tz::TimeZone::UTC).hour() * 2);
    assert_eq!(parts, BTreeMap::from([("b2".to_owned(), 1), (at, 1), ("s".to_owned(), 65)]));
    assert_eq!((change.counts.len(), sum(&change, CALLS)), (1, 1));
}

#[test]
fn starting_and_ending_again_changes_nothing() {
    let call = a_call().start(now()).expect("it starts").after;
    let again = call.clone().start(now() + secs(9)).expect("it stays");
    assert_eq!((&again.after, again.changes().len()), (&call, 0));
    let over = call.end(Ending::default(), now() + secs(60)).expect("it ends").after;
    let other = Ending { outcome: Some(CallOutcome::Converted), status: Some(CallStatus::Failed), ..Ending::default() };
    let again = over.clone().end(other, now() + secs(90)).expect("it stays");
    assert_eq!((&again.after, again.counts.len()), (&over, 0));
    assert_eq!(over.clone().start(now() + secs(90)).expect("it stays").after, over);
}

#[test]
fn a_call_that_was_given_up_does_not_start() {
    let over = a_call().end(Ending { status: Some(CallStatus::Canceled), ..Ending::default() }, now()).expect("over");
    let refused = over.after.start(now()).expect_err("it was never begun");
    assert_eq!(refused, StepRefused { from: CallStatus::Canceled, to: CallStatus::InProgress });
    let open = Ending { status: Some(CallStatus::Ringing), ..Ending::default() };
    assert!(a_call().end(open, now()).is_err(), "ringing is no end");
}

#[test]
fn a_call_that_is_told_of_has_its_own_times_within_bounds() {
    let told = |held| Call::create(CallDetails { held, ..details() }, dialling()).map(|change| change.after);
    let an_hour_ago = Some(now() - secs(3_600));
    let call = told(Held { started_at: an_hour_ago, duration_seconds: Some(60), ended_at: None }).expect("a log");
    assert_eq!((call.status, call.ended_at), (CallStatus::Completed, Some(now() - secs(3_540))));
    let call = told(Held { duration_seconds: Some(60), ..Held::default() }).expect("a log");
    assert_eq!((call.started_at, call.ended_at), (Some(now() - secs(60)), Some(now())));
    let wrong = |held| fields(told(held).expect_err("it is wrong"));
    let held = Held { started_at: an_hour_ago, ended_at: Some(now() - secs(7_200)), duration_seconds: None };
    assert_eq!(wrong(held), [("ended_at".to_owned(), "out_of_range")]);
    let held = Held { started_at: an_hour_ago, ended_at: Some(now()), duration_seconds: Some(3_601) };
    assert_eq!(wrong(held), [("duration_seconds".to_owned(), "contradiction")]);
    let held = Held { started_at: Some(now() + secs(600)), ended_at: None, duration_seconds: Some(1) };
    assert_eq!(wrong(held), [("started_at".to_owned(), "in_future")]);
    let held = Held { started_at: an_hour_ago, ended_at: None, duration_seconds: Some(4_000) };
    assert_eq!(wrong(held), [("duration_seconds".to_owned(), "in_future")]);
    let held = Held { duration_seconds: Some(MAX_SECONDS + 1), ..Held::default() };
    assert_eq!(wrong(held), [("duration_seconds".to_owned(), "out_of_range")]);
    let held = Held { started_at: an_hour_ago, ..Held::default() };
    assert_eq!(wrong(held), [("duration_seconds".to_owned(), "required")]);
}

#[test]
fn a_call_that_goes_on_takes_no_times_from_outside() {
    let held = Held { started_at: Some(now() - secs(60)), ..Held::default() };
    let details = CallDetails { status: Some(CallStatus::InProgress), held, ..details() };
    let errors = Call::create(details, dialling()).expect_err("its start is ours");
    assert_eq!(fields(errors), [("started_at".to_owned(), "not_over")]);
}

#[test]
fn a_later_outcome_moves_the_figure_on_the_day_of_the_call() {
    let over = a_call().end(Ending::default(), now()).expect("over").after;
    let patch = CallPatch { outcome: Some(Some(CallOutcome::Callback)), ..CallPatch::default() };
    let change = over.clone().update(patch, now() + secs(200_000)).expect("an outcome");
    let steps: Vec<(String, i64)> = change.counts.iter().map(|count| (count.dimension.clone(), count.by)).collect();
    assert_eq!(steps, [("no_answer|callback".to_owned(), 1), ("no_answer|none".to_owned(), -1)]);
    assert!(change.counts.iter().all(|count| count.owner == Some(over.agent)));
    let day = over.ended_at.expect("over").to_zoned(jiff::tz::TimeZone::UTC).date();
    assert!(change.counts.iter().all(|count| count.day == Some(day)));
}

proptest! {
    /// Whatever is done to a call, its figures add up to what it is in the end.
    #[test]
    fn figures_add_up_to_what_a_call_is(steps in proptest::collection::vec((0_u8..6, 0_usize..9, 0_i64..5_000), 0..12)) {
        let created = Call::create(details(), dialling()).expect("a call");
        let (mut call, mut counts, mut at) = (created.after, created.counts, now());
        for (what, which, later) in steps {
            at += secs(later);
            let deleted = call.meta.deleted_at.is_some();
            let status = CallStatus::ALL[which];
            let outcome = CallOutcome::ALL.get(which).copied();
            let change = match what {
                0 if !deleted => call.clone().start(at).ok(),
                1 if !deleted => {
                    call.clone().end(Ending { status: Some(status), outcome, ..Ending::default() }, at).ok()
                }
                2 if !deleted => {
                    let patch = CallPatch { status: Some(status), outcome: Some(outcome), ..CallPatch::default() };
                    call.clone().update(patch, at).ok()
                }
                3 if !deleted => Some(call.clone().delete(at)),
                4 if deleted => Some(call.clone().restore(at)),
                5 if !deleted => {
                    let patch = CallPatch { agent: Some(UserId::at(at, [u8::try_from(which).unwrap_or(0); 10])), ..CallPatch::default() };
                    call.clone().update(patch, at).ok()
                }
                _ => None,
            };
            if let Some(change) = change {
                prop_assert!(call.status == change.after.status || call.status.allows(change.after.status));
                call = change.after;
                counts.extend(change.counts);
            }
        }
        let mut left = counts;
        left.extend(call.figures().into_iter().map(|count| count.times(-1)));
        let mut sums = BTreeMap::new();
        for count in left {
            let figure = (count.metric, count.owner, count.day, count.dimension);
            *sums.entry((figure.clone(), String::new())).or_insert(0) += count.by;
            for (part, by) in count.parts {
                *sums.entry((figure.clone(), part)).or_insert(0) += by;
            }
        }
        prop_assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }
}

mod reported {
    use proptest::prelude::*;

    use super::*;
    use crate::IntegrationId;

    fn report(status: CallStatus, after: i64) -> CallReport {
        CallReport {
            integration: IntegrationId::at(now(), [5; 10]),
            call: "CA1".parse().expect("an id"),
            direction: CallDirection::Inbound,
            phone: Some("+919876543210".parse().expect("a number")),
            status: Some(status),
            at: now() + secs(after),
            seconds: None,
            recording_url: None,
        }
    }

    /// What a call comes to, told so.
    fn told(reports: &[CallReport]) -> Call {
        let mut reports = reports.iter();
        let first = reports.next().expect("a report");
        let mut call = Call::reported(first, dialling()).after;
        let mut later = now() + secs(10_000);
        for report in reports {
            later += secs(1);
            if let Some(change) = call.clone().report(report, later) {
                call = change.after;
            }
        }
        call.meta.updated_at = call.meta.created_at;
        call
    }

    #[test]
    fn a_call_that_is_told_of_step_by_step_has_the_times_of_its_provider() {
        let end = CallReport { seconds: Some(65), ..report(CallStatus::Completed, 80) };
        let call = told(&[report(CallStatus::Initiated, 0), report(CallStatus::InProgress, 14), end]);
        assert_eq!((call.status, call.duration_seconds), (CallStatus::Completed, Some(65)));
        assert_eq!((call.started_at, call.ended_at), (Some(now() + secs(15)), Some(now() + secs(80))));
    }

    #[test]
    fn a_missed_call_is_missed_and_an_end_alone_is_enough() {
        let change = Call::reported(&report(CallStatus::NoAnswer, 20), dialling());
        assert_eq!((change.kind, &change.data["status"]), ("call.created", &"no_answer".into()));
        assert_eq!((change.after.duration_seconds, sum(&change, CALLS)), (Some(0), 1));
        let end = CallReport { seconds: Some(5), ..report(CallStatus::Completed, 80) };
        assert_eq!(told(&[end]).duration_seconds, Some(5));
    }

    #[test]
    fn what_adds_nothing_is_no_change_and_what_a_person_ended_stays_so() {
        let call = told(&[report(CallStatus::Ringing, 1)]);
        assert!(call.clone().report(&report(CallStatus::Ringing, 1), now()).is_none());
        assert!(call.clone().report(&report(CallStatus::Initiated, 1), now()).is_none());
        let ended = call.end(Ending::default(), now() + secs(9)).expect("it ends").after;
        let late =
            ended.clone().report(&report(CallStatus::Completed, 50), now() + secs(60)).expect("it is told").after;
        assert_eq!((late.status, late.ended_at), (ended.status, ended.ended_at));
    }

    /// A call's life as a provider may tell of it, and where its recording lies.
    fn lives() -> impl Strategy<Value = Vec<CallReport>> {
        let end = prop_oneof![
            Just(CallStatus::Completed),
            Just(CallStatus::Failed),
            Just(CallStatus::Busy),
            Just(CallStatus::NoAnswer),
            Just(CallStatus::Canceled),
        ];
        let seconds = prop::option::of(0_u32..100);
        (end, any::<[bool; 4]>(), seconds, prop::option::of(0_u8..3)).prop_map(|(end, told, seconds, recordings)| {
            let answered = matches!(end, CallStatus::Completed | CallStatus::Failed);
            let steps = [
                (told[0], CallStatus::Queued, 0),
                (told[1], CallStatus::Initiated, 1),
                (told[2], CallStatus::Ringing, 3),
                (told[3] && answered, CallStatus::InProgress, 10),
                (true, end, 100),
            ];
            let mut life: Vec<CallReport> =
                steps.into_iter().filter(|(told, ..)| *told).map(|(_, status, at)| report(status, at)).collect();
            if end == CallStatus::Completed
                && let Some(last) = life.last_mut()
            {
                last.seconds = seconds;
            }
            for number in 0..recordings.unwrap_or(0) {
                let recording_url = format!("https://recordings.example/{number}").parse().ok();
                life.push(CallReport { status: None, recording_url, ..report(CallStatus::Ringing, 200) });
            }
            life
        })
    }

    proptest! {
        /// Reports come to the same call in whatever order, however often; each step is legal, and its figures add up.
        #[test]
        fn reordered_and_repeated_reports_come_to_the_same_call(
            (life, again) in lives().prop_flat_map(|life| {
                let places = prop::collection::vec(0..life.len(), 0..8);
                let shuffled = Just(life.clone()).prop_shuffle();
                (Just(life), (shuffled, places))
            })
        ) {
            let (mut shuffled, places) = again;
            for place in places {
                shuffled.push(life[place].clone());
            }
            let (expected, found) = (told(&life), told(&shuffled));
            prop_assert_eq!(&expected, &Call { reported: expected.reported.clone(), ..found.clone() });
            prop_assert_eq!(expected.reported, found.reported);
        }

        #[test]
        fn figures_of_reported_calls_add_up(life in lives().prop_shuffle()) {
            let created = Call::reported(&life[0], dialling());
            let (mut call, mut counts) = (created.after, created.counts);
            for report in &life[1..] {
                if let Some(change) = call.clone().report(report, now() + secs(500)) {
                    prop_assert!(call.status == change.after.status || rank_of(call.status) < rank_of(change.after.status));
                    call = change.after;
                    counts.extend(change.counts);
                }
            }
            let total: i64 = counts.iter().filter(|count| count.metric == CALLS).map(|count| count.by).sum();
            prop_assert_eq!(total, 1);
        }
    }

    fn rank_of(status: CallStatus) -> usize {
        let order = [CallStatus::Queued, CallStatus::Initiated, CallStatus::Ringing, CallStatus::InProgress];
        order.iter().position(|known| *known == status).unwrap_or(order.len())
    }
}
