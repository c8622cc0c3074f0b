use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::{Actor, Event, EventId, PersonalFields};

fn read(value: &Value) -> Result<Conditions, Vec<(String, &'static str)>> {
    read_for(value, SubjectKind::Lead)
}

fn read_for(value: &Value, subject: SubjectKind) -> Result<Conditions, Vec<(String, &'static str)>> {
    let codes = |wrong: Vec<FieldInvalid>| wrong.into_iter().map(|wrong| (wrong.field, wrong.invalid.code)).collect();
    Conditions::read(value, subject, &TimeZone::UTC).map_err(codes)
}

fn lead() -> Value {
    json!({
        "status": "lead", "source": "Facebook", "score": 62, "city": "Pune", "tags": ["hot", "pune"],
        "custom_fields": {"experience": "3", "qualification": "MBBS", "a.b": 1},
    })
}

fn met(value: &Value) -> bool {
    read(value).expect("conditions").met(SubjectKind::Lead, &lead())
}

fn says(text: &str) -> bool {
    met(&json!(text))
}

#[test]
fn the_object_form_asks_for_free_fields_by_their_mere_names() {
    assert!(met(&json!({"source": "facebook", "qualification": "MBBS", "experience": ">2"})));
    assert!(!met(&json!({"source": "facebook", "experience": ">3"})));
    assert!(met(&json!({"any": [{"experience": ">9"}, {"lead.status": "lead"}]})));
    assert!(met(&Value::Null) && met(&json!({})) && met(&json!(" ")));
}

#[test]
fn an_expression_means_what_it_says() {
    for text in [
        "source == 'facebook'",
        "source != \"web\" && score >= 62",
        "score > 100 || experience > 2",
        "(score > 100 || city.startsWith('pu')) && has(qualification)",
        "!has(email) && !(status in ['won', 'lost'])",
        "!(source == 'web' || status == 'won')",
        "tags in ['hot'] && city.contains('UN')",
        "lead.qualification == 'MBBS'",
        "custom_fields.experience <= 3.0",
        "has ( city )",
    ] {
        assert!(says(text), "{text}");
    }
    for text in [
        "score < 62",
        "!has(city)",
        "source in ['web', 'phone']",
        "email == 'a@example.com'",
        "!has(city) || score > 99",
    ] {
        assert!(!says(text), "{text}");
    }
}

#[test]
fn what_is_no_expression_is_told_with_its_place() {
    for (text, code) in [
        ("score >", "bad_expression"),
        ("score > 1 &&", "bad_expression"),
        ("score > 1 score", "bad_expression"),
        ("'a' == city", "bad_expression"),
        ("city.size() > 1", "bad_expression"),
        ("city == 'pune", "bad_expression"),
        ("a..b == 1", "bad_expression"),
        ("!(score > 1)", "no_opposite"),
        ("score > 'many'", "not_a_number"),
    ] {
        assert_eq!(read(&json!(text)).expect_err(text)[0].1, code, "{text}");
    }
    let deep = format!("{}score > 1{}", "(".repeat(30), ")".repeat(30));
    assert_eq!(read(&json!(deep)).expect_err("too deep")[0].1, "too_deep");
    assert_eq!(read(&json!(3)).expect_err("a number")[0].1, "not_conditions");
}

#[test]
fn a_calls_automation_asks_for_its_lead_where_the_call_has_no_such_field() {
    let view = json!({"outcome": "interested", "status": "completed", "lead": lead()});
    let met = |value| read_for(&value, SubjectKind::Call).expect("conditions").met(SubjectKind::Call, &view);
    assert!(met(json!({"outcome": ["interested", "converted"], "lead.status": "lead", "experience": ">2"})));
    assert!(met(json!("status == 'completed' && source == 'facebook'")));
    assert!(!met(json!({"status": "lead"})), "it is the call's own");
}

#[test]
fn masked_fields_are_found_wherever_they_are_named() {
    for value in [json!({"email": "a@example.com"}), json!("score > 1 && (has(lead.email) || score > 2)")] {
        let conditions = read(&value).expect("conditions");
        assert!(conditions.name("email") && !conditions.name("phone"), "{value}");
    }
    let of_call = read_for(&json!({"phone": "+91"}), SubjectKind::Call).expect("conditions");
    assert!(of_call.name("phone"));
}

