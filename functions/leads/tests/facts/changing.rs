use domain::Role;
use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::{Ground, id, named};

#[tokio::test]
async fn a_merge_update_keeps_what_is_absent_and_clears_what_is_null() {
    let ground = Ground::new().await;
    let lead = ground
        .a_lead(
            json!({"full_name": "Asha Example", "city": "Pune", "source": "Google", "custom_fields": {"a": 1, "b": 2}}),
        )
        .await;
    let patch = json!({"city": null, "custom_fields": {"a": null, "c": 3}});
    let path = format!("/leads/{}", id(&lead));
    let changed = Ask::put(&path, patch).by(&ground.admin).of(&ground.router).await.data(200);
    assert_eq!(changed["full_name"], "Asha Example");
    assert_eq!(changed["source"], "Google");
    assert!(changed["city"].is_null());
    assert_eq!(changed["custom_fields"], json!({"b": 2, "c": 3}));
    let same = Ask::new("PATCH", &path).json(&json!({})).by(&ground.admin).of(&ground.router).await.data(200);
    assert_eq!(same["version"], changed["version"], "what changes nothing writes nothing");
}

#[tokio::test]
async fn of_two_writers_one_wins_and_the_other_is_told_which_fields() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(json!({"full_name": "Asha Example", "city": "Pune"})).await;
    let path = format!("/leads/{}", id(&lead));
    let write = |body| Ask::put(&path, body).header("if-match", "\"1\"").by(&ground.admin);
    write(json!({"city": "Nashik", "source": "Google"})).of(&ground.router).await.expect(200);
    let late = write(json!({"city": "Mumbai", "full_name": "Asha E."})).of(&ground.router).await;
    late.expect(412);
    assert_eq!(late.wrong(), [("city".to_owned(), "changed_meanwhile".to_owned())]);
    assert_eq!(late.json()["current_version"], 2);
    assert_eq!(ground.get(&path).await["city"], "Nashik");
}

#[tokio::test]
async fn no_update_is_lost_among_many_at_once() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(named("Asha Example")).await;
    let path = format!("/leads/{}", id(&lead));
    let writes = (0..6).map(|number| {
        let mut fields = serde_json::Map::new();
        fields.insert(format!("f{number}"), number.into());
        Ask::put(&path, json!({"custom_fields": fields})).by(&ground.admin).of(&ground.router)
    });
    let answers = futures::future::join_all(writes).await;
    let written = answers.iter().filter(|answer| answer.status == 200).count();
    let kept = ground.get(&path).await["custom_fields"].as_object().map(serde_json::Map::len);
    assert_eq!(kept, Some(written));
    assert_eq!(written, 6);
}

#[tokio::test]
async fn a_lead_moves_by_the_rules_and_its_stays_are_kept() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(json!({"full_name": "Asha Example", "assigned_to": agent.user})).await;
    let path = format!("/leads/{}/status", id(&lead));
    let go = |body| Ask::post(&path, body).by(&agent);
    ground.world.clock.advance(SignedDuration::from_mins(20));
    let moved = go(json!({"status": "assessment"})).of(&ground.router).await.data(200);
    assert_eq!(moved["status"], "assessment");
    let skipped = go(json!({"status": "converted", "reason": "in a hurry"})).of(&ground.router).await;
    assert_eq!(skipped.expect(422).wrong()[0].0, "status");
    let lost = go(json!({"status": "lost"})).of(&ground.router).await;
    assert_eq!(lost.expect(422).wrong()[0].0, "reason");
    go(json!({"status": "lost", "reason": "moved away"})).of(&ground.router).await.expect(200);
    let history = ground.get(&format!("/leads/{}/history", id(&lead))).await;
    let actions: Vec<&str> =
        history["history"].as_array().expect("a list").iter().filter_map(|e| e["action"].as_str()).collect();
    assert_eq!(actions, ["lead.stage_changed", "lead.stage_changed", "lead.created"]);
    assert_eq!(history["history"][0]["reason"], "moved away");
    assert_eq!(
        history["history"][0]["changes"][0],
        json!({"field": "status", "before": "assessment", "after": "lost"})
    );
}

