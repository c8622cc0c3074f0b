use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::record::{Meta, Record as _};
use crate::{ApprovalId, ApprovalWorkflowId, BranchId, Change, CustomFields, Label, OrganizationId, UserId};

fn user(number: u8) -> UserId {
    UserId::at(Timestamp::UNIX_EPOCH, [number; 10])
}

fn start() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().expect("a time")
}

fn step(needs: Needs, deadline: Option<(u32, OnDeadline)>, escalate_to: Vec<UserId>) -> ApprovalStep {
    let (deadline_hours, on_deadline) = deadline.map_or((None, OnDeadline::Remind), |(h, on)| (Some(h), on));
    let approvers = vec![Approver::Manager];
    ApprovalStep { name: Label::known("Check"), approvers, needs, deadline_hours, on_deadline, escalate_to }
}

/// A request of user 0's, its first step with these people.
fn asked(steps: Vec<ApprovalStep>, allow_self: bool, first: &[UserId]) -> ApprovalRequest {
    let organization = OrganizationId::at(start(), [9; 10]);
    let workflow = ApprovalWorkflow {
        meta: Meta::new(organization, start()),
        id: ApprovalWorkflowId::at(start(), [1; 10]),
        name: Label::known("Discounts"),
        description: None,
        enabled: true,
        allow_self,
        steps,
        revision: 3,
    };
    let asking = Asking {
        id: ApprovalId::at(start(), [2; 10]),
        organization,
        branch: BranchId::at(start(), [3; 10]),
        requester: user(0),
        lead: None,
        title: Label::known("A discount"),
        reason: None,
        data: CustomFields::default(),
    };
    ApprovalRequest::ask(asking, &workflow, first, start()).after
}

fn comment() -> crate::Line<255> {
    "No".parse().expect("a line")
}

fn hours(number: i64) -> SignedDuration {
    SignedDuration::from_hours(number)
}

#[test]
fn one_of_any_is_enough_and_the_last_step_approves() {
    let request =
        asked(vec![step(Needs::Any, None, vec![]), step(Needs::All, None, vec![])], false, &[user(1), user(2)]);
    assert_eq!(request.begins_where_approved_by(user(1)), Some(1));
    let change = request.approve(user(1), None, &[user(3), user(4), user(0)], start()).expect("it counts");
    assert_eq!(change.kind, "approval.step_started");
    assert_eq!(change.data["approvers"], json!([user(3), user(4)]), "whoever asked is left out");
    assert_eq!(change.data["decision"]["user"], json!(user(1)));
    let request = change.after;
    assert_eq!(request.check(user(2)), Err(Refusal::Decided), "somebody was faster");
    assert_eq!(request.begins_where_approved_by(user(3)), None, "one of all is not enough");
    let change = request.approve(user(3), None, &[], start()).expect("it counts");
    assert_eq!((change.kind, change.after.state), ("approval.decided", ApprovalState::Pending));
    assert_eq!(change.after.check(user(3)), Err(Refusal::Decided));
    let change = change.after.approve(user(4), None, &[], start()).expect("it counts");
    assert_eq!((change.kind, change.after.state), ("approval.approved", ApprovalState::Approved));
    assert_eq!(change.after.check(user(4)), Err(Refusal::Over));
    assert!(change.after.due().is_none() && change.after.pending.is_empty());
}

#[test]
fn one_rejection_is_enough_and_nobody_decides_their_own() {
    let request = asked(vec![step(Needs::All, None, vec![])], false, &[user(0), user(1), user(2)]);
    assert_eq!(request.check(user(0)), Err(Refusal::Own));
    assert_eq!(request.check(user(7)), Err(Refusal::NotApprover));
    let change = request.reject(user(2), comment(), start()).expect("it counts");
    assert_eq!((change.kind, change.after.state), ("approval.rejected", ApprovalState::Rejected));
    assert_eq!(change.reason.as_deref(), Some("No"));
    let allowed = asked(vec![step(Needs::Any, None, vec![])], true, &[user(0)]);
    assert_eq!(allowed.check(user(0)), Ok(()));
}