#[test]
fn places_of_a_text_are_filled_with_what_is_there() {
    let view = json!({"full_name": "Asha", "custom_fields": {"course": "BDS"}, "score": 4});
    assert_eq!(fill("Hello {{ name }}, {{course}} {{ lead.score }}{{ nothing }}!", &view), "Hello Asha, BDS 4!");
    let of_call = json!({"status": "no_answer", "lead": view});
    assert_eq!(fill("{{status}} of {{name}} for {{ course }}", &of_call), "no_answer of Asha for BDS");
    assert_eq!(fill("{{ open", &of_call), "{{ open");
    assert_eq!(fill("{{a}}{{{{name}}}}", &of_call), "}}", "what is filled in is not read again");
}

fn event(kind: &str, record: &str, changes: &Value, data: Value) -> Event {
    let change = |(field, after): (&String, &Value)| crate::FieldChange {
        field: field.clone(),
        before: Value::Null,
        after: after.clone(),
    };
    Event {
        id: EventId::at(Timestamp::UNIX_EPOCH, [0; 10]),
        kind: kind.into(),
        organization: OrganizationId::PLATFORM,
        record: record.into(),
        subject: "x".into(),
        version: 2,
        at: Timestamp::UNIX_EPOCH,
        actor: Actor::System { name: "test".into() },
        origin: None,
        changes: changes.as_object().expect("changes").iter().map(change).collect(),
        reason: None,
        data: match data {
            Value::Object(data) => data,
            _ => Map::new(),
        },
    }
}

#[test]
fn each_event_is_what_some_triggers_wait_for() {
    use TriggerType as T;
    let fitting = |event: &Event| -> Vec<T> { T::ALL.iter().copied().filter(|trigger| trigger.fits(event)).collect() };
    let none = json!({});
    for (event, expected) in [
        (event("lead.created", "lead", &none, Value::Null), vec![T::LeadCreated]),
        (event("lead.created", "lead", &none, json!({"assigned_to": "usr_1"})), vec![T::LeadCreated, T::LeadAssigned]),
        (event("lead.stage_changed", "lead", &json!({"status": "won"}), Value::Null), vec![T::LeadStatusChanged]),
        (event("lead.assigned", "lead", &json!({"assigned_to": Value::Null}), Value::Null), vec![]),
        (event("call.created", "call", &none, json!({"status": "initiated"})), vec![]),
        (event("call.created", "call", &none, json!({"status": "busy"})), vec![T::CallEnded, T::CallMissed]),
        (
            event("call.ended", "call", &json!({"status": "completed"}), Value::Null),
            vec![T::CallEnded, T::CallCompleted],
        ),
        (event("call.updated", "call", &json!({"notes": "x"}), Value::Null), vec![]),
        (event("reminder.overdue", "reminder", &none, Value::Null), vec![T::ReminderOverdue]),
        (event("workflow.updated", "workflow", &json!({"status": "active"}), Value::Null), vec![]),
    ] {
        assert_eq!(fitting(&event), expected, "{}", event.kind);
    }
}

#[test]
fn a_schedule_comes_at_its_time_of_the_organizations_zone() {
    let kolkata = TimeZone::get("Asia/Kolkata").expect("a zone");
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    let daily = Schedule::read(&json!({"daily_at": "09:00"})).expect("a schedule");
    assert_eq!(daily.next_after(at("2026-11-20T03:29:59Z"), &kolkata), at("2026-11-20T03:30:00Z"));
    assert_eq!(daily.next_after(at("2026-11-20T03:30:00Z"), &kolkata), at("2026-11-21T03:30:00Z"));
    let often = Schedule::read(&json!({"every_minutes": 15})).expect("a schedule");
    assert_eq!(often.next_after(at("2026-11-20T03:30:00Z"), &kolkata), at("2026-11-20T03:45:00Z"));
    for wrong in [json!({}), json!({"daily_at": "25:00"}), json!({"every_minutes": 5, "daily_at": "09:00"}), json!(9)] {
        assert!(Schedule::read(&wrong).is_err(), "{wrong}");
    }
    let london = TimeZone::get("Europe/London").expect("a zone");
    let night = Schedule::read(&json!({"daily_at": "01:30"})).expect("a schedule");
    // That night has no half past one.
    assert_eq!(night.next_after(at("2026-03-28T12:00:00Z"), &london), at("2026-03-29T01:30:00Z"));
}

