//! What is said to people stands on their timelines, and goes out where it may.

use domain::communication::Following;
use domain::message::MessageState;
use domain::{Communication, CommunicationId, Message, Role, Slot};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::ListQuery;
use testkit::{Answer, Ask, Person};

use crate::support::{ALL, House};

impl House {
    async fn say_by(&self, person: &Person, body: Value) -> Answer {
        Ask::post("/communications", body).by(person).of(&self.router).await
    }

    async fn get_by(&self, person: &Person, path: &str) -> Answer {
        Ask::get(path).by(person).of(&self.router).await
    }

    async fn queued(&self) -> Vec<Message> {
        let query = ListQuery::new(Slot::One, "all", "", ALL);
        self.world.platform.table().list(&self.grant(), &query, |_| true).await.expect("messages").records
    }

    async fn record(&self, shown: &Value) -> Communication {
        let id: CommunicationId = shown["id"].as_str().expect("an id").parse().expect("an id");
        self.world.platform.table().get_to_change(&self.grant(), id).await.expect("a communication")
    }
}

fn ids(page: &Value) -> Vec<&str> {
    page["communications"].as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn what_is_sent_from_here_has_a_message_that_carries_it() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", Some(house.agent.user)).await;
    let body = json!({
        "type": "email", "direction": "outbound", "subject": "Your question", "content": "Thank you for your interest.",
        "lead_id": lead.id, "channel_specific_data": {"email_template": "follow-up-v2", "tracking_pixel": true},
    });
    let said = house.say_by(&house.agent, body).await.data(201);
    assert_eq!((&said["status"], &said["recipient"]), (&json!("queued"), &json!("asha@example.com")));
    assert_eq!((&said["user_id"], &said["is_sent_from_here"]), (&json!(house.agent.user), &json!(true)));
    let [message] = &house.queued().await[..] else { panic!("one message") };
    assert_eq!(message.communication, Some(house.record(&said).await.id));
    assert_eq!(message.outreach.as_ref().and_then(|outreach| outreach.lead), Some(lead.id));
    let stored = serde_json::to_string(&message).expect("JSON");
    assert!(!stored.contains("interest"), "the words stand once, on the timeline");
}

#[tokio::test]
async fn what_people_had_themselves_is_written_down() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", None).await;
    for kind in ["call", "meeting", "letter", "chat"] {
        let body = json!({"type": kind, "content": "They want to visit.", "lead_id": lead.id});
        let said = house.post("/communications", body).await.data(201);
        assert_eq!((&said["status"], &said["is_sent_from_here"]), (&json!("completed"), &json!(false)), "{kind}");
    }
    let body = json!({"type": "email", "direction": "inbound", "content": "Yes", "sender": "asha@example.com"});
    let heard = house.post("/communications", body).await.data(201);
    assert_eq!((&heard["status"], &heard["lead_id"]), (&json!("received"), &json!(lead.id)), "it finds its lead");
    let body = json!({"type": "sms", "content": "Sent by phone", "lead_id": lead.id, "log_only": true});
    house.post("/communications", body).await.data(201);
    assert!(house.queued().await.is_empty());
    let history = house.get(&format!("/communications/history?entityId={}&entityType=lead", lead.id)).await.data(200);
    assert_eq!(ids(&history).len(), 6);
    let inbound = format!("/communications/history?entityId={}&direction=inbound", lead.id);
    assert_eq!(ids(&house.get(&inbound).await.data(200)), [heard["id"].as_str().expect("an id")]);
    let body = json!({"status": "delivered", "opened": true, "content": "They will visit."});
    let path = format!("/communications/{}", heard["id"].as_str().expect("an id"));
    let changed = Ask::put(&path, body).by(&house.admin).of(&house.router).await.data(200);
    assert_eq!((&changed["status"], &changed["opened"]), (&json!("delivered"), &json!(true)));
    assert_eq!(changed["content"], "They will visit.");
}

#[tokio::test]
async fn everything_wrong_is_named_at_once() {
    let house = House::new().await;
    let body = json!({
        "type": "email", "scheduled_at": "2000-01-01T00:00:00Z", "attachments": ["a.pdf"], "purpose": "fun",
    });
    let wrong = house.post("/communications", body).await.expect(422).wrong();
    let expected = [
        ("attachments", "not_sent"),
        ("content", "required"),
        ("purpose", "unknown_purpose"),
        ("scheduled_at", "too_old"),
        ("subject", "required"),
    ];
    let mut wrong: Vec<(&str, &str)> = wrong.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    wrong.sort_unstable();
    assert_eq!(wrong, expected);
    for (body, field, code) in [
        (json!({"type": "sms", "content": "Hi"}), "recipient", "required"),
        (json!({"type": "sms", "content": "Hi", "recipient": "asha@example.com"}), "recipient", "needs_phone"),
        (
            json!({"type": "sms", "content": "Hi", "template_id": "tpl_01kaf0v3hteb9s1z6vqk4m2x8y"}),
            "template_id",
            "two_texts",
        ),
        (
            json!({"type": "sms", "template_id": "tpl_01kaf0v3hteb9s1z6vqk4m2x8y", "recipient": "+919876543210"}),
            "template_id",
            "unknown_template",
        ),
        (json!({"type": "call", "lead_id": "lead_01kaf0v3hteb9s1z6vqk4m2x8y"}), "lead_id", "unknown_lead"),
    ] {
        let wrong = house.post("/communications", body.clone()).await.expect(422).wrong();
        assert_eq!(wrong, [(field.to_owned(), code.to_owned())], "{body}");
    }
    assert!(house.queued().await.is_empty());
}

