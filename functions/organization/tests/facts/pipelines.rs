//! The stages that leads go through.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

async fn the_pipeline(house: &House) -> (String, Value) {
    let list = house.get("/pipelines").await.data(200);
    assert_eq!(list["pagination"]["total_records"], 1);
    let pipeline = list["pipelines"][0].clone();
    (format!("/pipelines/{}", pipeline["id"].as_str().unwrap_or_default()), pipeline)
}

fn keys(pipeline: &Value) -> Vec<&str> {
    let stages = pipeline["stages"].as_array().expect("stages");
    stages.iter().filter_map(|stage| stage["key"].as_str()).collect()
}

fn without(pipeline: &Value, key: &str) -> Value {
    let stages = pipeline["stages"].as_array().cloned().unwrap_or_default();
    json!({"stages": stages.into_iter().filter(|stage| stage["key"] != key).collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_new_organization_has_the_usual_stages() {
    let house = House::new().await;
    let (path, pipeline) = the_pipeline(&house).await;
    assert_eq!(keys(&pipeline), ["lead", "assessment", "meeting", "converted", "lost"]);
    assert_eq!(house.get(&path).await.data(200), pipeline);
}

#[tokio::test]
async fn stages_can_be_added_named_and_put_in_order() {
    let house = House::new().await;
    let (path, mut pipeline) = the_pipeline(&house).await;
    pipeline["name"] = "Admissions".into();
    let stages = pipeline["stages"].as_array_mut().expect("stages");
    stages.push(json!({"key": "Site Visit", "name": "Site visit", "kind": "open", "position": 2, "sla_hours": 48}));
    let after = house.put(&path, pipeline).await.data(200);
    assert_eq!(after["name"], "Admissions");
    assert_eq!(keys(&after), ["lead", "assessment", "site_visit", "meeting", "converted", "lost"]);
    assert_eq!(after["stages"][2]["sla_hours"], 48);
}

#[tokio::test]
async fn a_stage_that_holds_leads_cannot_go() {
    let house = House::new().await;
    let (path, pipeline) = the_pipeline(&house).await;
    house.a_lead(house.tenant.other_branch).await;
    house.world.settle().await;
    let answer = house.put(&path, without(&pipeline, "lead")).await;
    answer.expect(409);
    assert_eq!(answer.json()["code"], "stage_in_use");
    assert_eq!(answer.json()["leads_by_stage"], json!({"lead": 1}));
    let after = house.put(&path, without(&pipeline, "assessment")).await.data(200);
    assert_eq!(keys(&after), ["lead", "meeting", "converted", "lost"]);
}

#[tokio::test]
async fn stages_that_make_no_pipeline_are_all_named() {
    let house = House::new().await;
    let (path, _) = the_pipeline(&house).await;
    let stages = json!({"stages": [
        {"key": "lead", "name": "Lead", "kind": "open"},
        {"key": "lead", "name": "", "kind": "maybe", "position": 70_000},
        7,
    ]});
    let answer = house.put(&path, stages).await;
    answer.expect(422);
    let wrong: Vec<String> = answer.wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["stages.1.name", "stages.1.kind", "stages.1.position", "stages.2"]);

    let answer = house.put(&path, json!({"stages": [{"key": "lead", "name": "Lead", "kind": "open"}]})).await;
    answer.expect(422);
    let codes: Vec<String> = answer.wrong().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["not_one_won_stage", "not_one_lost_stage"]);
}

#[tokio::test]
async fn everybody_who_works_leads_sees_the_stages_and_the_administrator_changes_them() {
    let house = House::new().await;
    let (path, _) = the_pipeline(&house).await;
    let manager = house.somebody(Role::Manager).await;
    Ask::get(&path).by(&manager).of(&house.router).await.expect(200);
    Ask::put(&path, json!({"name": "Mine"})).by(&manager).of(&house.router).await.expect(403);
    let (_, stranger) = house.world.an_admin().await;
    Ask::get(&path).by(&stranger).of(&house.router).await.expect(404);
    Ask::put(&path, json!({"name": "Mine"})).by(&stranger).of(&house.router).await.expect(404);
}
