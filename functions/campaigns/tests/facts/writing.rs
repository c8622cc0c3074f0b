//! Campaigns are written in the words of both products, and everything wrong is told at once.

use serde_json::{Value, json};
use testkit::Ask;

use crate::support::Press;

#[tokio::test]
async fn the_admissions_products_body_is_taken_as_it_is() {
    let press = Press::new().await;
    let body = json!({
        "name": "Fellowship Program Launch", "description": "Promoting new fellowship programs", "type": "email",
        "status": "draft", "target_audience": "Qualified Medical Professionals",
        "target_criteria": {"qualification": "MBBS", "experience": ">2"},
        "subject": "Advanced Fellowship Programs Available", "content": "Dear Doctor, we are excited to announce...",
        "scheduled_at": "2027-09-15T10:00:00Z", "is_automated": false, "tags": ["fellowship", "medical"],
        "custom_fields": {},
    });
    let answer = press.post("/campaigns", body.clone()).await;
    let made = answer.data(201);
    assert_eq!(answer.json().get("warnings"), None, "every field has an effect");
    for field in ["name", "description", "type", "status", "target_audience", "subject", "content", "scheduled_at"] {
        assert_eq!(made[field], body[field], "{field}");
    }
    assert_eq!((&made["channels"], &made["schedule_type"]), (&json!(["email"]), &json!("scheduled")));
    assert_eq!(made["target_criteria"]["custom_fields.experience"], json!({"gt": "2"}));
    // A whole record comes back with one change.
    let mut whole = made.clone();
    whole["name"] = json!("Updated Campaign Name");
    let path = format!("/campaigns/{}", made["id"].as_str().expect("an id"));
    let answer = press.ask(Ask::put(&path, whole)).await;
    let changed = answer.data(200);
    assert_eq!(
        (&changed["name"], &changed["target_criteria"]),
        (&json!("Updated Campaign Name"), &made["target_criteria"])
    );
}

#[tokio::test]
async fn the_renewals_products_body_is_taken_as_it_is() {
    let press = Press::new().await;
    let body = json!({
        "name": "Q1 Renewal Campaign", "description": "Quarterly renewal reminder campaign", "type": "email",
        "target_audience": {"policy_types": ["auto", "health"], "renewal_window": "30_days", "regions": ["north", "south"]},
        "content": {"subject": "Your policy renewal is due", "body": "Please renew.", "personalization": true},
        "schedule_type": "scheduled", "scheduled_at": "2027-02-01T09:00:00Z", "channels": ["email", "sms"],
        "budget": 5000.50,
    });
    let made = press.post("/campaigns", body).await.data(201);
    assert_eq!((&made["type"], &made["channels"]), (&json!("email"), &json!(["email", "sms"])), "channels win");
    assert_eq!(made["target_audience"]["custom_fields.policy_types"], json!({"in": ["auto", "health"]}));
    assert_eq!(made["content"]["subject"], "Your policy renewal is due");
    assert_eq!((&made["budget"], &made["currency"]), (&json!(5000.5), &json!("INR")));
    let listed = press.get("/campaigns?page=1&limit=10&status=all&type=email").await;
    assert_eq!(listed["campaigns"][0]["id"], made["id"]);
    assert_eq!(listed["pagination"]["total_records"], 1);
    let others = press.get("/campaigns?status=active&type=all").await;
    assert_eq!(others["campaigns"], json!([]));
}