#[tokio::test]
async fn a_template_is_filled_in_and_its_version_kept() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", None).await;
    let template = json!({
        "name": "Visit", "channel": "sms", "body": "Dear {{ lead.first_name }}, come on {{ day }}.",
        "variables": {"day": {"type": "text", "required": true}}, "provider_template": "flow_1",
    });
    let template = house.post("/templates", template).await.data(201);
    assert_eq!(template["provider_template"], "flow_1");
    let body = json!({"type": "sms", "lead_id": lead.id, "template_id": template["id"]});
    let wrong = house.post("/communications", body.clone()).await.expect(422).wrong();
    assert_eq!(wrong, [("variables.day".to_owned(), "required".to_owned())]);
    let mut body = body;
    body["variables"] = json!({"day": "Monday"});
    let said = house.post("/communications", body.clone()).await.data(201);
    assert_eq!((&said["content"], &said["template_revision"]), (&json!("Dear Asha, come on Monday."), &json!(1)));
    let held = house.record(&said).await.template.and_then(|template| template.held).expect("the provider holds it");
    let values =
        [("lead_first_name", "Asha"), ("day", "Monday")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((held.name.as_str(), held.values.as_slice()), ("flow_1", values.as_slice()));
    body["type"] = "whatsapp".into();
    let wrong = house.post("/communications", body).await.expect(422).wrong();
    assert_eq!(wrong, [("template_id".to_owned(), "other_channel".to_owned())]);
}

#[tokio::test]
async fn nobody_is_written_to_who_may_not_be() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", None).await;
    house.say("asha@example.com", "withdrawn").await;
    let mail = |purpose: &str| json!({"type": "email", "subject": "Offer", "content": "Buy", "lead_id": lead.id, "purpose": purpose});
    assert_eq!(house.post("/communications", mail("marketing")).await.expect(409).json()["code"], "unsubscribed");
    house.post("/communications", mail("service")).await.data(201);
    // Free words over WhatsApp are for those alone who wrote a moment ago.
    let free = json!({"type": "whatsapp", "content": "Hello", "lead_id": lead.id});
    let refused = house.post("/communications", free.clone()).await.expect(409).json();
    assert_eq!((&refused["code"], &refused["window_expires_at"]), (&json!("window_closed"), &Value::Null));
    let number = lead.phone.clone().map(domain::ContactAddress::Phone).expect("a number");
    let (table, now) = (house.world.platform.table(), house.world.platform.now());
    let contact = table.hash_key().reachability_id(house.tenant.organization, &number);
    let long_ago = now - SignedDuration::from_hours(25);
    let known = domain::Reachability::new(contact, house.tenant.organization, now);
    let known = table.commit(&house.grant(), known.wrote(long_ago, now)).await.expect("they wrote");
    let refused = house.post("/communications", free.clone()).await;
    assert_eq!(refused.expect(409).json()["window_expires_at"], json!(long_ago + domain::outreach::WINDOW));
    table.commit(&house.grant(), known.wrote(now, now)).await.expect("they wrote again");
    assert_eq!(house.post("/communications", free).await.data(201)["status"], "queued");
}

#[tokio::test]
async fn what_waits_can_be_taken_back_and_not_be_deleted() {
    let house = House::new().await;
    let lead = house.a_lead("Asha", None).await;
    let later = house.world.platform.now() + SignedDuration::from_hours(2);
    let body = json!({"type": "sms", "content": "Hi", "lead_id": lead.id, "scheduled_at": later});
    let said = house.post("/communications", body).await.data(201);
    assert_eq!(said["status"], "scheduled");
    let [message] = &house.queued().await[..] else { panic!("one message") };
    assert_eq!((message.state, message.next_try_at), (MessageState::Queued, later));
    let path = format!("/communications/{}", said["id"].as_str().expect("an id"));
    let ask = |method: &'static str, body: Value| Ask::new(method, &path).json(&body).by(&house.admin);
    let answer = ask("DELETE", Value::Null).of(&house.router).await;
    assert_eq!(answer.expect(409).json()["code"], "not_gone_out");
    let answer = ask("PUT", json!({"content": "Other words"})).of(&house.router).await;
    assert_eq!(answer.expect(409).json()["code"], "gone_out");
    let taken_back = ask("PUT", json!({"status": "cancelled"})).of(&house.router).await.data(200);
    assert_eq!(taken_back["status"], "cancelled");
    ask("DELETE", Value::Null).of(&house.router).await.expect(200);
    house.get(&path).await.expect(404);
    let restored = Ask::post(format!("{path}/restore"), Value::Null).by(&house.admin).of(&house.router).await.data(200);
    assert_eq!(restored["status"], "cancelled");
}

