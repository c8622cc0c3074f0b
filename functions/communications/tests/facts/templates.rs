//! Templates: written, said anew as versions, refused where they cannot be filled in, shown and tried out.

use domain::message::MessageTemplate;
use domain::{Message, Recipient, Role, Slot};
use serde_json::{Value, json};
use store::ListQuery;
use testkit::{Answer, Ask};

use crate::support::{ALL, House};

fn a_mail() -> Value {
    json!({
        "name": "Follow up", "channel": "email", "subject": "Hello {{ lead.first_name }}",
        "body": "Dear {{ lead.name }},\nyour visit is on {{ day }}.\n{{ agent.name }}, {{ organization.name }}",
        "html": "<p>Dear {{ lead.name }}, {{ note }}</p>",
        "variables": {
            "day": {"type": "date", "required": true},
            "note": {"default": "R&D"},
        },
    })
}

impl House {
    async fn template(&self, body: Value) -> String {
        self.post("/templates", body).await.data(201)["id"].as_str().expect("an id").to_owned()
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        Ask::put(path, body).by(&self.admin).of(&self.router).await
    }

    async fn messages(&self) -> Vec<Message> {
        let query = ListQuery::new(Slot::One, "all", "", ALL);
        self.world.platform.table().list(&self.grant(), &query, |_| true).await.expect("messages").records
    }
}

#[tokio::test]
async fn one_is_made_listed_changed_deleted_and_brought_back() {
    let house = House::new().await;
    let made = house.post("/templates", a_mail()).await.data(201);
    assert_eq!((&made["language"], &made["revision"], &made["approval"]), (&json!("en"), &json!(1), &Value::Null));
    assert_eq!(made["variables"]["note"], json!({"type": "text", "default": "R&D", "required": false}));
    assert_eq!(made["author"], json!(house.admin.user));
    let path = format!("/templates/{}", made["id"].as_str().expect("an id"));
    house.template(json!({"name": "Short", "channel": "sms", "body": "Hello"})).await;
    let listed = |query: &str| format!("/templates{query}");
    assert_eq!(house.get(&listed("")).await.data(200)["pagination"]["total_records"], 2);
    let mails = house.get(&listed("?channel=email")).await.data(200);
    assert_eq!((mails["templates"].as_array().map(Vec::len), &mails["templates"][0]["id"]), (Some(1), &made["id"]));
    house.get(&listed("?channel=pigeon")).await.expect(422);

    let renamed = house.put(&path, json!({"name": "Visit", "category": "Visits", "language": "en-IN"})).await.data(200);
    assert_eq!((&renamed["revision"], &renamed["category"]), (&json!(1), &json!("Visits")));
    house.put(&path, json!({"name": "short"})).await.expect(409);
    let cleared = house.put(&path, json!({"html": null, "category": null})).await.data(200);
    assert_eq!((&cleared["html"], &cleared["category"], &cleared["revision"]), (&Value::Null, &Value::Null, &json!(2)));

    Ask::delete(&path).by(&house.admin).of(&house.router).await.expect(200);
    house.get(&path).await.expect(404);
    house.put(&path, json!({"name": "Gone"})).await.expect(404);
    let back = house.post(&format!("{path}/restore"), json!({})).await.data(200);
    assert_eq!((&back["name"], &back["revision"]), (&json!("Visit"), &json!(2)));
}

#[tokio::test]
async fn what_it_said_stays_and_can_be_said_again() {
    let house = House::new().await;
    let path = format!("/templates/{}", house.template(a_mail()).await);
    for (revision, body) in [(2, "Second"), (3, "Third")] {
        assert_eq!(house.put(&path, json!({"body": body})).await.data(200)["revision"], revision);
    }
    assert_eq!(house.put(&path, json!({"body": "Third"})).await.data(200)["revision"], 3, "the same is no version");
    let page = house.get(&format!("{path}/versions?limit=2")).await.data(200);
    let said = |page: &Value| -> Vec<(Value, Value)> {
        let versions = page["versions"].as_array().cloned().expect("versions");
        versions.into_iter().map(|version| (version["revision"].clone(), version["body"].clone())).collect()
    };
    assert_eq!(said(&page), [(json!(3), json!("Third")), (json!(2), json!("Second"))]);
    let next = page["pagination"]["next_cursor"].as_str().expect("a cursor");
    let first = house.get(&format!("{path}/versions?limit=2&cursor={next}")).await.data(200);
    assert_eq!((said(&first).len(), &first["versions"][0]["body"]), (1, &a_mail()["body"]));

    let again = house.post(&format!("{path}/versions/1/restore"), json!({})).await.data(200);
    assert_eq!((&again["revision"], &again["body"]), (&json!(4), &a_mail()["body"]));
    for absent in ["9", "0", "x"] {
        house.post(&format!("{path}/versions/{absent}/restore"), json!({})).await.expect(404);
    }
}