#[tokio::test]
async fn everything_wrong_is_named_at_once() {
    let press = Press::new().await;
    let body = json!({
        "name": "", "type": "pigeon", "target_criteria": {"score": "high"}, "segment_id": "seg_1", "budget": "much",
        "scheduled_at": "soon", "content": {"template_id": 5, "templates": {"fax": "tpl_1"}},
        "ab_test": {"variants": [{"weight": "x"}], "winner": {"metric": "luck"}},
    });
    let wrong = press.post("/campaigns", body).await.expect(422).wrong();
    let mut fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "ab_test.variants.0.weight",
            "ab_test.winner.metric",
            "budget",
            "content.template_id",
            "content.templates.fax",
            "name",
            "scheduled_at",
            "segment_id",
            "target_criteria.score",
            "type",
        ]
    );
    let one = |over: Value| {
        let press = &press;
        async move {
            let mut body = json!({"name": "One", "type": "sms"});
            for (name, value) in over.as_object().expect("an object") {
                body[name] = value.clone();
            }
            press.post("/campaigns", body).await.expect(422).wrong()
        }
    };
    let pair = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    assert_eq!(one(json!({"throttle_per_minute": 0})).await, pair("throttle_per_minute", "out_of_range"));
    assert_eq!(one(json!({"max_error_percent": 0})).await, pair("max_error_percent", "out_of_range"));
    assert_eq!(one(json!({"schedule_type": "scheduled"})).await, pair("scheduled_at", "required"));
    assert_eq!(one(json!({"lead_ids": []})).await, pair("lead_ids", "out_of_range"));
    assert_eq!(one(json!({"status": "paused"})).await, pair("status", "not_a_beginning"));
    assert_eq!(one(json!({"ab_test": {"variants": [{}]}})).await, pair("ab_test.variants", "out_of_range"));
    let two = json!({"target_audience": {"city": "Pune"}, "target_criteria": {"city": "Nagpur"}});
    assert_eq!(one(two).await, pair("target_criteria", "two_audiences"));
    let large = "x".repeat(50_000);
    let large = json!({"content": {"body": large, "html": large}, "ab_test": {"variants": [
        {"content": {"body": large}}, {"content": {"body": large}}]}});
    assert_eq!(one(large).await, pair("content", "too_large"));
}

#[tokio::test]
async fn a_campaign_that_cannot_begin_says_why_before_it_is_launched() {
    let press = Press::new().await;
    let campaign = press.post("/campaigns", json!({"name": "Bare", "channels": ["email", "sms"]})).await.data(201);
    let campaign = campaign["id"].as_str().expect("an id");
    let mut wrong = press.launch(campaign).await.expect(422).wrong();
    wrong.sort();
    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(wrong, [pair("content", "required"), pair("target_criteria", "required")]);
    let body = json!({"content": "Hello {{ lead.nothing }}", "target_audience": "all"});
    press.ask(Ask::put(format!("/campaigns/{campaign}"), body)).await.data(200);
    let mut wrong = press.launch(campaign).await.expect(422).wrong();
    wrong.sort();
    assert_eq!(wrong, [pair("content", "unknown_variable"), pair("subject", "required")]);
    assert_eq!(press.status(campaign).await, "draft");
}

#[tokio::test]
async fn one_that_is_deleted_comes_back_as_a_draft() {
    let press = Press::new().await;
    let campaign = press.launched(json!({"scheduled_at": "2027-09-15T10:00:00Z"})).await;
    assert_eq!(press.status(&campaign).await, "scheduled");
    press.ask(Ask::delete(format!("/campaigns/{campaign}"))).await.data(200);
    press.ask(Ask::get(format!("/campaigns/{campaign}"))).await.expect(404);
    let back = press.post(&format!("/campaigns/{campaign}/restore"), json!({})).await.data(200);
    assert_eq!((&back["status"], &back["launched_at"]), (&json!("draft"), &Value::Null));
}

#[tokio::test]
async fn a_test_goes_to_whoever_asks_and_counts_nowhere() {
    let press = Press::new().await;
    let lead = press.a_lead("Ravi", true, true).await;
    let variants = json!({"variants": [{"subject": "A"}, {"subject": "B for {{ lead.first_name }}"}]});
    let campaign = press.a_campaign(json!({"ab_test": variants})).await;
    let body = json!({"lead_id": lead.id, "variant": "b"});
    let tested = press.post(&format!("/campaigns/{campaign}/test-send"), body).await.data(200);
    press.settle().await;
    let to = tested["to"].as_str().expect("an address");
    let to = standins::outbox::Filter { to: Some(to), channel: None };
    let outbox = press.world.standins.ses.outbox().find(to, None, 10).expect("the outbox opens");
    assert!(outbox.iter().any(|message| message.subject == "B for Ravi"));
    assert_eq!(press.stats(&campaign).await["sent"], 0);
    assert_eq!(press.recipients(&campaign).await.len(), 0);
    let wrong = press.post(&format!("/campaigns/{campaign}/test-send"), json!({"channel": "sms"})).await;
    assert_eq!(wrong.expect(422).wrong(), [("channel".to_owned(), "not_of_campaign".to_owned())]);
}
