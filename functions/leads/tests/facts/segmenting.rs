//! Segments of leads.

use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person};

use crate::{Ground, id, named, names};

impl Ground {
    /// A lead that comes a second after the one before.
    async fn comes(&self, name: &str, more: Value) -> Value {
        self.world.clock.advance(SignedDuration::from_secs(1));
        let mut lead = named(name);
        for (field, value) in more.as_object().expect("fields") {
            lead[field] = value.clone();
        }
        self.a_lead(lead).await
    }

    async fn segment(&self, body: Value) -> Value {
        self.ask(Ask::post("/segments", body)).await.data(201)
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.by(&self.admin).of(&self.router).await
    }

    /// The names of a segment's leads, page by page.
    async fn members(&self, segment: &Value, limit: u32, by: &Person) -> Vec<String> {
        let path = format!("/segments/{}/leads?limit={limit}", id(segment));
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = Ask::get(format!("{path}{cursor}")).by(by).of(&self.router).await.data(200);
            found.extend(names(&page).into_iter().map(str::to_owned));
            match page["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return found,
            }
        }
    }

    async fn count(&self, segment: &Value, by: &Person) -> (u64, bool) {
        let path = format!("/segments/{}/count", id(segment));
        let told = Ask::get(path).by(by).of(&self.router).await.data(200);
        (told["count"].as_u64().expect("a number"), told["at_least"].as_bool().expect("a flag"))
    }
}

#[tokio::test]
async fn a_segment_by_criteria_has_whoever_meets_them_when_somebody_looks() {
    let ground = Ground::new().await;
    let free = |qualification: &str, experience: u32| json!({"custom_fields": {"qualification": qualification, "experience": experience}});
    ground.comes("Too Fresh", free("MBBS", 2)).await;
    ground.comes("Other Subject", free("BDS", 5)).await;
    ground.comes("Asha Example", free("MBBS", 3)).await;
    let body = json!({
        "target_audience": "Qualified Medical Professionals",
        "target_criteria": {"qualification": "MBBS", "experience": ">2"},
    });
    let segment = ground.segment(body).await;
    assert_eq!((&segment["name"], &segment["kind"]), (&json!("Qualified Medical Professionals"), &json!("dynamic")));
    assert_eq!(ground.members(&segment, 50, &ground.admin).await, ["Asha Example"]);
    let late = ground.comes("Ravi Example", free("mbbs", 9)).await;
    assert_eq!(ground.members(&segment, 1, &ground.admin).await, ["Ravi Example", "Asha Example"]);
    assert_eq!(ground.count(&segment, &ground.admin).await, (2, false));
    ground.ask(Ask::delete(format!("/leads/{}", id(&late)))).await.expect(200);
    assert_eq!(ground.count(&segment, &ground.admin).await, (1, false));
}

#[tokio::test]
async fn a_list_in_an_object_means_one_of_these_and_an_index_tells_the_size() {
    let ground = Ground::new().await;
    for (name, city) in [("One", "Pune"), ("Two", "Nagpur"), ("Three", "Thane")] {
        ground.comes(name, json!({"city": city})).await;
    }
    ground.world.settle().await;
    let cities = ground.segment(json!({"name": "West", "target_audience": {"city": ["pune", "Thane"]}})).await;
    assert_eq!(ground.members(&cities, 50, &ground.admin).await, ["Three", "One"]);
    let fresh = ground.segment(json!({"name": "New", "criteria": {"status": "lead"}})).await;
    assert_eq!(ground.count(&fresh, &ground.admin).await, (3, false));
    let said = ground.segment(json!({"name": "Said", "criteria": "city == 'Pune' || city == 'Nagpur'"})).await;
    assert_eq!(ground.members(&said, 50, &ground.admin).await, ["Two", "One"]);
    assert_eq!(ground.count(&said, &ground.admin).await, (2, false));
}

