//! Clients that were offline.

use domain::{LeadId, Role};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person};

use crate::{Ground, id, named};

impl Ground {
    /// What `person`'s client must know behind `since`, followed to its end: leads, what is gone, where to go on.
    async fn fetched(&self, person: &Person, since: Option<&str>) -> (Vec<Value>, Vec<String>, String) {
        let (mut leads, mut gone, mut next) = (Vec::new(), Vec::new(), since.map(str::to_owned));
        loop {
            let since = next.as_ref().map_or_else(String::new, |next| format!("&since={next}"));
            let path = format!("/leads/sync/{}?limit=2{since}", person.user);
            let part = Ask::get(path).by(person).of(&self.router).await.data(200);
            leads.extend(part["server_changes"].as_array().expect("a list").iter().cloned());
            gone.extend(part["deleted_ids"].as_array().expect("a list").iter().map(text));
            next = Some(text(&part["next_cursor"]));
            if part["has_more"] == json!(false) {
                return (leads, gone, text(&part["next_cursor"]));
            }
        }
    }

    async fn pushed(&self, person: &Person, changes: Value) -> Value {
        let body = json!({"client_id": "a phone", "changes": changes});
        Ask::post("/leads/sync", body).by(person).of(&self.router).await.data(200)
    }

    async fn own_lead(&self, person: &Person, body: Value) -> Value {
        Ask::post("/leads", body).by(person).of(&self.router).await.data(201)
    }

    async fn put(&self, lead: &Value, body: Value) -> Value {
        Ask::put(format!("/leads/{}", id(lead)), body).by(&self.admin).of(&self.router).await.data(200)
    }

    fn later(&self, seconds: i64) {
        self.world.clock.advance(SignedDuration::from_secs(seconds));
    }

    fn an_id(&self) -> String {
        LeadId::at(self.world.platform.now(), self.world.platform.random()).to_string()
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn update(lead: &Value, fields: &Value) -> Value {
    json!({"op": "update", "id": lead["id"], "base_version": lead["version"], "fields": fields})
}

fn ids(leads: &[Value]) -> Vec<&str> {
    leads.iter().map(id).collect()
}

#[tokio::test]
async fn a_client_begins_with_all_and_goes_on_with_what_changed() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let mut leads = Vec::new();
    for n in 0..5 {
        leads.push(ground.own_lead(&agent, named(&format!("Lead {n}"))).await);
    }
    ground.a_lead(named("Nobody's")).await;
    ground.world.settle().await;
    let (first, gone, next) = ground.fetched(&agent, None).await;
    assert_eq!((first.len(), gone.len()), (5, 0));

    ground.later(300);
    let (again, gone, next) = ground.fetched(&agent, Some(&next)).await;
    assert!(again.len() <= 5 && gone.is_empty(), "what came just before may be told again");
    ground.later(300);
    let (quiet, _, next) = ground.fetched(&agent, Some(&next)).await;
    assert!(quiet.is_empty());

    ground.put(&leads[2], json!({"city": "Pune"})).await;
    Ask::delete(format!("/leads/{}", id(&leads[3]))).by(&ground.admin).of(&ground.router).await.expect(200);
    ground.world.settle().await;
    let (changed, gone, _) = ground.fetched(&agent, Some(&next)).await;
    assert_eq!((ids(&changed), gone), (vec![id(&leads[2])], vec![id(&leads[3]).to_owned()]));
    assert_eq!(changed[0]["city"], "Pune");
}

#[tokio::test]
async fn a_lead_that_moves_to_somebody_else_leaves_one_client_and_comes_to_the_other() {
    let ground = Ground::new().await;
    let (from, to) = (ground.person(Role::Agent).await, ground.person(Role::Agent).await);
    let lead = ground.own_lead(&from, named("Asha Example")).await;
    ground.world.settle().await;
    ground.later(300);
    let (_, _, of_from) = ground.fetched(&from, None).await;
    let (_, _, of_to) = ground.fetched(&to, None).await;
    let assign = Ask::post(format!("/leads/{}/assign", id(&lead)), json!({"assigned_to": to.user}));
    assign.by(&ground.admin).of(&ground.router).await.expect(200);
    ground.world.settle().await;
    let (leads, gone, _) = ground.fetched(&from, Some(&of_from)).await;
    assert_eq!((leads.len(), gone), (0, vec![id(&lead).to_owned()]));
    let (leads, gone, _) = ground.fetched(&to, Some(&of_to)).await;
    assert_eq!((ids(&leads), gone.len()), (vec![id(&lead)], 0));
}

#[tokio::test]
async fn what_others_changed_elsewhere_in_the_lead_is_no_conflict() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let body = json!({"full_name": "Asha Example", "custom_fields": {"course": "MBBS", "year": 1}});
    let lead = ground.own_lead(&agent, body).await;
    ground.put(&lead, json!({"city": "Pune", "custom_fields": {"year": 2}})).await;
    let change = update(&lead, &json!({"source": "Google", "custom_fields": {"course": "BDS"}}));
    let answer = ground.pushed(&agent, json!([change])).await;
    assert_eq!((&answer["conflicts"], &answer["rejected"]), (&json!([]), &json!([])));
    assert_eq!(answer["applied"][0]["version"], 3);
    let merged = ground.get(&format!("/leads/{}", id(&lead))).await;
    assert_eq!((&merged["city"], &merged["source"]), (&json!("Pune"), &json!("Google")));
    assert_eq!(merged["custom_fields"], json!({"course": "BDS", "year": 2}));
}