#[tokio::test]
async fn two_who_write_at_once_make_two_versions() {
    let house = House::new().await;
    let path = format!("/templates/{}", house.template(a_mail()).await);
    let (one, two) = tokio::join!(house.put(&path, json!({"body": "One"})), house.put(&path, json!({"body": "Two"})));
    let mut revisions = [&one, &two].map(|answer| answer.data(200)["revision"].as_u64().expect("a number"));
    revisions.sort_unstable();
    assert_eq!(revisions, [2, 3]);
    let seen = house.get(&path).await;
    let stale = Ask::put(&path, json!({"body": "Three"})).by(&house.admin).header("If-Match", "\"1\"");
    stale.of(&house.router).await.expect(412);
    assert_eq!(house.get(&path).await.data(200)["body"], seen.data(200)["body"]);
}

#[tokio::test]
async fn every_wrong_field_is_told_with_its_line() {
    let house = House::new().await;
    let wrong = json!({
        "name": "", "channel": "pigeon", "body": 7, "language": 1,
        "variables": {"day": {"type": "week", "required": "yes"}, "other": 1}, "dlt": {"header": 1},
    });
    let mut told = house.post("/templates", wrong).await.expect(422).wrong();
    told.sort();
    let named: Vec<&str> = told.iter().map(|(field, _)| field.as_str()).collect();
    let fields = [
        "body",
        "channel",
        "dlt.category",
        "dlt.header",
        "dlt.template_id",
        "language",
        "name",
        "variables.day.required",
        "variables.day.type",
        "variables.other",
    ];
    assert_eq!(named, fields);

    let unfilled = json!({
        "name": "Wrong", "channel": "email", "subject": "{{ nobody }}", "body": "Hello\n{{ lead.name | safe }}",
        "html": "<p>\n\n{{ lead.name",
    });
    let answer = house.post("/templates", unfilled).await;
    let told = answer.expect(422).wrong();
    let named = [("subject", "unknown_variable"), ("body", "unknown_filter"), ("html", "unclosed")];
    assert_eq!(told, named.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let words = answer.json().to_string();
    for line in ["(line 1)", "(line 2)", "(line 3)"] {
        assert!(words.contains(line), "{line}: {words}");
    }

    let path = format!("/templates/{}", house.template(a_mail()).await);
    let told = house.put(&path, json!({"variables": {}})).await.expect(422).wrong();
    assert_eq!(
        told.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(),
        ["body", "html"],
        "what uses them stays"
    );
    assert_eq!(house.put(&path, json!({"channel": "sms"})).await.expect(422).wrong()[0].1, "fixed");
}

#[tokio::test]
async fn an_sms_keeps_its_registration_and_a_provider_alone_approves() {
    let house = House::new().await;
    let (entity, template) = ("1".repeat(19), "2".repeat(19));
    let sms = json!({
        "name": "Visit", "channel": "sms", "body": "Dear {{ lead.name }}, come by.",
        "dlt": {
            "entity_id": entity, "template_id": template, "header": "EXMPLE", "category": "service_implicit",
            "text": "Dear {#var#}, come by.",
        },
    });
    let made = house.post("/templates", sms).await.data(201);
    assert_eq!((&made["dlt"]["entity_id"], &made["dlt"]["template_id"]), (&json!(entity), &json!(template)));
    let path = format!("/templates/{}", made["id"].as_str().expect("an id"));
    let told = house.put(&path, json!({"body": "Dear {{ lead.name }}, come soon."})).await.expect(422).wrong();
    assert_eq!(told, [("body".to_owned(), "not_as_registered".to_owned())]);
    let short = json!({"dlt": {"entity_id": "1", "template_id": "2", "header": "X", "category": "promotional"}});
    let told = house.put(&path, short).await.expect(422).wrong();
    let fields = ["dlt.entity_id", "dlt.header", "dlt.template_id"];
    assert_eq!(told.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), fields);

    let whatsapp = json!({"name": "Chat", "channel": "whatsapp", "body": "Hello", "approval": "approved"});
    let made = house.post("/templates", whatsapp).await.data(201);
    assert_eq!(made["approval"], "draft");
    let path = format!("/templates/{}", made["id"].as_str().expect("an id"));
    assert_eq!(house.put(&path, json!({"approval": "approved"})).await.data(200)["approval"], "draft");
}

