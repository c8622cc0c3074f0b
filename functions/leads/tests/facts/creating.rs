use domain::{Plan, Role};
use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::{Ground, id, named};

#[tokio::test]
async fn a_lead_begins_in_the_first_stage_and_is_found_by_its_id() {
    let ground = Ground::new().await;
    let body = json!({
        "full_name": "Asha Example", "email": "Asha@Example.com", "phone": "098765 43210", "source": "Website",
        "tags": ["mbbs"], "custom_fields": {"experience": 3}
    });
    let answer = Ask::post("/v1/leads", body).by(&ground.admin).of(&ground.router).await;
    let lead = answer.data(201);
    assert_eq!(lead["status"], "lead");
    assert_eq!(lead["phone"], "+919876543210");
    assert_eq!(lead["email"], "Asha@example.com");
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("location"), Some(format!("/leads/{}", id(&lead)).as_str()));
    assert_eq!(ground.get(&format!("/api/v1/leads/{}", id(&lead))).await, lead);
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let ground = Ground::new().await;
    let body =
        json!({"full_name": 7, "email": "nobody", "phone": "12", "priority": "soon", "tags": [1], "custom_fields": []});
    let answer = Ask::post("/leads", body).by(&ground.admin).of(&ground.router).await;
    answer.expect(422);
    let fields: Vec<String> = answer.wrong().into_iter().map(|(field, _)| field).collect();
    for field in ["full_name", "email", "phone", "priority", "tags.0", "custom_fields"] {
        assert!(fields.contains(&field.to_owned()), "{field} is not among {fields:?}");
    }
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.json()["request_id"].as_str().is_some_and(|id| id.starts_with("req_")));
}

#[tokio::test]
async fn a_lead_that_nobody_could_tell_apart_is_refused() {
    let ground = Ground::new().await;
    let answer = Ask::post("/leads", json!({"city": "Pune"})).by(&ground.admin).of(&ground.router).await;
    assert_eq!(answer.expect(422).wrong().len(), 4);
}

#[tokio::test]
async fn unknown_and_read_only_fields_are_warned_of_or_refused_where_that_is_preferred() {
    let ground = Ground::new().await;
    let body = json!({"full_name": "Asha Example", "sorce": "Website", "score": 100});
    let answer = Ask::post("/leads", body.clone()).by(&ground.admin).of(&ground.router).await;
    answer.expect(201);
    let warnings = answer.json()["warnings"].clone();
    assert_eq!(warnings, json!([{"field": "sorce", "code": "unknown_field"}, {"field": "score", "code": "read_only"}]));
    let strict =
        Ask::post("/leads", body).header("prefer", "handling=strict").by(&ground.admin).of(&ground.router).await;
    assert_eq!(strict.expect(422).wrong().len(), 2);
}

#[tokio::test]
async fn a_number_that_a_lead_has_is_taken_until_that_lead_is_deleted() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(json!({"full_name": "First Example", "phone": "9876543210"})).await;
    let second = json!({"full_name": "Second Example", "phone": "+91 98765 43210"});
    let refused = Ask::post("/leads", second.clone()).by(&ground.admin).of(&ground.router).await;
    refused.expect(409);
    assert_eq!(refused.wrong(), [("phone".to_owned(), "taken".to_owned())]);
    assert_eq!(refused.json()["existing_id"], lead["id"]);

    Ask::delete(format!("/leads/{}", id(&lead))).by(&ground.admin).of(&ground.router).await.expect(200);
    ground.a_lead(second).await;
    let restored =
        Ask::post(format!("/leads/{}/restore", id(&lead)), json!({})).by(&ground.admin).of(&ground.router).await;
    restored.expect(409);
    assert_eq!(restored.json()["code"], "taken");
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_makes_one_lead() {
    let ground = Ground::new().await;
    let ask = |body| Ask::post("/leads", body).header("idempotency-key", "k-1").by(&ground.admin);
    let first = ask(named("Asha Example")).of(&ground.router).await;
    let again = ask(named("Asha Example")).of(&ground.router).await;
    assert_eq!(first.data(201), again.data(201));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(ask(named("Another Example")).of(&ground.router).await.expect(422).json()["code"], "key_reused");
    assert_eq!(ground.get("/leads").await["leads"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_hundred_identical_posts_at_once_make_one_lead() {
    let ground = Ground::new().await;
    let ask = || Ask::post("/leads", named("Asha Example")).header("idempotency-key", "k-2").by(&ground.admin);
    let answers = futures::future::join_all((0..100).map(|_| ask().of(&ground.router))).await;
    for answer in &answers {
        assert!([201, 409].contains(&answer.status.as_u16()), "{}", answer.status);
    }
    assert!(answers.iter().any(|answer| answer.status == 201));
    assert_eq!(ground.get("/leads").await["leads"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_agents_lead_is_their_own_and_a_viewer_makes_none() {
    let ground = Ground::new().await;
    let (agent, viewer) = (ground.person(Role::Agent).await, ground.person(Role::Viewer).await);
    let lead = Ask::post("/leads", named("Asha Example")).by(&agent).of(&ground.router).await.data(201);
    assert_eq!(lead["assigned_to"], agent.user.to_string());
    let refused = Ask::post("/leads", named("Asha Example")).by(&viewer).of(&ground.router).await;
    assert_eq!(refused.expect(403).json()["permission"], "leads:write");
}

#[tokio::test]
async fn a_plan_holds_so_many_leads_and_no_more() {
    let ground = Ground::new().await;
    let gone = ground.a_lead(named("Gone Example")).await;
    Ask::delete(format!("/leads/{}", id(&gone))).by(&ground.admin).of(&ground.router).await.expect(200);
    ground.world.choose_plan(&ground.tenant, Plan::Starter, 1_999).await;
    ground.world.clock.advance(SignedDuration::from_secs(31));
    ground.a_lead(named("Last Example")).await;
    ground.world.settle().await;

    let restore = Ask::new("POST", format!("/leads/{}/restore", id(&gone)));
    for ask in [Ask::post("/leads", named("Late Example")), restore] {
        let problem = ask.by(&ground.admin).of(&ground.router).await.expect(403).json();
        assert_eq!(problem["code"], "plan_limit");
        assert_eq!((&problem["limit"], &problem["plan"]), (&json!(2_000), &json!("growth")));
    }
    ground.world.choose_plan(&ground.tenant, Plan::Enterprise, 0).await;
    ground.world.clock.advance(SignedDuration::from_secs(31));
    ground.a_lead(named("Late Example")).await;
}