#[tokio::test]
async fn a_field_that_both_changed_keeps_its_value_until_the_conflict_is_resolved() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.own_lead(&agent, named("Asha Example")).await;
    ground.put(&lead, json!({"city": "Pune", "source": "Google"})).await;
    let change = update(&lead, &json!({"city": "Nagpur", "source": "Google", "medium": "cpc"}));
    let answer = ground.pushed(&agent, json!([change])).await;
    let conflict = &answer["conflicts"][0];
    assert_eq!(conflict["fields"], json!([{"field": "city", "client": "Nagpur", "server": "Pune"}]));
    assert_eq!((&conflict["server"]["medium"], &conflict["version"]), (&json!("cpc"), &json!(3)), "the rest is done");
    let resolved = json!({"op": "update", "id": lead["id"], "base_version": 3, "fields": {"city": "Nagpur"}});
    let answer = ground.pushed(&agent, json!([resolved])).await;
    assert_eq!(answer["applied"][0]["version"], 4);
    assert_eq!(ground.get(&format!("/leads/{}", id(&lead))).await["city"], "Nagpur");
}

#[tokio::test]
async fn a_stage_goes_with_the_details_and_conflicts_as_they_do() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let (lead, other) =
        (ground.own_lead(&agent, named("Asha Example")).await, ground.own_lead(&agent, named("Bela Example")).await);
    let answer = ground.pushed(&agent, json!([update(&lead, &json!({"status": "assessment", "city": "Pune"}))])).await;
    assert_eq!(answer["applied"][0]["version"], 2, "one change, one event");
    let lost = json!({"status": "lost", "reason": "no budget"});
    Ask::post(format!("/leads/{}/status", id(&other)), lost).by(&ground.admin).of(&ground.router).await.expect(200);
    let answer = ground.pushed(&agent, json!([update(&other, &json!({"status": "assessment"}))])).await;
    let field = json!({"field": "status", "client": "assessment", "server": "lost"});
    assert_eq!(answer["conflicts"][0]["fields"], json!([field]));
    let far = ground.pushed(
        &agent,
        json!([{"op": "update", "id": lead["id"], "base_version": 2,
        "fields": {"status": "converted"}}]),
    );
    assert_eq!(far.await["rejected"][0]["errors"][0]["field"], "status");
    ground.world.settle().await;
    let stages = ground.world.platform.table().live_leads(ground.tenant.organization).await.expect("a figure");
    assert_eq!(stages, 2);
}

