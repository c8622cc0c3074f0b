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
