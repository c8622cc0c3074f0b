//! Service levels are made, changed, deleted and restored.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Desk, text};

const PATH: &str = "/v1/sla-policies";

fn a_level() -> Value {
    json!({
        "name": "Answer soon", "conditions": "source == 'facebook'",
        "targets": [
            {"target": "first_response", "within": 3600, "warn_at_percent": 80, "escalations": [
                {"at": "warning", "actions": [{"type": "notify", "to": ["owner"], "message": "Call {{ name }}"}]},
                {"after": 1800, "actions": [{"type": "notify", "to": ["manager"], "message": "{{ name }} waits"}]},
            ]},
            {"target": "resolution", "within": 864_000, "hours": "around_the_clock", "until": ["meeting"]},
        ],
    })
}

#[tokio::test]
async fn a_level_is_shown_as_it_was_written_and_can_be_sent_back() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post(PATH, a_level())).await.data(201);
    assert_eq!((&made["enabled"], &made["applies_to"], &made["revision"]), (&json!(true), &json!("lead"), &json!(1)));
    assert_eq!((&made["targets"][0]["hours"], &made["targets"][0]["from"]), (&json!("business"), &json!("created")));
    assert_eq!(made["targets"][1]["until"], json!(["meeting"]));
    let path = format!("{PATH}/{}", text(&made["id"]));
    assert_eq!(desk.ask(Ask::get(&path)).await.data(200), made);
    assert_eq!(desk.ask(Ask::get(PATH)).await.data(200)["policies"], json!([made]));
    let again = desk.ask(Ask::put(&path, made.clone())).await.data(200);
    assert_eq!((&again["version"], &again["revision"]), (&json!(1), &json!(1)));
    let off = desk.ask(Ask::put(&path, json!({"enabled": false}))).await.data(200);
    assert_eq!((&off["enabled"], &off["revision"]), (&json!(false), &json!(1)));
    let other = json!({"targets": [{"target": "resolution", "within": 60}]});
    assert_eq!(desk.ask(Ask::put(&path, other)).await.data(200)["revision"], 2);
    desk.ask(Ask::put(&path, json!({"name": "Other"})).header("if-match", "\"1\"")).await.expect(412);
    assert_eq!(desk.ask(Ask::get(format!("{path}/clocks?state=running"))).await.data(200)["clocks"], json!([]));
    let unknown = desk.ask(Ask::get(format!("{path}/clocks?state=late"))).await;
    assert_eq!(unknown.expect(422).wrong(), [("state".to_owned(), "unknown_clock_state".to_owned())]);
}

#[tokio::test]
async fn what_is_deleted_comes_back_as_it_was() {
    let desk = Desk::new().await;
    let made = desk.ask(Ask::post(PATH, a_level())).await.data(201);
    let path = format!("{PATH}/{}", text(&made["id"]));
    desk.ask(Ask::delete(&path)).await.expect(200);
    desk.ask(Ask::get(&path)).await.expect(404);
    let back = desk.ask(Ask::post(format!("{path}/restore"), json!({}))).await.data(200);
    assert_eq!((&back["targets"], &back["conditions"]), (&made["targets"], &made["conditions"]));
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_and_there_are_bounds() {
    let desk = Desk::new().await;
    let body = json!({
        "applies_to": "moon", "conditions": {"score": "many"}, "enabled": "yes",
        "targets": [{"target": "hurry", "within": -1, "escalations": [{"after": 0, "actions": [{"type": "dance"}]}]}],
    });
    let mut wrong = desk.ask(Ask::post(PATH, body)).await.expect(422).wrong();
    wrong.sort();
    let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
    let expected = [
        "applies_to",
        "conditions.score",
        "enabled",
        "name",
        "targets.0.escalations.0.actions.0.type",
        "targets.0.target",
        "targets.0.within",
    ];
    assert_eq!(fields, expected);
    let three = json!({"name": "Many", "targets": [{"target": "resolution", "within": 60}, {}, {}]});
    assert_eq!(desk.ask(Ask::post(PATH, three)).await.expect(422).wrong()[0].1, "too_many");
    for _ in 0..domain::sla::MAX_POLICIES.get() {
        desk.ask(Ask::post(PATH, a_level())).await.expect(201);
    }
    assert_eq!(desk.ask(Ask::post(PATH, a_level())).await.expect(409).json()["code"], "too_many_policies");
}

#[tokio::test]
async fn whoever_works_leads_sees_levels_and_makes_none() {
    let desk = Desk::new().await;
    let agent = desk.person(Role::Agent).await;
    Ask::get(PATH).by(&agent).of(&desk.router).await.expect(200);
    Ask::post(PATH, a_level()).by(&agent).of(&desk.router).await.expect(403);
}