#[tokio::test]
async fn a_batch_that_comes_again_changes_nothing_and_answers_the_same() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.own_lead(&agent, named("Asha Example")).await;
    let new = ground.an_id();
    let batch = json!([
        update(&lead, &json!({"city": "Nagpur"})),
        update(&lead, &json!({"city": "Pune"})),
        {"op": "create", "id": new, "fields": {"full_name": "New Example", "phone": "9876543210"}},
        {"op": "update", "id": new, "base_version": 1, "fields": {"city": "Pune"}},
    ]);
    let first = ground.pushed(&agent, batch.clone()).await;
    assert_eq!((&first["conflicts"], &first["rejected"]), (&json!([]), &json!([])), "one's own changes agree");
    // Somebody else changes what the batch changed; then the batch comes again, as its answer was lost.
    ground.put(&lead, json!({"city": "Mumbai"})).await;
    let state = async |lead: String| ground.get(&format!("/leads/{lead}")).await;
    let before = (state(text(&lead["id"])).await, state(new.clone()).await);
    let second = ground.pushed(&agent, batch).await;
    assert_eq!((&second["conflicts"], &second["rejected"]), (&json!([]), &json!([])));
    let indexes = |answer: &Value| {
        let applied = answer["applied"].as_array().expect("a list");
        applied.iter().map(|applied| applied["index"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(indexes(&first), indexes(&second));
    assert_eq!((state(text(&lead["id"])).await, state(new.clone()).await), before);
    assert_eq!((&before.0["city"], &before.1["city"]), (&json!("Mumbai"), &json!("Pune")));
}

#[tokio::test]
async fn a_change_that_cannot_be_done_is_told_alone() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.own_lead(&agent, json!({"full_name": "Asha Example", "phone": "9876543210"})).await;
    let foreign = ground.a_lead(named("Not theirs")).await;
    let (taken, wrong) = (ground.an_id(), ground.an_id());
    let answer = ground
        .pushed(
            &agent,
            json!([
                {"op": "create", "id": taken, "fields": {"full_name": "Same Number", "phone": "9876543210"}},
                {"op": "create", "id": wrong, "fields": {"phone": "12", "email": "nobody"}},
                update(&foreign, &json!({"city": "Pune"})),
                {"op": "update", "id": lead["id"], "fields": {}},
                {"op": "update", "id": lead["id"], "base_version": 99, "fields": {"city": "Pune"}},
                {"op": "change", "id": 7},
                {"op": "delete", "id": lead["id"]},
                update(&lead, &json!({"city": "Pune", "shoe_size": 42})),
                {"op": "create", "id": lead["id"], "fields": {"full_name": "Other Example"}},
            ]),
        )
        .await;
    let rejected = answer["rejected"].as_array().expect("a list");
    let codes: Vec<(u64, &str)> = rejected
        .iter()
        .map(|rejected| (rejected["index"].as_u64().expect("a place"), rejected["code"].as_str().expect("a code")))
        .collect();
    assert_eq!(
        codes,
        [
            (0, "taken"),
            (1, "invalid_fields"),
            (2, "not_found"),
            (3, "invalid_fields"),
            (4, "invalid_fields"),
            (5, "invalid_fields"),
            (6, "forbidden"),
            (8, "exists"),
        ]
    );
    assert_eq!(rejected[0]["existing_id"], lead["id"]);
    let fields: Vec<&Value> =
        rejected[1]["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["email", "phone"]);
    assert_eq!(answer["applied"][0]["ignored"], json!(["shoe_size"]), "what has no effect is told");
}

#[tokio::test]
async fn a_deleted_lead_is_told_as_such() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(named("Asha Example")).await;
    let changed = ground.put(&lead, json!({"city": "Pune"})).await;
    let delete = |base: &Value| json!([{"op": "delete", "id": lead["id"], "base_version": base}]);
    // Somebody who did not see the change may not know what they delete.
    let manager = ground.person(Role::Manager).await;
    let answer = ground.pushed(&manager, delete(&json!(1))).await;
    assert_eq!(answer["conflicts"][0]["server"]["city"], "Pune");
    for _ in 0..2 {
        let answer = ground.pushed(&manager, delete(&changed["version"])).await;
        assert_eq!(answer["applied"][0]["id"], lead["id"]);
    }
    let answer = ground.pushed(&manager, json!([update(&lead, &json!({"city": "Nagpur"}))])).await;
    assert_eq!((&answer["conflicts"][0]["server"], &answer["conflicts"][0]["fields"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn a_cursor_is_its_persons_alone_and_does_not_live_forever() {
    let ground = Ground::new().await;
    let (agent, other) = (ground.person(Role::Agent).await, ground.person(Role::Agent).await);
    let (_, _, next) = ground.fetched(&agent, None).await;
    let ask = async |person: &Person, of: &Person, since: &str| -> Answer {
        Ask::get(format!("/leads/sync/{}?since={since}", of.user)).by(person).of(&ground.router).await
    };
    assert_eq!(ask(&other, &other, &next).await.expect(422).wrong(), [("since".into(), "bad_cursor".into())]);
    ask(&other, &agent, &next).await.expect(404);
    ask(&ground.admin, &agent, &next).await.expect(200);
    ground.later(31 * 24 * 3_600);
    let admin = ground.person(Role::Admin).await;
    assert_eq!(ask(&admin, &agent, &next).await.expect(410).json()["code"], "sync_expired");
}

#[tokio::test]
async fn a_batch_has_its_bounds() {
    let ground = Ground::new().await;
    let many = vec![json!({"op": "delete", "id": "x"}); 101];
    for (body, field) in [
        (json!({"changes": many}), "changes"),
        (json!({"changes": {}}), "changes"),
        (json!({"limit": 0}), "limit"),
        (json!({"limit": 201}), "limit"),
        (json!({"client_id": "x".repeat(101)}), "client_id"),
        (json!({"since": "x"}), "since"),
    ] {
        let answer = Ask::post("/leads/sync", body).by(&ground.admin).of(&ground.router).await;
        assert_eq!(answer.expect(422).wrong()[0].0, field);
    }
}

#[tokio::test]
async fn a_deletion_that_comes_again_deletes_nothing_that_came_back() {
    let ground = Ground::new().await;
    let lead = ground.own_lead(&ground.admin, json!({"full_name": "Asha Example"})).await;
    for base in [json!(1), Value::Null] {
        let batch = json!([{"op": "delete", "id": lead["id"], "base_version": base}]);
        ground.pushed(&ground.admin, batch.clone()).await;
        let path = format!("/leads/{}", id(&lead));
        Ask::get(&path).by(&ground.admin).of(&ground.router).await.expect(404);
        Ask::new("POST", format!("{path}/restore")).by(&ground.admin).of(&ground.router).await.expect(200);
        assert_eq!(ground.pushed(&ground.admin, batch).await["applied"].as_array().map(Vec::len), Some(1));
        Ask::get(&path).by(&ground.admin).of(&ground.router).await.expect(200);
        ground.put(&lead, json!({"city": "Akola"})).await;
    }
}

#[tokio::test]
async fn whoever_did_not_hear_of_a_conflict_hears_of_it_again() {
    let ground = Ground::new().await;
    let lead = ground.own_lead(&ground.admin, json!({"full_name": "Asha Example"})).await;
    ground.put(&lead, json!({"city": "Pune"})).await;
    let batch = json!([update(&lead, &json!({"city": "Akola", "medium": "Fair"}))]);
    let first = ground.pushed(&ground.admin, batch.clone()).await;
    let again = ground.pushed(&ground.admin, batch.clone()).await;
    let told = json!([{"field": "city", "client": "Akola", "server": "Pune"}]);
    for answer in [&first, &again] {
        assert_eq!((&answer["conflicts"][0]["fields"], &answer["applied"]), (&told, &json!([])));
    }
    assert_eq!(first["conflicts"], again["conflicts"]);
    // Once it stands as the client wanted it there is nothing to tell.
    ground.put(&lead, json!({"city": "Akola"})).await;
    assert_eq!(ground.pushed(&ground.admin, batch).await["conflicts"], json!([]));
}