#[tokio::test]
async fn everybody_sees_what_is_theirs_and_the_timelines_of_their_leads() {
    let house = House::new().await;
    let other = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    let lead = house.a_lead("Asha", Some(house.agent.user)).await;
    let body = json!({"type": "call", "content": "By the admin", "lead_id": lead.id});
    let admins = house.post("/communications", body).await.data(201);
    house.world.clock.advance(SignedDuration::from_secs(1));
    let body = json!({"type": "call", "content": "By the agent", "lead_id": lead.id});
    let agents = house.say_by(&house.agent, body).await.data(201);
    let (admins, agents) = (admins["id"].as_str().expect("an id"), agents["id"].as_str().expect("an id"));

    assert_eq!(ids(&house.get("/communications").await.data(200)), [agents, admins]);
    assert_eq!(ids(&house.get_by(&house.agent, "/communications").await.data(200)), [agents]);
    let timeline = format!("/communications?lead_id={}", lead.id);
    assert_eq!(ids(&house.get_by(&house.agent, &timeline).await.data(200)), [agents, admins]);
    assert_eq!(
        ids(&house.get(&format!("/communications?user_id={}&type=call", house.agent.user)).await.data(200)),
        [agents]
    );
    let thread = format!("/communications/{agents}/thread");
    assert_eq!(ids(&house.get_by(&house.agent, &thread).await.data(200)), [agents, admins]);
    house.get_by(&house.agent, &format!("/communications/{admins}")).await.expect(200);

    for path in
        [timeline, thread, format!("/communications/{admins}"), format!("/communications/history?entityId={}", lead.id)]
    {
        house.get_by(&other, &path).await.expect(404);
    }
    let change = json!({"content": "Not mine"});
    let path = format!("/communications/{admins}");
    Ask::put(&path, change).by(&house.agent).of(&house.router).await.expect(404);
    assert!(ids(&house.get_by(&other, "/communications").await.data(200)).is_empty());
}

#[tokio::test]
async fn the_same_words_go_to_many_and_each_is_told_of() {
    let house = House::new().await;
    let (asha, ravi) = (house.a_lead("Asha", None).await, house.a_lead("Ravi", None).await);
    house.say("ravi@example.com", "withdrawn").await;
    let mail = json!({"type": "email", "subject": "Offer", "content": "Buy", "purpose": "marketing"});
    // Ten in the morning in India.
    let body = json!({"lead_ids": [asha.id, ravi.id, asha.id], "communication": mail});
    let done = house.post("/communications/bulk", body).await.data(200);
    assert_eq!((&done["created"], &done["failed"]), (&json!(1), &json!(1)));
    assert_eq!(done["results"][1]["code"], "unsubscribed");
    let [message] = &house.queued().await[..] else { panic!("one message") };
    assert_eq!(message.outreach.as_ref().and_then(|outreach| outreach.lead), Some(asha.id));
    let body = json!({"lead_ids": [], "communication": {"type": "pigeon"}});
    let wrong = house.post("/communications/bulk", body).await.expect(422).wrong();
    assert_eq!(wrong, [("lead_ids".to_owned(), "out_of_range".to_owned())]);
    let body = json!({"lead_ids": [asha.id], "communication": {"type": "pigeon"}});
    let wrong = house.post("/communications/bulk", body).await.expect(422).wrong();
    assert_eq!(wrong, [("communication.type".to_owned(), "unknown_type".to_owned())]);
}

#[tokio::test]
async fn what_programs_did_is_shown_apart_and_is_nobodys_to_write() {
    let house = House::new().await;
    let body = json!({"type": "email", "subject": "Hello", "content": "Hi", "recipient": "asha@example.com"});
    let said = house.post("/communications", body).await.data(201);
    assert_eq!((&said["machine_opens"], &said["machine_clicks"]), (&json!(0), &json!(0)));
    let scanned = house.record(&said).await.followed_by_machine(Following::Click).expect("a first time");
    house.world.platform.table().commit_unseen(&house.grant(), scanned).await.expect("it is counted");
    let path = format!("/communications/{}", said["id"].as_str().expect("an id"));
    let shown = house.get(&path).await.data(200);
    assert_eq!((&shown["machine_opens"], &shown["machine_clicks"]), (&json!(0), &json!(1)));
    assert_eq!((&shown["opened"], &shown["clicked_at"]), (&json!(false), &json!(null)));
    let body = json!({"machine_opens": 9, "machine_clicks": 0, "channel_specific_data": {"tracking_pixel": true}});
    let changed = Ask::put(&path, body).by(&house.admin).of(&house.router).await.data(200);
    assert_eq!((&changed["machine_opens"], &changed["machine_clicks"]), (&json!(0), &json!(1)));
}