#[tokio::test]
async fn a_preview_shows_a_lead_as_whoever_asks_sees_them() {
    let house = House::new().await;
    let template = house.template(a_mail()).await;
    let path = format!("/templates/{template}/preview");
    let lead = house.a_lead("Nia", Some(house.agent.user)).await;
    let shown = house.post(&path, json!({"lead_id": lead.id, "values": {"day": "2026-12-01"}})).await.data(200);
    assert_eq!(shown["subject"], "Hello Nia");
    assert_eq!(shown["html"], "<p>Dear Nia Example, R&amp;D</p>");
    let body = shown["body"].as_str().expect("a text");
    assert!(body.starts_with("Dear Nia Example,\nyour visit is on 2026-12-01.\n"), "{body}");
    let made_up = house.post(&path, json!({"values": {"day": "2026-12-01"}})).await.data(200);
    assert_eq!(made_up["subject"], "Hello Asha");

    let told = house.post(&path, json!({"values": {"day": "soon", "other": 1}})).await.expect(422).wrong();
    let named = [("values.day", "wrong_type"), ("values.other", "unknown_variable")];
    assert_eq!(told, named.map(|(field, code)| (field.to_owned(), code.to_owned())));
    assert_eq!(house.post(&path, json!({})).await.expect(422).wrong()[0].1, "required");

    let other = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    let by = |person| Ask::post(&path, json!({"lead_id": lead.id, "values": {"day": "2026-12-01"}})).by(person);
    by(&house.agent).of(&house.router).await.expect(200);
    let out_of_reach = by(&other).of(&house.router).await.expect(422).wrong();
    assert_eq!(out_of_reach, [("lead_id".to_owned(), "unknown_lead".to_owned())]);
}

#[tokio::test]
async fn what_a_lead_lacks_is_empty() {
    let house = House::new().await;
    let body = "{{ lead.phone }} {{ lead.email }} [{{ lead.custom.course }}{{ lead.city }}{{ agent.name }}]";
    let template = house.template(json!({"name": "All", "channel": "in_app", "body": body})).await;
    let lead = house.a_lead("Nia", None).await;
    let shown = house.post(&format!("/templates/{template}/preview"), json!({"lead_id": lead.id})).await.data(200);
    assert_eq!(shown["body"], "+919876543210 nia@example.com []");
}

#[tokio::test]
async fn a_bomb_is_an_answer_and_not_a_fault() {
    let house = House::new().await;
    let mut deep = String::from("{{ lead.name }}");
    for _ in 0..8 {
        deep = format!("{{% for a in lead.tags %}}{deep}{deep}{{% endfor %}}");
    }
    let nested = house.post("/templates", json!({"name": "Deep", "channel": "in_app", "body": deep})).await;
    assert!(matches!(nested.status.as_u16(), 201 | 422), "{}", nested.status);
    let wide = "{{ text }}".repeat(2_000);
    let variables = json!({"text": {}});
    let template =
        house.template(json!({"name": "Wide", "channel": "in_app", "body": wide, "variables": variables})).await;
    let values = json!({"values": {"text": "x".repeat(4_096)}});
    let told = house.post(&format!("/templates/{template}/preview"), values).await.expect(422).wrong();
    assert_eq!(told, [("body".to_owned(), "too_large".to_owned())]);
}

#[tokio::test]
async fn a_test_goes_to_whoever_asks_and_to_nobody_else() {
    let house = House::new().await;
    let template = house.template(a_mail()).await;
    let body = json!({"values": {"day": "2026-12-01"}, "to": "somebody@example.com"});
    let sent = house.post(&format!("/templates/{template}/test-send"), body).await.data(200);
    let messages = house.messages().await;
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!((json!(message.id), message.template), (sent["message_id"].clone(), MessageTemplate::Written));
    let Recipient::Email(address) = &message.to else { panic!("an e-mail") };
    assert_eq!(json!(address.to_string()), sent["to"]);
    assert_eq!(message.values["subject"], "Hello Asha");
    assert_eq!(message.values["html"], "<p>Dear Asha Example, R&amp;D</p>");
    assert_eq!(message.outreach, None, "it is no message to somebody outside");

    let chat = house.template(json!({"name": "Chat", "channel": "whatsapp", "body": "Hello"})).await;
    house.post(&format!("/templates/{chat}/test-send"), json!({})).await.expect(409);
    let sms = house.template(json!({"name": "Short", "channel": "sms", "body": "Hello"})).await;
    house.post(&format!("/templates/{sms}/test-send"), json!({})).await.expect(409);
    let viewer = house.world.a_person(&house.tenant, Role::Viewer, house.tenant.branch).await;
    let ask = Ask::post(format!("/templates/{template}/test-send"), json!({})).by(&viewer);
    ask.of(&house.router).await.expect(403);
    assert_eq!(house.messages().await.len(), 1);
}

#[tokio::test]
async fn tests_of_a_person_are_bounded() {
    let house = House::new().await;
    let template = house.template(json!({"name": "Plain", "channel": "email", "subject": "Hi", "body": "Hello"})).await;
    let path = format!("/templates/{template}/test-send");
    for _ in 0..30 {
        house.post(&path, json!({})).await.expect(200);
    }
    house.post(&path, json!({})).await.expect(429);
    assert_eq!(house.messages().await.len(), 30);
}