#[test]
fn a_step_is_handed_on_to_whoever_can_take_it() {
    let request = asked(vec![step(Needs::All, None, vec![])], false, &[user(1), user(2)]);
    let refused = |to| request.clone().delegate(user(1), to, None, start()).err();
    assert_eq!(refused(user(0)), Some(Refusal::Untakeable), "whoever asked");
    assert_eq!(refused(user(2)), Some(Refusal::Untakeable), "who decides it already");
    let change = request.clone().delegate(user(1), user(5), None, start()).expect("it is handed on");
    assert_eq!((change.kind, &change.data["approvers"]), ("approval.decided", &json!([user(5)])));
    let mut request = change.after;
    assert_eq!(request.check(user(1)), Err(Refusal::Decided));
    assert!(request.concerns(user(1)) && request.waits_for(user(5)));
    for number in 0..MAX_DELEGATIONS - 1 {
        let (from, to) = if number % 2 == 0 { (user(5), user(6)) } else { (user(6), user(5)) };
        request = request.delegate(from, to, None, start()).expect("it is handed on").after;
    }
    let (holder, other) = if request.waits_for(user(5)) { (user(5), user(6)) } else { (user(6), user(5)) };
    let once_more = request.delegate(holder, other, None, start()).err();
    assert_eq!(once_more, Some(Refusal::TooManyDelegations));
}

#[test]
fn reminders_come_three_times_a_day_apart_also_where_the_clock_stood_still() {
    let mut request = asked(vec![step(Needs::Any, Some((2, OnDeadline::Remind)), vec![])], false, &[user(1)]);
    assert_eq!(request.due(), Some(start() + hours(2)));
    let mut now = start() + hours(2 + 24 * 30);
    for number in 1..=3 {
        let change = request.came_due(&[], now);
        assert_eq!((change.kind, &change.data["approvers"]), ("approval.reminded", &json!([user(1)])));
        request = change.after;
        assert_eq!(request.due(), (number < 3).then(|| now + hours(24)));
        now += hours(24);
    }
    assert_eq!(request.check(user(1)), Ok(()));
}

#[test]
fn a_deadline_approves_rejects_or_lets_others_decide() {
    let timed =
        |on, to| vec![step(Needs::All, Some((1, on)), to), step(Needs::Any, Some((5, OnDeadline::Reject)), vec![])];
    let now = start() + hours(100);
    let request = asked(timed(OnDeadline::Approve, vec![]), false, &[user(1), user(2)]);
    assert_eq!(request.wanted(), Wanted::Of(&request.steps[1]));
    let change = request.clone().came_due(&[user(3)], now);
    assert_eq!((change.kind, change.after.due()), ("approval.step_started", Some(now + hours(5))));
    assert_eq!(change.after.decisions[0].user, None);
    let change = change.after.came_due(&[], now + hours(5));
    assert_eq!((change.kind, change.after.state), ("approval.rejected", ApprovalState::Rejected));

    let request = asked(timed(OnDeadline::Escalate, vec![user(4), user(0)]), false, &[user(1), user(2)]);
    let approved = request.approve(user(1), None, &[], start()).expect("it counts").after;
    let escalated = approved.clone().came_due(&[user(1), user(0), user(4)], now);
    assert_eq!(escalated.data["approvers"], json!([user(4)]), "neither who asked nor who decided");
    let escalated = escalated.after;
    assert_eq!((escalated.due(), escalated.check(user(2))), (None, Err(Refusal::Decided)));
    assert_eq!(escalated.begins_where_approved_by(user(4)), Some(1), "one of them is enough");
    let nobody = approved.came_due(&[user(0)], now);
    assert_eq!((nobody.kind, nobody.after.waits_for(user(2))), ("approval.reminded", true));
}