#[tokio::test]
async fn a_list_has_those_who_were_put_on_it() {
    let ground = Ground::new().await;
    let mut leads = Vec::new();
    for name in ["One", "Two", "Three"] {
        leads.push(ground.comes(name, json!({})).await);
    }
    let ids: Vec<&str> = leads.iter().map(id).collect();
    let segment = ground.segment(json!({"name": "Few", "lead_ids": [ids[0], ids[1], ids[0]]})).await;
    assert_eq!((&segment["kind"], &segment["size"], &segment["criteria"]), (&json!("static"), &json!(2), &Value::Null));
    let path = format!("/segments/{}/leads", id(&segment));
    let changed = ground.ask(Ask::post(&path, json!({"add": [ids[2], ids[1]], "remove": [ids[0]]}))).await.data(200);
    assert_eq!(changed["size"], 2);
    assert_eq!(ground.members(&segment, 1, &ground.admin).await, ["Three", "Two"]);
    // Done again, it is the same.
    let again = ground.ask(Ask::post(&path, json!({"add": [ids[2], ids[1]], "remove": [ids[0]]}))).await.data(200);
    assert_eq!(again["version"], changed["version"]);
    ground.ask(Ask::delete(format!("/leads/{}", ids[2]))).await.expect(200);
    assert_eq!(ground.members(&segment, 50, &ground.admin).await, ["Two"]);
    assert_eq!(ground.count(&segment, &ground.admin).await, (1, false));
    let unknown = "lead_01k0000000e008000000000000";
    let wrong = ground.ask(Ask::post(&path, json!({"add": [ids[1], unknown]}))).await.expect(422).wrong();
    assert_eq!(wrong, [("add.1".to_owned(), "unknown_lead".to_owned())]);
    let dynamic = ground.segment(json!({"name": "Any", "criteria": {"city": "Pune"}})).await;
    let refused = ground.ask(Ask::post(format!("/segments/{}/leads", id(&dynamic)), json!({"add": [ids[1]]}))).await;
    assert_eq!(refused.expect(409).json()["code"], "no_list");
}

#[tokio::test]
async fn each_sees_of_a_segment_what_they_reach() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    ground.comes("Theirs", json!({"city": "Pune", "assigned_to": agent.user})).await;
    let other = ground.comes("Another's", json!({"city": "Pune"})).await;
    let segment = ground.segment(json!({"name": "Pune", "criteria": {"city": "Pune"}})).await;
    let listed = ground.segment(json!({"name": "List", "lead_ids": [id(&other)]})).await;
    assert_eq!(ground.members(&segment, 50, &ground.admin).await.len(), 2);
    assert_eq!(ground.members(&segment, 50, &agent).await, ["Theirs"]);
    assert_eq!(ground.count(&segment, &agent).await, (1, false));
    assert_eq!(ground.count(&listed, &agent).await, (0, false));
    let wrong = Ask::post("/segments", json!({"name": "Mine", "lead_ids": [id(&other)]})).by(&agent);
    wrong.of(&ground.router).await.expect(403);
}

#[tokio::test]
async fn a_segment_is_changed_deleted_and_brought_back() {
    let ground = Ground::new().await;
    let segment = ground.segment(json!({"name": "West", "criteria": {"city": "Pune"}})).await;
    let path = format!("/segments/{}", id(&segment));
    let changed = ground.ask(Ask::put(&path, json!({"description": "Of the west"}))).await.data(200);
    assert_eq!((&changed["criteria"], &changed["description"]), (&segment["criteria"], &json!("Of the west")));
    // What was shown can be sent back as it is.
    let again = ground.ask(Ask::put(&path, changed.clone())).await.data(200);
    assert_eq!(again["version"], changed["version"]);
    let listed = ground.ask(Ask::put(&path, json!({"lead_ids": []}))).await.data(200);
    assert_eq!((&listed["kind"], &listed["size"]), (&json!("static"), &json!(0)));
    ground.ask(Ask::delete(&path)).await.expect(200);
    ground.ask(Ask::get(&path)).await.expect(404);
    assert_eq!(ground.get("/segments").await["segments"], json!([]));
    ground.ask(Ask::post(format!("{path}/restore"), json!({}))).await.expect(200);
    assert_eq!(ground.get("/segments").await["segments"][0]["name"], "West");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let ground = Ground::new().await;
    let fields = |answer: Answer| {
        let mut fields: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
        fields.sort();
        fields
    };
    assert_eq!(fields(ground.ask(Ask::post("/segments", json!({}))).await), ["criteria", "name"]);
    let wrong = json!({"name": "", "criteria": {"score": "high"}, "lead_ids": ["x"]});
    assert_eq!(fields(ground.ask(Ask::post("/segments", wrong)).await), ["criteria.score", "lead_ids.0", "name"]);
    let two = json!({"name": "Two", "criteria": {"city": "Pune"}, "lead_ids": []});
    assert_eq!(fields(ground.ask(Ask::post("/segments", two)).await), ["lead_ids"]);
    let many: Vec<String> = (0..1_001).map(|n| format!("lead_01k0000000e00800000000{n:04}")).collect();
    assert_eq!(
        fields(ground.ask(Ask::post("/segments", json!({"name": "Many", "lead_ids": many}))).await),
        ["lead_ids"]
    );
}
