//! Branches, the walls of an organization.

use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

async fn a_branch(house: &House, name: &str) -> Value {
    house.post("/branches", json!({"name": name, "city": "Pune"})).await.data(201)
}

fn path(branch: &Value) -> String {
    format!("/branches/{}", branch["id"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_new_branch_is_where_its_location_says() {
    let house = House::new().await;
    let answer = house.post("/branches", json!({"name": " North  side "})).await;
    let branch = answer.data(201);
    assert_eq!(answer.header("location"), Some(path(&branch).as_str()));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!((&branch["name"], &branch["city"]), (&json!("North side"), &Value::Null));
    assert_eq!(house.get(&path(&branch)).await.data(200), branch);
    let list = house.get("/branches").await.data(200);
    assert_eq!(list["pagination"]["total_records"], 3);
    assert_eq!(list["branches"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_name_is_one_branchs_alone_until_it_is_closed() {
    let house = House::new().await;
    let first = a_branch(&house, "North").await;
    let taken = house.post("/branches", json!({"name": "NORTH"})).await;
    taken.expect(409);
    assert_eq!(taken.wrong(), [("name".into(), "taken".into())]);

    house.delete(&path(&first)).await.expect(200);
    a_branch(&house, "north").await;
    house.post(&format!("{}/restore", path(&first)), json!({})).await.expect(409);
}

#[tokio::test]
async fn the_head_office_cannot_be_closed() {
    let house = House::new().await;
    let answer = house.delete(&format!("/branches/{}", house.tenant.branch)).await;
    answer.expect(409);
    assert_eq!(answer.json()["code"], "head_office");
}

#[tokio::test]
async fn a_branch_that_something_belongs_to_cannot_be_closed() {
    let house = House::new().await;
    let branch = house.tenant.other_branch;
    let path = format!("/branches/{branch}");
    let lead = house.a_lead(branch).await;
    house.world.a_person(&house.tenant, Role::Counselor, branch).await;
    let form = json!({"name": "Website", "source": "website", "branch_id": branch});
    let form = house.post("/forms", form).await.data(201);
    let answer = house.delete(&path).await;
    answer.expect(409);
    assert_eq!(answer.json()["left"], json!(["leads", "members", "forms"]));

    house.delete(&format!("/forms/{}", form["id"].as_str().unwrap_or_default())).await.expect(200);
    let grant = domain::Caller::system(house.tenant.organization, "test").own();
    let gone = domain::Change::delete(lead, house.world.platform.now(), "lead.deleted");
    house.world.platform.table().commit(&grant, gone).await.expect("a change");
    assert_eq!(house.delete(&path).await.expect(409).json()["left"], json!(["members"]));
}

#[tokio::test]
async fn a_closed_branch_is_gone_and_can_be_brought_back() {
    let house = House::new().await;
    let branch = a_branch(&house, "North").await;
    let closed = house.delete(&path(&branch)).await.data(200);
    assert_eq!(closed["id"], branch["id"]);
    assert_eq!(closed["restorable_until"], "2026-12-20T10:00:00Z");
    house.get(&path(&branch)).await.expect(404);
    house.delete(&path(&branch)).await.expect(404);
    assert_eq!(house.get("/branches").await.data(200)["pagination"]["total_records"], 2);

    let restored = house.post(&format!("{}/restore", path(&branch)), json!({})).await.data(200);
    assert_eq!(restored["name"], "North");
    house.get(&path(&branch)).await.expect(200);
}

#[tokio::test]
async fn an_update_keeps_what_is_absent_and_clears_what_is_null() {
    let house = House::new().await;
    let branch = a_branch(&house, "North").await;
    let renamed = house.put(&path(&branch), json!({"name": "South"})).await.data(200);
    assert_eq!((&renamed["name"], &renamed["city"]), (&json!("South"), &json!("Pune")));
    let cleared = house.ask(Ask::new("PATCH", path(&branch)).json(&json!({"city": null}))).await.data(200);
    assert_eq!((&cleared["name"], &cleared["city"]), (&json!("South"), &Value::Null));
    let refused = house.put(&path(&branch), json!({"name": null})).await;
    refused.expect(422);
    assert_eq!(refused.wrong(), [("name".into(), "required".into())]);
}

#[tokio::test]
async fn a_late_writer_is_told_which_of_their_fields_others_changed() {
    let house = House::new().await;
    let branch = a_branch(&house, "North").await;
    house.put(&path(&branch), json!({"name": "South", "city": "Nagpur"})).await.expect(200);
    let late = Ask::put(path(&branch), json!({"city": "Nashik"})).header("if-match", "\"1\"");
    let answer = house.ask(late).await;
    answer.expect(412);
    assert_eq!(answer.wrong(), [("city".into(), "changed_meanwhile".into())]);
    assert_eq!(answer.json()["current_version"], 2);
    let now = Ask::put(path(&branch), json!({"city": "Nashik"})).header("if-match", "\"2\"");
    house.ask(now).await.expect(200);
}

#[tokio::test]
async fn a_whole_record_sent_back_changes_nothing_and_names_what_had_no_effect() {
    let house = House::new().await;
    let mut branch = a_branch(&house, "North").await;
    let answer = house.put(&path(&branch), branch.clone()).await;
    assert_eq!(answer.expect(200).header("etag"), Some("\"1\""), "nothing was written");
    let warned: Vec<Value> = ["id", "head_office", "created_at", "updated_at"]
        .map(|field| json!({"field": field, "code": "read_only"}))
        .into();
    assert_eq!(answer.json()["warnings"], json!(warned));

    branch["colour"] = "blue".into();
    let strict = Ask::put(path(&branch), branch.clone()).header("prefer", "handling=strict");
    let answer = house.ask(strict).await;
    answer.expect(422);
    assert_eq!(answer.wrong().last(), Some(&("colour".into(), "unknown_field".into())));
}

#[tokio::test]
async fn people_see_the_branches_they_reach_or_work_in() {
    let house = House::new().await;
    let ids = |answer: Value| -> Vec<Value> {
        answer["branches"].as_array().map(|all| all.iter().map(|each| each["id"].clone()).collect()).unwrap_or_default()
    };
    for role in [Role::Manager, Role::Agent] {
        let person = house.somebody(role).await;
        let list = Ask::get("/branches").by(&person).of(&house.router).await.data(200);
        assert_eq!(ids(list), [json!(house.tenant.branch)], "{role:?}");
        Ask::get(format!("/branches/{}", house.tenant.branch)).by(&person).of(&house.router).await.expect(200);
        Ask::get(format!("/branches/{}", house.tenant.other_branch)).by(&person).of(&house.router).await.expect(404);
        Ask::post("/branches", json!({"name": "Mine"})).by(&person).of(&house.router).await.expect(403);
    }
    let viewer = house.somebody(Role::Viewer).await;
    Ask::get("/branches").by(&viewer).of(&house.router).await.expect(403);
    Ask::get("/branches").of(&house.router).await.expect(401);
}

#[tokio::test]
async fn another_organizations_branch_looks_like_none() {
    let house = House::new().await;
    let (other, _) = house.world.an_admin().await;
    let strange = format!("/branches/{}", other.other_branch);
    let nowhere = "/branches/br_01kaf0v3hteb9s1z6vqk4m2x8y";
    for ask in [Ask::get, Ask::delete, |path: String| Ask::put(path, json!({"name": "Mine"}))] {
        let mut told = Vec::new();
        for path in [strange.as_str(), nowhere, "/branches/nonsense"] {
            let mut problem = house.ask(ask(path.to_owned())).await.expect(404).json();
            problem["request_id"] = Value::Null;
            told.push(problem);
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");
    }
}

#[tokio::test]
async fn pages_lead_through_the_list_in_each_style() {
    let house = House::new().await;
    for number in 0..5 {
        house.world.clock.advance(jiff::SignedDuration::from_secs(1));
        a_branch(&house, &format!("Branch {number}")).await;
    }
    house.world.settle().await;
    let names = |data: &Value| -> Vec<String> {
        let branches = data["branches"].as_array().cloned().unwrap_or_default();
        branches.iter().map(|each| each["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let first = house.get("/branches?limit=2").await.data(200);
    assert_eq!(names(&first), ["Branch 4", "Branch 3"]);
    assert_eq!(first["pagination"]["total_records"], 7);
    assert_eq!(first["pagination"]["total_pages"], 4);
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap_or_default();
    for second in [format!("cursor={cursor}"), "page=2".to_owned(), "offset=2".to_owned()] {
        let data = house.get(&format!("/branches?limit=2&{second}")).await.data(200);
        assert_eq!(names(&data), ["Branch 2", "Branch 1"], "{second}");
    }
    let refused = house.get("/branches?limit=201&page=x").await;
    refused.expect(422);
    assert_eq!(refused.wrong().len(), 2);
}