#[test]
fn every_wrong_field_of_a_step_is_named() {
    let wrong = |value: Value| -> Vec<(String, &'static str)> {
        let errors = ApprovalStep::read(&value).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.invalid.code)).collect()
    };
    let codes = |expected: &[(&str, &'static str)]| -> Vec<(String, &'static str)> {
        expected.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
    };
    assert_eq!(wrong(json!(1)), codes(&[("", "not_object")]));
    assert_eq!(wrong(json!({})), codes(&[("name", "required"), ("approvers", "required")]));
    let many = json!({
        "name": "", "approvers": ["manager", "nobody", 5, "role:", "role:agent"], "needs": "most",
        "deadline_hours": 2161, "on_deadline": "escalate",
    });
    let expected = [
        ("name", "required"),
        ("approvers.1", "unknown_approver"),
        ("approvers.2", "not_text"),
        ("approvers.3", "unknown_approver"),
        ("needs", "unknown_needs"),
        ("deadline_hours", "out_of_range"),
        ("escalate_to", "required"),
    ];
    assert_eq!(wrong(many), codes(&expected));
    let misplaced = json!({"name": "A", "approvers": [], "on_deadline": "reject", "escalate_to": [user(1)]});
    let expected = [("approvers", "required"), ("deadline_hours", "required"), ("escalate_to", "contradiction")];
    assert_eq!(wrong(misplaced), codes(&expected));
    let read = ApprovalStep::read(&json!({
        "name": "A", "approvers": ["manager", "manager", "role:manager", user(1)], "deadline_hours": 4,
        "on_deadline": "escalate", "escalate_to": [user(2)],
    }));
    let read = read.expect("a step");
    assert_eq!((read.approvers.len(), read.needs), (3, Needs::Any), "each once");
    let untimed = ApprovalStep::read(&json!({"name": "A", "approvers": ["manager"]})).expect("a step");
    for step in [read, untimed] {
        let again = serde_json::to_value(&step).expect("JSON");
        assert_eq!(ApprovalStep::read(&again), Ok(step), "what was shown can be sent back");
    }
}

/// What somebody, or the clock, tries.
#[derive(Debug, Clone)]
enum Try {
    Approve(u8),
    Reject(u8),
    Delegate(u8, u8),
    Cancel,
    Clock,
}

fn tries() -> impl Strategy<Value = Try> {
    let person = 0_u8..7;
    prop_oneof![
        8 => person.clone().prop_map(Try::Approve),
        1 => person.clone().prop_map(Try::Reject),
        2 => (person.clone(), person).prop_map(|(from, to)| Try::Delegate(from, to)),
        1 => Just(Try::Cancel),
        2 => Just(Try::Clock),
    ]
}

fn steps() -> impl Strategy<Value = Vec<ApprovalStep>> {
    let needs = prop_oneof![Just(Needs::Any), Just(Needs::All)];
    let on = prop_oneof![
        Just(None),
        Just(Some((1_u32, OnDeadline::Remind))),
        Just(Some((1, OnDeadline::Approve))),
        Just(Some((1, OnDeadline::Reject))),
        Just(Some((1, OnDeadline::Escalate))),
    ];
    let one = (needs, on, prop::collection::vec(0_u8..7, 1..3))
        .prop_map(|(needs, on, to)| step(needs, on, to.into_iter().map(user).collect()));
    prop::collection::vec(one, 1..4)
}