#[tokio::test]
async fn a_lead_is_given_only_to_somebody_of_the_organization() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let (_, stranger) = ground.world.an_admin().await;
    let lead = ground.a_lead(named("Asha Example")).await;
    let path = format!("/leads/{}/assign", id(&lead));
    let given = Ask::post(&path, json!({"assigned_to": agent.user})).by(&ground.admin).of(&ground.router).await;
    assert_eq!(given.data(200)["assigned_to"], agent.user.to_string());
    let refused = Ask::post(&path, json!({"agentId": stranger.user})).by(&ground.admin).of(&ground.router).await;
    assert_eq!(refused.expect(422).wrong(), [("assigned_to".to_owned(), "unknown_user".to_owned())]);
    let back = Ask::post(&path, json!({"assigned_to": null})).by(&ground.admin).of(&ground.router).await;
    assert!(back.data(200)["assigned_to"].is_null());
    Ask::post(&path, json!({})).by(&ground.admin).of(&ground.router).await.expect(422);
}

#[tokio::test]
async fn a_deleted_lead_is_gone_until_it_is_restored() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(json!({"full_name": "Asha Example", "email": "asha@example.com"})).await;
    let path = format!("/leads/{}", id(&lead));
    Ask::delete(&path).by(&ground.admin).of(&ground.router).await.expect(200);
    Ask::get(&path).by(&ground.admin).of(&ground.router).await.expect(404);
    Ask::delete(&path).by(&ground.admin).of(&ground.router).await.expect(404);
    ground.world.settle().await;
    let list = ground.get("/leads").await;
    assert_eq!(list["pagination"]["total_records"], 0);
    let restored = Ask::post(format!("{path}/restore"), json!({})).by(&ground.admin).of(&ground.router).await.data(200);
    assert_eq!(restored["email"], "asha@example.com");
    Ask::post(format!("{path}/restore"), json!({})).by(&ground.admin).of(&ground.router).await.expect(404);
    assert_eq!(ground.get(&path).await["version"], 3);
}

#[tokio::test]
async fn a_purged_lead_takes_its_history_with_it() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(named("Asha Example")).await;
    let path = format!("/leads/{}", id(&lead));
    Ask::delete(&path).by(&ground.admin).of(&ground.router).await.expect(200);
    ground.world.clock.advance(SignedDuration::from_hours(24 * 31));
    ground.world.settle_audited().await;
    ground.world.standins.dynamo.sweep_ttl().await.expect("a sweep");
    ground.world.settle_audited().await;
    let client = ground.world.standins.dynamo.client();
    let left = client.scan().table_name(testkit::TABLE).send().await.expect("a scan");
    let of_lead: Vec<_> =
        left.items().iter().filter(|item| item["pk"].as_s().is_ok_and(|pk| pk.contains(id(&lead)))).collect();
    assert_eq!(of_lead.len(), 1, "only that it was purged");
    let last = of_lead[0]["d"].as_s().expect("an event");
    assert!(last.contains("lead.purged") && !last.contains("Asha"), "{last}");
}

#[tokio::test]
async fn a_merge_shows_first_what_it_would_do_and_then_does_it() {
    let ground = Ground::new().await;
    let kept = ground.a_lead(json!({"full_name": "Asha Example", "email": "asha@example.com"})).await;
    let gone = ground.a_lead(json!({"full_name": "A. Example", "phone": "9876543210", "city": "Pune"})).await;
    let path = format!("/leads/{}/merge", id(&kept));
    let body = json!({"merge_id": gone["id"], "dry_run": true});
    let preview = Ask::post(&path, body).by(&ground.admin).of(&ground.router).await.data(200);
    assert_eq!(ground.get(&format!("/leads/{}", id(&kept))).await["version"], 1);
    let merged = Ask::post(&path, json!({"merge_id": gone["id"]})).by(&ground.admin).of(&ground.router).await.data(200);
    assert_eq!(preview, merged);
    let after = ground.get(&format!("/leads/{}", id(&kept))).await;
    assert_eq!((&after["phone"], &after["city"]), (&json!("+919876543210"), &json!("Pune")));
    assert_eq!(after["touches"], 2);
    Ask::get(format!("/leads/{}", id(&gone))).by(&ground.admin).of(&ground.router).await.expect(404);
    let taken = Ask::post("/leads", json!({"phone": "9876543210"})).by(&ground.admin).of(&ground.router).await;
    assert_eq!(taken.expect(409).json()["existing_id"], kept["id"]);
}

#[tokio::test]
async fn a_score_explains_itself() {
    let ground = Ground::new().await;
    let lead =
        ground.a_lead(json!({"full_name": "Asha Example", "phone": "9876543210", "email": "asha@example.com"})).await;
    let score = ground.get(&format!("/leads/{}/score", id(&lead))).await;
    assert_eq!(score["score"], lead["score"]);
    let sum: i64 = score["factors"].as_array().expect("factors").iter().filter_map(|f| f["points"].as_i64()).sum();
    assert_eq!(score["score"].as_i64(), Some(sum.clamp(0, 100)));
}
