//! The access matrix: every operation of the OpenAPI document, every role, whose record it is, which token.

mod house;
mod rows;
mod subjects;

use std::collections::BTreeSet;

use domain::{Role, RowReach};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, forged};

use crate::catalog::{Operation, operations};
use house::{ELSEWHERE, House, MINE, STRANGE, text};
use rows::{Needs, Place, ROWS, Row, Subject};

/// Operations with their rows.
fn matrix() -> Vec<(Operation, &'static Row)> {
    operations()
        .into_iter()
        .filter_map(|operation| Row::of(operation.canonical()).map(|row| (operation, row)))
        .collect()
}

/// An answer's body, but for what differs with every request.
fn words(answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.bytes).into_owned();
    match answer.json()["request_id"].as_str() {
        Some(id) => body.replace(id, "…"),
        None => body,
    }
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let operations: BTreeSet<String> = operations().iter().map(|operation| operation.canonical().to_owned()).collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.id.to_owned()).collect();
    assert_eq!(operations, rows);
    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
}

#[test]
fn the_document_calls_public_what_the_matrix_does() {
    for (operation, row) in matrix() {
        assert_eq!(operation.public, matches!(row.needs, Needs::Nothing), "{}", operation.id);
    }
}

#[tokio::test]
async fn without_a_good_token_every_operation_but_the_public_ones_answers_401() {
    let house = House::new().await;
    for (operation, row) in matrix().iter().filter(|(operation, _)| !operation.public) {
        let own = house.about(row.subject, Place::Own, &house.admin).await;
        let made_up = house.about(row.subject, Place::MadeUp, &house.admin).await;
        let mut refusals = BTreeSet::new();
        for (role, person) in &house.people {
            let mut tokens: Vec<(&str, Option<String>)> = vec![("no token", None)];
            let bad = forged(&house.world.keys, &person.claims, house.world.platform.now());
            tokens.extend(bad.into_iter().map(|(what, token)| (what, Some(token))));
            for (number, (what, token)) in tokens.into_iter().enumerate() {
                let about = if number % 2 == 0 { &own } else { &made_up };
                let ask = Ask::new(&operation.method, format!("/v1{}", operation.filled(about)));
                let ask = if let Some(token) = &token { ask.bearing(token) } else { ask };
                let answer = house.to(operation.function, ask).await;
                assert_eq!(answer.status, 401, "{} as {role:?} with {what}", operation.id);
                refusals.insert(words(&answer));
            }
        }
        assert_eq!(refusals.len(), 1, "{}: a refusal tells which token or which record it was", operation.id);
    }
}

#[tokio::test]
async fn public_operations_answer_the_same_whoever_asks() {
    let house = House::new().await;
    let viewer =
        house.people.iter().find(|(role, _)| *role == Role::Viewer).map(|(_, person)| person).expect("a viewer");
    let expired = forged(&house.world.keys, &viewer.claims, house.world.platform.now());
    let (_, expired) = expired.iter().find(|(what, _)| *what == "expired").expect("an expired token");
    for (operation, row) in matrix().iter().filter(|(operation, _)| operation.public) {
        let places = [Place::Own, Place::MadeUp]
            .into_iter()
            .filter(|place| row.subject.is_found(*place, RowReach::All).is_some());
        for place in places {
            for token in [None, Some(viewer.token.as_str()), Some(expired.as_str())] {
                let about = house.about(row.subject, place, &house.admin).await;
                let answer = house.ask(operation, row, &about, token, viewer).await;
                let expected = if place == Place::MadeUp { 404 } else { row.status };
                assert_eq!(answer.status, expected, "{}: {}", operation.id, words(&answer));
            }
        }
    }
}