/// Whether what was decided of a step is what it needs: an approval of one, of all who had to, or of the clock.
fn has_what_it_needs(request: &ApprovalRequest, number: u32, people: &[UserId]) -> bool {
    let of = |verdict| request.decisions.iter().filter(move |one| one.step == number && one.verdict == verdict);
    let approved: Vec<Option<UserId>> = of(Verdict::Approved).map(|decision| decision.user).collect();
    let step = request.step_at(number).expect("a step");
    let by_the_clock = approved.contains(&None) && step.on_deadline == OnDeadline::Approve;
    let escalated = of(Verdict::Escalated).next().is_some();
    // Who had to decide: whoever had at first, with each handing on in its turn.
    let mut had_to: Vec<UserId> = Vec::new();
    for person in people {
        let own = *person == request.requester && !request.allow_self;
        if !own && !had_to.contains(person) {
            had_to.push(*person);
        }
    }
    for decision in of(Verdict::Delegated) {
        had_to.retain(|person| Some(*person) != decision.user);
        had_to.extend(&decision.to);
    }
    let enough = match step.needs {
        Needs::Any => !approved.is_empty(),
        Needs::All => had_to.iter().all(|person| approved.contains(&Some(*person))),
    };
    by_the_clock || (escalated && !approved.is_empty()) || (!approved.is_empty() && enough)
}

proptest! {
    #[test]
    fn nothing_is_approved_without_what_each_step_needs(
        steps in steps(),
        people in prop::collection::vec(prop::collection::vec(0_u8..7, 1..5), 4),
        tries in prop::collection::vec(tries(), 0..40),
        allow_self in any::<bool>(),
    ) {
        let people: Vec<Vec<UserId>> = people.into_iter().map(|some| some.into_iter().map(user).collect()).collect();
        let mut request = asked(steps, allow_self, &people[0]);
        let mut now = start();
        let mut ends = 0;
        for one in tries {
            now += hours(1);
            let next = request.step as usize + 1;
            let next: &[UserId] = people.get(next).map_or(&[], Vec::as_slice);
            let before = request.clone();
            let tried: Result<Change<ApprovalRequest>, Refusal> = match one {
                Try::Approve(who) => request.approve(user(who), None, next, now),
                Try::Reject(who) => request.reject(user(who), comment(), now),
                Try::Delegate(who, to) => request.delegate(user(who), user(to), None, now),
                Try::Cancel => request.cancel(None, now),
                Try::Clock if before.due().is_some_and(|at| at <= now) => {
                    let escalate: Vec<UserId> = before.current().expect("a step").escalate_to.clone();
                    let wanted = if matches!(before.wanted(), Wanted::Among(_)) { &escalate[..] } else { next };
                    Ok(request.came_due(wanted, now))
                }
                Try::Clock => Err(Refusal::Over),
            };
            request = match tried {
                Ok(change) => {
                    prop_assert!(before.is_pending(), "what is over stays as it is");
                    change.after
                }
                Err(_) => before.clone(),
            };
            ends += u32::from(before.is_pending() && !request.is_pending());
            prop_assert!(request.step == before.step || request.step == before.step + 1, "no step is passed over");
            prop_assert!(request.pending.len() <= MAX_APPROVERS);
            prop_assert!(request.is_pending() || request.pending.is_empty());
        }
        prop_assert!(ends <= 1, "it ends once");
        for (place, decision) in request.decisions.iter().enumerate() {
            if matches!(decision.verdict, Verdict::Approved | Verdict::Rejected) {
                prop_assert!(decision.user != Some(user(0)) || allow_self, "their own");
                let again = request.decisions[..place].iter().any(|other| {
                    let decides = matches!(other.verdict, Verdict::Approved | Verdict::Rejected);
                    decides && other.step == decision.step && other.user == decision.user
                });
                prop_assert!(!again, "each decides a step once");
            }
        }
        let passed = if request.state == ApprovalState::Approved { request.step + 1 } else { request.step };
        for number in 0..passed {
            prop_assert!(has_what_it_needs(&request, number, &people[number as usize]), "step {number}: {request:?}");
        }
        let rejected = request.decisions.iter().any(|decision| decision.verdict == Verdict::Rejected);
        prop_assert_eq!(rejected, request.state == ApprovalState::Rejected);
    }
}
