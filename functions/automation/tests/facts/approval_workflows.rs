//! Approval workflows are made, changed, deleted and restored.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, text};

fn a_workflow(approver: &Value) -> Value {
    json!({
        "name": "Discounts", "description": "Above 10 %",
        "steps": [
            {"name": "Manager", "approvers": ["role:manager", approver], "needs": "all"},
            {"name": "Head", "approvers": ["manager"], "deadline_hours": 48, "on_deadline": "escalate",
             "escalate_to": [approver]},
        ],
    })
}

#[tokio::test]
async fn a_workflow_is_made_changed_deleted_and_restored() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post("/v1/approval-workflows", a_workflow(&json!(desk.admin.user)))).await.data(201);
    let path = format!("/v1/approval-workflows/{}", text(&made["id"]));
    assert_eq!((&made["enabled"], &made["allow_self"], &made["revision"]), (&json!(true), &json!(false), &json!(1)));
    assert_eq!((&made["steps"][0]["on_deadline"], &made["steps"][1]["needs"]), (&json!("remind"), &json!("any")));
    assert_eq!(desk.ask(Ask::get(&path)).await.data(200), made);
    assert_eq!(desk.ask(Ask::get("/v1/approval-workflows")).await.data(200)["workflows"], json!([made]));
    // What was shown can be sent back as it is.
    let again = desk.ask(Ask::put(&path, made.clone())).await.data(200);
    assert_eq!(again["version"], made["version"]);
    let renamed =
        desk.ask(Ask::new("PATCH", &path).json(&json!({"name": "Rebates", "description": null}))).await.data(200);
    assert_eq!(
        (&renamed["name"], &renamed["description"], &renamed["revision"]),
        (&json!("Rebates"), &json!(null), &json!(1))
    );
    let steps = json!({"steps": [{"name": "One", "approvers": ["manager"]}], "enabled": false});
    let changed = desk.ask(Ask::put(&path, steps)).await.data(200);
    assert_eq!((&changed["revision"], &changed["enabled"]), (&json!(2), &json!(false)));
    let enabled = desk.ask(Ask::get("/v1/approval-workflows?enabled=true")).await.data(200);
    assert_eq!(enabled["workflows"], json!([]));
    let stale = Ask::put(&path, json!({"name": "Other"})).header("if-match", "\"1\"");
    desk.ask(stale).await.expect(412);
    desk.ask(Ask::delete(&path)).await.expect(200);
    desk.ask(Ask::get(&path)).await.expect(404);
    let restored = desk.ask(Ask::post(format!("{path}/restore"), json!({}))).await.data(200);
    assert_eq!(restored["steps"], changed["steps"]);
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_and_people_and_roles_must_be_there() {
    let desk = Desk::new().await;
    let refused = async |body: Value| {
        let mut wrong = desk.ask(Ask::post("/v1/approval-workflows", body)).await.expect(422).wrong();
        wrong.sort();
        wrong
    };
    let codes = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
        expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
    };
    let wrong = refused(json!({"enabled": "maybe", "steps": [{"name": "A", "approvers": "manager"}, 5]})).await;
    let expected = [
        ("enabled", "not_boolean"),
        ("name", "required"),
        ("steps.0.approvers", "not_list"),
        ("steps.1", "not_object"),
    ];
    assert_eq!(wrong, codes(&expected));
    let step = |needs: &str| json!({"name": "A", "approvers": ["manager"], "needs": needs});
    for (steps, code) in [
        (json!([]), "required"),
        (json!(vec![step("any"); 11]), "too_many_steps"),
        (json!(vec![step("all"); 6]), "too_many_steps_of_all"),
    ] {
        assert_eq!(refused(json!({"name": "A", "steps": steps})).await, codes(&[("steps", code)]));
    }
    let (_, stranger) = desk.world.an_admin().await;
    let now = desk.world.platform.now();
    let role = domain::RoleId::at(now, desk.world.platform.random());
    let step = json!({
        "name": "A", "approvers": [stranger.user, format!("role:{role}"), "role:agent"], "deadline_hours": 1,
        "on_deadline": "escalate", "escalate_to": [desk.admin.user, stranger.user],
    });
    let expected = [
        ("steps.0.approvers.0", "unknown_user"),
        ("steps.0.approvers.1", "unknown_role"),
        ("steps.0.escalate_to.1", "unknown_user"),
    ];
    assert_eq!(refused(json!({"name": "A", "steps": [step]})).await, codes(&expected));
}

#[tokio::test]
async fn an_organization_has_so_many_and_whoever_may_not_write_makes_none() {
    let desk = Desk::new().await;
    let body = json!({"name": "A", "steps": [{"name": "A", "approvers": ["manager"]}]});
    for _ in 0..domain::approval::MAX_APPROVAL_WORKFLOWS.get() {
        desk.ask(Ask::post("/v1/approval-workflows", body.clone())).await.expect(201);
    }
    let one_more = desk.ask(Ask::post("/v1/approval-workflows", body.clone())).await;
    assert_eq!(one_more.expect(409).json()["code"], "too_many_workflows");
    let agent = desk.person(Role::Agent).await;
    Ask::post("/v1/approval-workflows", body).by(&agent).of(&desk.router).await.expect(403);
    Ask::get("/v1/approval-workflows").by(&agent).of(&desk.router).await.expect(200);
}