#[test]
fn nobody_has_more_done_than_they_may_do() {
    let now = Timestamp::UNIX_EPOCH;
    let details = |conditions: Value, steps: Value| WorkflowDetails {
        name: "A".parse().expect("a name"),
        description: None,
        trigger: TriggerType::LeadCreated,
        schedule: None,
        conditions: read(&conditions).expect("conditions"),
        steps: steps
            .as_array()
            .expect("steps")
            .iter()
            .map(|step| Step::read(step, SubjectKind::Lead, &TimeZone::UTC).expect("a step"))
            .collect(),
        status: WorkflowStatus::Active,
        rank: 1,
    };
    let zone = TimeZone::UTC;
    let writing = Writing {
        author: UserId::at(now, [1; 10]),
        permissions: [Permission::RemindersWrite].into_iter().collect(),
        rows: Rows::All,
        clear: PersonalFields::NONE,
        zone: &zone,
        now,
    };
    let make = |details| {
        let made = Workflow::create(WorkflowId::at(now, [0; 10]), OrganizationId::PLATFORM, details, None, &writing);
        made.map(drop).map_err(|wrong| wrong.into_iter().map(|one| (one.field, one.invalid.code)).collect::<Vec<_>>())
    };
    assert_eq!(make(details(Value::Null, json!([{"type": "create_follow_up"}]))), Ok(()));
    let wrong = make(details(
        json!({"phone": "+919876543210"}),
        json!([{"type": "create_follow_up"}, {"type": "webhook", "url": "https://a.example"}]),
    ));
    let wrong = wrong.expect_err("not permitted");
    assert_eq!(wrong, [("conditions".to_owned(), "masked_field"), ("actions.1.type".to_owned(), "not_permitted")]);
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader_of_expressions(text in "\\PC{0,80}") {
        let _ = read(&json!(text));
    }

    #[test]
    fn what_looks_like_an_expression_never_breaks_it(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", "!", "&&", "||", "score", "source", "==", "!=", ">", "in", "[", "]", "'a'", "1", "-2.5", ",",
                "has", ".contains(", "true", "null", " ",
            ]),
            0..40,
        ),
    ) {
        let _ = read(&json!(parts.concat()));
    }

    /// What was read is written as it was, and the canonical object means the same.
    #[test]
    fn conditions_survive_being_stored(score in 0..100_i64, city in "[A-Z][a-z]{1,8}", any in any::<bool>()) {
        let text = format!("score >= {score} {} city == '{city}'", if any { "||" } else { "&&" });
        let conditions = read(&json!(text)).expect("conditions");
        let stored: Conditions = serde_json::from_value(serde_json::to_value(&conditions).expect("JSON")).expect("it");
        prop_assert_eq!(&stored, &conditions);
        prop_assert_eq!(stored.written(), json!(text));
        let expected = if any { 62 >= score || city == "Pune" } else { 62 >= score && city == "Pune" };
        prop_assert_eq!(stored.met(SubjectKind::Lead, &lead()), expected);
    }

    #[test]
    fn a_step_is_read_back_as_it_was_written(delay in 0..1_000_000_u32, seconds in 1..1_000_u32, asked in any::<bool>()) {
        let conditions = if asked { json!("score > 5") } else { Value::Null };
        let mut values = vec![
            json!({"type": "create_reminder", "title": "Call", "due_in": seconds, "delay": delay}),
            json!({"type": "notify", "to": ["owner", "manager"], "message": "Hello {{ name }}", "delay": delay}),
            json!({"type": "assign", "criteria": "specialization", "delay": delay}),
            json!({"type": "wait", "delay": seconds}),
            json!({"type": "send_email", "template": "welcome", "delay": delay}),
        ];
        for value in &mut values {
            value["conditions"] = conditions.clone();
            let step = Step::read(value, SubjectKind::Lead, &TimeZone::UTC).expect("a step");
            let again = Step::read(&step.written(), SubjectKind::Lead, &TimeZone::UTC).expect("the same step");
            prop_assert_eq!(&again, &step);
            let stored: Step = serde_json::from_value(serde_json::to_value(&step).expect("JSON")).expect("it");
            prop_assert_eq!(&stored, &step);
        }
    }

    #[test]
    fn nothing_that_people_write_breaks_the_reader_of_steps(kind in "[a-z_]{0,20}", field in "[a-z_]{1,12}", value in "\\PC{0,30}") {
        let _ = Step::read(&json!({"type": kind, field: value}), SubjectKind::Call, &TimeZone::UTC);
    }
}