#[tokio::test]
async fn every_operation_answers_each_role_as_its_permissions_and_rows_say() {
    let house = House::new().await;
    let (mut wrong, mut asked) = (Vec::new(), 0_u32);
    for (operation, row) in matrix().iter().filter(|(operation, _)| !operation.public) {
        for (role, person) in &house.people {
            let spent = house.world.a_person(&house.ours, *role, house.ours.branch).await;
            // Whoever signs out is gone for all that follows.
            let person = if row.id == "auth_logout" { &spent } else { person };
            let nothing = if row.subject == Subject::None {
                String::new()
            } else {
                let about = house.about(row.subject, Place::MadeUp, person).await;
                words(&house.ask(operation, row, &about, Some(&person.token), person).await)
            };
            for place in Place::ALL {
                let Some(expected) = row.expected(*role, place) else { continue };
                let about = house.about(row.subject, place, person).await;
                let answer = house.ask(operation, row, &about, Some(&person.token), person).await;
                asked += 1;
                let place = format!("{} as {role:?} about {about} ({place:?})", operation.id);
                if answer.status != expected {
                    wrong.push(format!("{place}: {} instead of {expected}: {}", answer.status, words(&answer)));
                } else if matches!(expected, 403 | 404) && row.subject != Subject::None && words(&answer) != nothing {
                    wrong.push(format!("{place}: {} is not {nothing}", words(&answer)));
                }
                wrong.extend(leak(&house, &place, person, &answer));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}: {wrong:#?}", wrong.len());
}

/// What an answer tells of records that its reader must not know.
fn leak(house: &House, place: &str, person: &Person, answer: &Answer) -> Option<String> {
    let body = String::from_utf8_lossy(&answer.bytes);
    let role: Role = person.claims.role.parse().expect("a role");
    let theirs = [
        house.theirs.organization.to_string(),
        house.theirs.branch.to_string(),
        house.stranger.user.to_string(),
        STRANGE.to_owned(),
    ];
    let elsewhere = (role.rows() != RowReach::All).then(|| ELSEWHERE.to_owned());
    let known = theirs.into_iter().chain(elsewhere).find(|word| body.contains(word.as_str()));
    known.map(|word| format!("{place} tells of {word}: {body}"))
}

#[tokio::test]
async fn lists_hold_what_is_in_reach_and_nothing_of_others() {
    let house = House::new().await;
    for (role, person) in &house.people {
        for place in [Place::Own, Place::OtherBranch, Place::OtherOrganization] {
            for subject in [Subject::Lead, Subject::Form, Subject::Job, Subject::Call, Subject::Reminder, Subject::File]
            {
                house.about(subject, place, person).await;
            }
        }
        house.world.settle().await;
        let lists = matrix().into_iter().filter(|(operation, row)| {
            operation.method == "GET"
                && !operation.public
                && matches!(row.subject, Subject::None | Subject::ReportBranch)
        });
        for (operation, row) in lists {
            let expected = if row.expected(*role, Place::Own) == Some(403) { 403 } else { row.status };
            let answer = house.to(operation.function, Ask::get(operation.filled("lead")).by(person)).await;
            let place = format!("{} as {role:?}", operation.id);
            assert_eq!(answer.status, expected, "{place}: {}", words(&answer));
            assert_eq!(leak(&house, &place, person, &answer), None);
            let body = String::from_utf8_lossy(&answer.bytes);
            if expected == 200
                && (operation.id.starts_with("lead_")
                    || ["form_list", "job_list", "call_list", "reminder_list", "file_list"]
                        .contains(&operation.id.as_str()))
            {
                assert!(body.contains(MINE), "{place} lacks one's own: {body}");
                assert_eq!(body.contains(ELSEWHERE), role.rows() == RowReach::All, "{place}");
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_tenant_is_refused_by_every_list() {
    let house = House::new().await;
    for (by, tenant) in [(&house.admin, &house.ours), (&house.stranger, &house.theirs)] {
        for _ in 0..2 {
            let lead = house.lead(by, tenant.branch, Some(by), MINE).await;
            let moved = json!({"status": "assessment"});
            house.to("leads", Ask::post(format!("/leads/{lead}/status"), moved).by(by)).await.expect(200);
            house.lead(by, tenant.branch, None, MINE).await;
            let overdue = json!({"title": MINE, "due_at": "2026-11-20T09:00:00Z"});
            house.to("activities", Ask::post("/reminders", overdue).by(by)).await.expect(201);
        }
    }
    for _ in 0..2 {
        for subject in [
            Subject::Call,
            Subject::Reminder,
            Subject::Note,
            Subject::Communication,
            Subject::AnalyticsEvent,
            Subject::Form,
            Subject::File,
            Subject::Job,
            Subject::Invite,
            Subject::ApiKey,
            Subject::ReferralLink,
            Subject::Role,
            Subject::Notification,
            Subject::Broadcast,
            Subject::SpentSegment,
            Subject::Campaign,
            Subject::SpentWorkflow,
            Subject::WorkflowRun,
            Subject::Approval,
            Subject::SpentApprovalWorkflow,
            Subject::SlaPolicy,
            Subject::SpentSlaPolicy,
            Subject::SpentWebhookEndpoint,
            Subject::WebhookDelivery,
            Subject::SpentIntegration,
            Subject::IntegrationLog,
            Subject::ProviderDelivery,
            Subject::Session,
            Subject::SecurityEvent,
            Subject::SuspiciousActivity,
            Subject::Consent,
            Subject::Suppression,
            Subject::MessageTemplate,
        ] {
            house.about(subject, Place::Own, &house.admin).await;
            house.about(subject, Place::OtherOrganization, &house.admin).await;
        }
    }
    for _ in 0..2 {
        house.world.a_person(&house.theirs, Role::Agent, house.theirs.branch).await;
    }
    house.world.settle_audited().await;
    let mut without = Vec::new();
    for (operation, row) in matrix().iter().filter(|(operation, _)| operation.takes_cursor) {
        let mut cursors = Vec::new();
        for (person, place) in [(&house.stranger, Place::OtherOrganization), (&house.admin, Place::Own)] {
            let about = match row.subject {
                Subject::Lead => {
                    let id = house.about(row.subject, place, &house.admin).await;
                    let city = json!({"city": "Pune"});
                    house.to("leads", Ask::put(format!("/leads/{id}"), city).by(person)).await.expect(200);
                    id
                }
                Subject::Agent => {
                    let id = house.about(row.subject, place, &house.admin).await;
                    house.to("sync", Ask::post(format!("/sync/full/{id}"), json!({})).by(person)).await.expect(200);
                    id
                }
                subject => house.about(subject, place, &house.admin).await,
            };
            let path = format!("{}?limit=1", operation.filled(&about));
            let page = house.to(operation.function, Ask::get(&path).by(person)).await.data(200);
            let cursor = [&page["next_cursor"], &page["pagination"]["next_cursor"]]
                .into_iter()
                .find_map(Value::as_str)
                .map(str::to_owned);
            cursors.push((person, path, cursor));
        }
        let [(_, _, Some(theirs)), (admin, path, Some(ours))] = cursors.as_slice() else {
            without.push(operation.id.clone());
            continue;
        };
        let follow = |cursor: &str| house.to(operation.function, Ask::get(format!("{path}&cursor={cursor}")).by(admin));
        assert_eq!(follow(ours).await.status, 200, "{}", operation.id);
        let refused = follow(theirs).await;
        assert_eq!(refused.expect(422).wrong(), [("cursor".to_owned(), "bad_cursor".to_owned())], "{}", operation.id);
    }
    // An organization has one pipeline, so its list has no second page.
    assert_eq!(without, ["pipeline_list"]);
}

/// A body that names somebody's records.
type Naming = fn(&str) -> Value;

/// Each operation whose body may name a record, how to ask for it, of what kind that record is, and the body.
const NAMING: [(&str, &str, Subject, Naming); 38] = [
    ("analytics_event_create", "POST /analytics/events", Subject::Lead, |id| json!({"event_type": "x", "lead_id": id})),
    (
        "analytics_event_create",
        "POST /analytics/events",
        Subject::Person,
        |id| json!({"event_type": "x", "user_id": id}),
    ),
    (
        "campaign_create",
        "POST /campaigns",
        Subject::Segment,
        |id| json!({"name": "Mine", "type": "sms", "content": "Mine", "status": "active", "segment_id": id}),
    ),
    ("campaign_create", "POST /campaigns", Subject::MessageTemplate, |id| {
        let content = json!({"template_id": id});
        json!({"name": "Mine", "type": "email", "content": content, "status": "active", "target_audience": "all"})
    }),
    ("campaign_test_send", "POST /campaigns/{own}/test-send", Subject::Lead, |id| json!({"lead_id": id})),
    (
        "communication_create",
        "POST /communications",
        Subject::Campaign,
        |id| json!({"type": "letter", "content": "Mine", "campaign_id": id}),
    ),
    (
        "communication_create",
        "POST /communications",
        Subject::File,
        |id| json!({"type": "letter", "content": "Mine", "attachments": [id]}),
    ),
    (
        "communication_create",
        "POST /communications",
        Subject::Lead,
        |id| json!({"type": "letter", "content": "Mine", "lead_id": id}),
    ),
    (
        "communication_create",
        "POST /communications",
        Subject::Person,
        |id| json!({"type": "letter", "content": "Mine", "user_id": id}),
    ),
    (
        "communication_create",
        "POST /communications",
        Subject::MessageTemplate,
        |id| json!({"type": "email", "recipient": "a@example.com", "template_id": id}),
    ),
    ("note_create", "POST /notes", Subject::Lead, |id| json!({"content": "Mine", "lead_id": id})),
    ("note_create", "POST /notes", Subject::Call, |id| json!({"content": "Mine", "entityId": id})),
    ("note_create", "POST /notes", Subject::Reminder, |id| json!({"content": "Mine", "entityId": id})),
    ("note_update", "PUT /notes/{own}", Subject::Person, |id| json!({"mentions": [id]})),
    (
        "reminder_create",
        "POST /reminders",
        Subject::Lead,
        |id| json!({"title": "Mine", "due_at": "2026-12-01T10:00:00Z", "lead_id": id}),
    ),
    (
        "reminder_create",
        "POST /reminders",
        Subject::Call,
        |id| json!({"title": "Mine", "due_at": "2026-12-01T10:00:00Z", "call_id": id}),
    ),
    ("automation_test", "POST /automation/{own}/test", Subject::Lead, |id| json!({"lead_id": id})),
    (
        "workflow_execute",
        "POST /automation/workflows/{own}/execute",
        Subject::Lead,
        |id| json!({"trigger_data": {"lead_id": id}}),
    ),
    ("automation_create", "POST /automation", Subject::Person, |id| {
        let actions = json!([{"type": "assign", "agentId": id}]);
        json!({"name": "Mine", "trigger": "lead_created", "actions": actions})
    }),
    ("sla_policy_create", "POST /sla-policies", Subject::Person, |id| {
        let told = json!([{"after": 0, "actions": [{"type": "notify", "to": [id], "message": "Hurry"}]}]);
        json!({"name": "Mine", "targets": [{"target": "resolution", "within": 60, "escalations": told}]})
    }),
    ("call_create", "POST /calls", Subject::Lead, |id| json!({"lead_id": id})),
    ("call_create", "POST /calls", Subject::Person, |id| json!({"phone": "9876543210", "agentId": id})),
    ("lead_create", "POST /leads", Subject::Branch, |id| json!({"full_name": "Mine", "branch_id": id})),
    ("lead_create", "POST /leads", Subject::Person, |id| json!({"full_name": "Mine", "assigned_to": id})),
    ("lead_update", "PUT /leads/{own}", Subject::Branch, |id| json!({"branch_id": id})),
    ("lead_assign", "POST /leads/{own}/assign", Subject::Person, |id| json!({"assigned_to": id})),
    ("lead_merge", "POST /leads/{own}/merge", Subject::Lead, |id| json!({"merge_id": id})),
    ("lead_merge", "POST /leads/{own}/merge", Subject::Lead, |id| json!({"merge_id": id, "dry_run": true})),
    ("lead_bulk", "POST /leads/bulk", Subject::Lead, |id| json!({"ids": [id], "action": "delete"})),
    (
        "lead_bulk",
        "POST /leads/bulk",
        Subject::Person,
        |id| json!({"filter": {}, "action": "assign", "assigned_to": id}),
    ),
    (
        "integration_create",
        "POST /integrations",
        Subject::Person,
        |id| json!({"provider": "telephony", "name": "Mine", "settings": {"agentId": id}}),
    ),
    (
        "integration_create",
        "POST /integrations",
        Subject::Branch,
        |id| json!({"provider": "telephony", "name": "Mine", "settings": {"branch_id": id}}),
    ),
    ("form_create", "POST /forms", Subject::Branch, |id| json!({"name": "Mine", "source": "Web", "branch_id": id})),
    ("user_create", "POST /users", Subject::Branch, |id| {
        json!({
            "email": "a_member@example.com", "first_name": "Asha", "password": "correct horse battery", "role": "agent",
            "branch_ids": [id],
        })
    }),
    (
        "invite_create",
        "POST /invites",
        Subject::Branch,
        |id| json!({"email": "a_guest@example.com", "role": "agent", "branch_ids": [id]}),
    ),
    (
        "api_key_create",
        "POST /api-keys",
        Subject::Branch,
        |id| json!({"name": "Mine", "scopes": ["leads:read"], "reach": "branch", "branch_ids": [id]}),
    ),
    ("assignment_update", "PUT /organization/assignment", Subject::Person, |id| json!({"members": [{"user": id}]})),
    ("form_update", "PUT /forms/{own}", Subject::Branch, |id| json!({"branch_id": id})),
];

#[tokio::test]
async fn what_a_body_names_of_others_is_refused_in_the_words_for_what_is_not_there() {
    let house = House::new().await;
    let operations = operations();
    for (id, ask, subject, body) in NAMING {
        let operation = operations.iter().find(|operation| operation.id == id).expect("an operation");
        let (method, path) = ask.split_once(' ').expect("a method and a path");
        let own = match operation.id.split_once('_') {
            Some(("campaign", _)) => Subject::Campaign,
            Some(("form", _)) => Subject::Form,
            Some(("note", _)) => Subject::Note,
            _ => Subject::Lead,
        };
        let path = path.replace("{own}", &house.about(own, Place::Own, &house.admin).await);
        let mut answers = Vec::new();
        for place in [Place::OtherOrganization, Place::MadeUp] {
            let named = house.about(subject, place, &house.admin).await;
            let answer =
                house.to(operation.function, Ask::new(method, &path).json(&body(&named)).by(&house.admin)).await;
            answers.push((answer.status.as_u16(), words(&answer).replace(&named, "…")));
            if place == Place::OtherOrganization && subject == Subject::Lead {
                house.to("leads", Ask::get(format!("/leads/{named}")).by(&house.stranger)).await.expect(200);
            }
        }
        assert_eq!(answers[0], answers[1], "{id} {ask}");
        assert!(matches!(answers[0].0, 404 | 422) || answers[0].1.contains("not_found"), "{id} {ask}: {answers:?}");
    }
}

#[tokio::test]
async fn whoever_reaches_a_branch_gives_nothing_to_another() {
    let house = House::new().await;
    let manager = &house.people.iter().find(|(role, _)| *role == Role::Manager).expect("a manager").1;
    let lead = house.about(Subject::Lead, Place::Own, manager).await;
    let elsewhere = text(&json!(house.ours.other_branch));
    for (method, path, body) in [
        ("PUT", format!("/leads/{lead}"), json!({"branch_id": elsewhere})),
        ("POST", "/leads".to_owned(), json!({"full_name": "Mine", "branch_id": elsewhere})),
    ] {
        let answer = house.to("leads", Ask::new(method, path).json(&body).by(manager)).await;
        assert_eq!(answer.expect(422).wrong(), [("branch_id".to_owned(), "unknown_branch".to_owned())]);
    }
}
