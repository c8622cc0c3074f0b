//! Automations are made, changed, paused, deleted and restored.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, a_rule, text};

/// The admissions product's own example.
fn a_workflow() -> Value {
    json!({
        "name": "Lead Follow-up Sequence", "description": "Automated follow-up for new leads",
        "trigger_type": "lead_created",
        "trigger_conditions": {"source": "facebook", "qualification": "MBBS", "experience": ">2"},
        "actions": [
            {"type": "send_email", "delay": 0, "template": "welcome"},
            {"type": "send_sms", "delay": 3600, "message": "Thank you for interest"},
            {"type": "assign_counselor", "delay": 7200, "criteria": "specialization"},
        ],
        "status": "active", "is_enabled": true, "priority": 1,
    })
}

#[tokio::test]
async fn a_workflow_and_a_rule_are_one_record_under_both_paths() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post("/v1/automation/workflows", a_workflow())).await.data(201);
    let id = text(&made["id"]);
    assert_eq!(made["trigger_conditions"]["custom_fields.qualification"], json!({"eq": "MBBS"}));
    assert_eq!(made["trigger_conditions"]["custom_fields.experience"], json!({"gt": "2"}));
    assert_eq!((&made["actions"][1]["delay"], &made["actions"][1]["type"]), (&json!(3600), &json!("send_sms")));
    assert_eq!((&made["status"], &made["is_active"], &made["revision"]), (&json!("active"), &json!(true), &json!(1)));
    let rule = desk.ask(Ask::get(format!("/v1/automation/{id}"))).await.data(200);
    let workflow = desk.ask(Ask::get(format!("/v1/automation/workflows/{id}"))).await.data(200);
    assert_eq!((&rule, &workflow), (&made, &made));
    let rules = desk.ask(Ask::get("/v1/automation")).await.data(200);
    let workflows = desk.ask(Ask::get("/v1/automation/workflows?status=active")).await.data(200);
    assert_eq!((&rules["rules"][0], &workflows["workflows"][0]), (&made, &made));
    // What was shown can be sent back as it is.
    let again = desk.ask(Ask::put(format!("/v1/automation/{id}"), made.clone())).await.data(200);
    assert_eq!(again["version"], made["version"]);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_pausing_is_one() {
    let desk = Desk::new().await;
    let id = desk.made(a_rule()).await;
    let path = format!("/v1/automation/{id}");
    for body in [json!({"is_active": false}), json!({"is_enabled": false}), json!({"status": "inactive"})] {
        let paused = desk.ask(Ask::put(&path, body)).await.data(200);
        assert_eq!((&paused["status"], &paused["revision"]), (&json!("paused"), &json!(1)));
        let listed = desk.ask(Ask::get("/v1/automation?status=active")).await.data(200);
        assert_eq!(listed["rules"], json!([]));
        desk.ask(Ask::put(&path, json!({"status": "active"}))).await.expect(200);
    }
    let changed = desk.ask(Ask::new("PATCH", &path).json(&json!({"conditions": "score > 50"}))).await.data(200);
    assert_eq!((&changed["conditions"], &changed["revision"]), (&json!("score > 50"), &json!(2)));
    assert_eq!(changed["actions"].as_array().map(Vec::len), Some(1));
    // About other records from now on, its conditions are theirs.
    let moved = desk.ask(Ask::put(&path, json!({"trigger": "call_missed", "conditions": {"source": "web"}}))).await;
    assert_eq!(moved.data(200)["conditions"], json!({"lead.source": {"eq": "web"}}));
    let old = Ask::put(&path, json!({"name": "Other"})).header("if-match", "\"1\"");
    desk.ask(old).await.expect(412);
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    let desk = Desk::new().await;
    let body = json!({
        "trigger": "full_moon", "conditions": {"score": "many", "any": []}, "status": "sleeping",
        "actions": [
            {"type": "dance"}, {"type": "create_reminder", "due_in": -1}, {"type": "wait"},
            {"type": "send_email", "template": "poem"}, {"type": "call_webhook", "url": "http://example.com"},
            {"type": "update_status"}, {"type": "notify", "to": ["nobody"], "message": "x", "conditions": "a =="},
        ],
    });
    let mut wrong = desk.ask(Ask::post("/v1/automation", body)).await.expect(422).wrong();
    wrong.sort();
    let expected = [
        ("actions.0.type", "unknown_action"),
        ("actions.1.due_in", "out_of_range"),
        ("actions.1.title", "required"),
        ("actions.2.delay", "required"),
        ("actions.3.template", "unknown_template"),
        ("actions.4.url", "not_https"),
        ("actions.5.status", "required"),
        ("actions.6.conditions", "bad_expression"),
        ("actions.6.to", "unknown_recipient"),
        ("conditions.any", "not_a_group"),
        ("conditions.score", "not_a_number"),
        ("name", "required"),
        ("status", "unknown_workflow_status"),
        ("trigger", "unknown_trigger"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
    assert_eq!(wrong, expected);
}

#[tokio::test]
async fn there_are_bounds_and_each_has_a_name() {
    let desk = Desk::new().await;
    let with = |name: &str, value: Value| {
        let mut body = a_rule();
        body[name] = value;
        body
    };
    let step = &a_rule()["actions"][0];
    let conditions = |number: usize| (0..number).map(|n| format!("score != {n}")).collect::<Vec<_>>().join(" && ");
    let conditional = |number| json!({"type": "create_follow_up", "conditions": conditions(number)});
    for (name, value, code) in [
        ("actions", json!(vec![step; 21]), "too_many_steps"),
        ("actions", json!([]), "required"),
        ("conditions", json!(conditions(51)), "too_many_conditions"),
        ("actions", json!([conditional(26), conditional(26)]), "too_many_conditions"),
        ("conditions", json!("x".repeat(2_001)), "too_long"),
        ("conditions", json!(format!("{}a == 1", "(".repeat(40))), "too_deep"),
        ("actions", json!([{"type": "wait", "delay": 366 * 86_400 + 1}]), "out_of_range"),
        ("schedule", json!({"every_minutes": 4}), "out_of_range"),
    ] {
        let answer = desk.ask(Ask::post("/v1/automation", with(name, value))).await;
        let codes: Vec<String> = answer.expect(422).wrong().into_iter().map(|(_, code)| code).collect();
        assert!(codes.iter().any(|known| known == code), "{name}: {codes:?} without {code}");
    }
    desk.ask(Ask::post("/v1/automation", with("actions", json!(vec![step; 20])))).await.expect(201);
    for _ in 1..domain::automation::MAX_WORKFLOWS.get() {
        desk.made(a_rule()).await;
    }
    let one_more = desk.ask(Ask::post("/v1/automation", a_rule())).await;
    assert_eq!(one_more.expect(409).json()["code"], "too_many_workflows");
}

#[tokio::test]
async fn each_template_can_be_made_by_its_name_or_its_key() {
    let desk = Desk::new().await;
    let known = desk.ask(Ask::get("/v1/automation/templates")).await.data(200);
    let names: Vec<String> =
        known["templates"].as_array().expect("a list").iter().map(|one| text(&one["name"])).collect();
    let expected = ["New Lead Follow-up", "Missed Call Follow-up", "Lead Qualification", "Overdue Reminder Alert"];
    assert_eq!(names, expected);
    for template in known["templates"].as_array().expect("a list") {
        for word in [text(&template["name"]).replace(' ', "%20"), text(&template["key"])] {
            let made = desk.ask(Ask::post(format!("/v1/automation/from-template/{word}"), json!({}))).await.data(201);
            assert_eq!((&made["template"], &made["actions"]), (&template["key"], &template["actions"]));
            assert_eq!((&made["is_active"], &made["trigger"]), (&json!(true), &template["trigger"]));
        }
    }
    let own = json!({"name": "Mine", "is_active": false});
    let made = desk.ask(Ask::post("/v1/automation/from-template/new-lead-follow-up", own)).await.data(201);
    assert_eq!((&made["name"], &made["status"]), (&json!("Mine"), &json!("paused")));
    desk.ask(Ask::post("/v1/automation/from-template/world_peace", json!({}))).await.expect(404);
}

#[tokio::test]
async fn what_is_deleted_comes_back_as_it_was() {
    let desk = Desk::new().await;
    let mut body = a_rule();
    body["trigger"] = json!("schedule");
    body["schedule"] = json!({"daily_at": "09:00"});
    let id = desk.made(body).await;
    let path = format!("/v1/automation/{id}");
    let before = desk.ask(Ask::get(&path)).await.data(200);
    // Nine in the morning of the organization's zone, which is Kolkata's.
    assert_eq!(before["next_run_at"], "2026-11-21T03:30:00Z");
    desk.ask(Ask::delete(&path)).await.expect(200);
    desk.ask(Ask::get(&path)).await.expect(404);
    let after = desk.ask(Ask::post(format!("{path}/restore"), json!({}))).await.data(200);
    assert_eq!((&after["actions"], &after["next_run_at"]), (&before["actions"], &before["next_run_at"]));
}

#[tokio::test]
async fn nobody_gets_from_an_automation_what_they_lack() {
    let desk = Desk::new().await;
    let agent = desk.person(Role::Agent).await;
    let grant = domain::Caller::system(desk.tenant.organization, "test").own();
    let table = desk.world.platform.table();
    let id = domain::Membership::id_of(agent.user);
    let before: domain::Membership = table.get_to_change(&grant, id).await.expect("a member");
    let extra = [domain::Permission::AutomationWrite, domain::Permission::AutomationRead].into_iter().collect();
    let after = domain::Membership { extra, ..before.clone() };
    table.commit(&grant, domain::Change::update(before, after, "membership.updated")).await.expect("it");
    let body = json!({
        "name": "Mine", "trigger": "lead_created",
        "actions": [{"type": "assign_lead"}, {"type": "create_follow_up"}, {"type": "notify", "message": "x"}],
    });
    let answer = Ask::post("/v1/automation", body).by(&agent).of(&desk.router).await;
    let wrong = answer.expect(422).wrong();
    let expected = [("actions.0.type", "not_permitted"), ("actions.2.type", "not_permitted")];
    assert_eq!(wrong, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    // Nor do they let one go on, or change one, that does what they may not.
    let id = desk
        .made(json!({
            "name": "Theirs", "trigger": "lead_created", "status": "paused", "actions": [{"type": "assign_lead"}],
        }))
        .await;
    for body in [json!({"status": "active"}), json!({"conditions": {"score": ">5"}})] {
        let answer = Ask::put(format!("/v1/automation/{id}"), body).by(&agent).of(&desk.router).await;
        assert_eq!(answer.expect(422).wrong()[0].1, "not_permitted");
    }
    Ask::put(format!("/v1/automation/{id}"), json!({"name": "Renamed"})).by(&agent).of(&desk.router).await.expect(200);
}
