use domain::Role;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Ground, id, ids, wrong};

#[tokio::test]
async fn a_note_has_the_fields_of_its_seed_and_its_author_is_who_writes_it() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let body = json!({
        "content": "They want to know more.\nFollow up.", "lead_id": lead, "user_id": ground.admin.user,
        "author_id": ground.admin.user, "note_type": "follow_up", "priority": "medium", "is_private": false,
        "tags": ["follow-up", "interested"], "mentions": [ground.admin.user, ground.admin.user],
    });
    let answer = ground.post("/notes", body, &agent).await;
    let note = answer.data(201);
    assert_eq!((&note["author_id"], &note["user_id"]), (&json!(agent.user), &json!(agent.user)));
    assert_eq!((&note["entityType"], &note["entityId"]), (&json!("lead"), &json!(lead)));
    assert_eq!((&note["priority"], &note["mentions"]), (&json!("normal"), &json!([ground.admin.user])));
    let warned = answer.json()["warnings"].clone();
    assert_eq!(warned, json!([{"field": "user_id", "code": "read_only"}, {"field": "author_id", "code": "read_only"}]));
    assert_eq!(ground.get(format!("/notes/{}", id(&note)), &ground.admin).await, note);

    let created = events(&ground).await.into_iter().find(|event| event.kind == "note.created").expect("an event");
    assert_eq!(created.data["mentions"], json!([ground.admin.user]));
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let ground = Ground::new().await;
    let body = json!({
        "content": " ", "entityId": "x", "note_type": "what", "priority": "now", "is_private": "no", "tags": ["a,b"],
        "reminder_at": "soon", "mentions": ["x"],
    });
    let answer = ground.post("/notes", body, &ground.admin).await;
    let fields: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    for field in ["content", "entityId", "note_type", "priority", "is_private", "tags.0", "reminder_at", "mentions.0"] {
        assert!(fields.contains(&field.to_owned()), "{field} is not among {fields:?}");
    }
    let lead = ground.a_lead(&ground.admin).await;
    for (body, expected) in [
        (json!({"content": "A"}), ("entityId", "required")),
        (json!({"content": "A", "entityId": lead, "entityType": "call"}), ("entityType", "contradiction")),
        (
            json!({"content": "A", "lead_id": lead, "mentions": ["usr_01kaf0v3hteb9s1z6vqk4m2x8y"]}),
            ("mentions.0", "unknown_user"),
        ),
        (json!({"content": "A", "lead_id": "lead_01kaf0v3hteb9s1z6vqk4m2x8y"}), ("lead_id", "unknown_entity")),
        (json!({"content": "A", "lead_id": lead, "reminder_at": "2126-01-01T00:00:00Z"}), ("reminder_at", "too_far")),
    ] {
        assert_eq!(ground.post("/notes", body, &ground.admin).await.expect(422).wrong(), wrong(&[expected]));
    }
}

#[tokio::test]
async fn a_private_note_is_its_authors_alone() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let body = json!({"content": "Hidden", "lead_id": lead, "is_private": true});
    let note = ground.post("/notes", body, &agent).await.data(201);
    let path = format!("/notes/{}", id(&note));
    let list = format!("/notes?entityId={lead}&entityType=lead");
    assert_eq!(ids(&ground.get(&list, &agent).await, "notes"), [id(&note)]);
    assert_eq!(ground.get(&list, &ground.admin).await["notes"], json!([]));
    let by_agent = format!("/notes?user_id={}", agent.user);
    assert_eq!(ground.get(&by_agent, &ground.admin).await["notes"], json!([]));
    ground.put(&path, json!({"content": "Hidden still"}), &agent).await.expect(200);
    ground.ask(Ask::get(&path), &ground.admin).await.expect(404);
    ground.put(&path, json!({"content": "Seen"}), &ground.admin).await.expect(404);
    ground.ask(Ask::delete(&path), &ground.admin).await.expect(404);
    ground.ask(Ask::delete(&path), &agent).await.expect(200);
    ground.post(format!("{path}/restore"), json!({}), &ground.admin).await.expect(404);
    ground.post(format!("{path}/restore"), json!({}), &agent).await.expect(200);
    for event in events(&ground).await {
        assert!(!serde_json::to_string(&event).expect("JSON").contains("Hidden"), "{}", event.kind);
    }
}

#[tokio::test]
async fn who_sees_the_lead_sees_its_notes_whoever_wrote_them() {
    let ground = Ground::new().await;
    let (first, second) = (ground.person(Role::Agent).await, ground.person(Role::Agent).await);
    let lead = ground.a_lead(&first).await;
    let note = ground.post("/notes", json!({"content": "By the first", "lead_id": lead}), &first).await.data(201);
    let (path, list) = (format!("/notes/{}", id(&note)), format!("/notes?entityId={lead}"));
    ground.ask(Ask::get(&path), &second).await.expect(404);
    ground.ask(Ask::get(&list), &second).await.expect(404);
    Ask::post(format!("/leads/{lead}/assign"), json!({"agentId": second.user}))
        .by(&ground.admin)
        .of(&ground.leads)
        .await
        .expect(200);
    assert_eq!(ids(&ground.get(&list, &second).await, "notes"), [id(&note)]);
    let refused = ground.put(&path, json!({"content": "By the second"}), &second).await;
    assert_eq!(refused.expect(403).json()["code"], "not_author");
    assert_eq!(ground.ask(Ask::delete(&path), &second).await.expect(403).json()["code"], "not_author");
    ground.put(&path, json!({"content": "By the first, still"}), &first).await.expect(200);
    assert_eq!(ids(&ground.get("/notes", &first).await, "notes"), [id(&note)]);
    ground.ask(Ask::delete(&path), &ground.admin).await.expect(200);
}

#[tokio::test]
async fn notes_are_listed_by_what_they_are_about_who_wrote_them_and_what_they_are() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let call = ground.post("/calls", json!({"lead_id": lead, "phone": "9876543210"}), &agent).await.data(201);
    let note =
        |about: &str, kind: &str| json!({"content": "A note", "entityId": about, "note_type": kind, "tags": [kind]});
    let first = ground.post("/notes", note(&lead, "meeting"), &agent).await.data(201);
    ground.world.clock.advance(jiff::SignedDuration::from_secs(1));
    let second = ground.post("/notes", note(&lead, "call"), &ground.admin).await.data(201);
    ground.world.clock.advance(jiff::SignedDuration::from_secs(1));
    let third = ground.post("/notes", note(id(&call), "call"), &agent).await.data(201);
    for (path, by, expected) in [
        (format!("/notes?entityId={lead}&entityType=lead"), &agent, vec![id(&second), id(&first)]),
        (format!("/notes?entityId={lead}&user_id={}", agent.user), &agent, vec![id(&first)]),
        (format!("/notes?entityId={lead}&note_type=call"), &agent, vec![id(&second)]),
        (format!("/notes?entityId={}", id(&call)), &agent, vec![id(&third)]),
        (format!("/notes?entityId={lead}&priority=medium"), &agent, vec![id(&second), id(&first)]),
        ("/notes".to_owned(), &agent, vec![id(&third), id(&first)]),
        (format!("/notes?user_id={}&tags=call", agent.user), &ground.admin, vec![id(&third)]),
    ] {
        assert_eq!(ids(&ground.get(&path, by).await, "notes"), expected, "{path}");
    }
    for (path, expected) in [
        ("/notes?entityType=lead".to_owned(), ("entityId", "required")),
        (format!("/notes?entityId={lead}&entityType=call"), ("entityType", "contradiction")),
    ] {
        assert_eq!(ground.ask(Ask::get(path), &agent).await.expect(422).wrong(), wrong(&[expected]));
    }
    ground.ask(Ask::get(format!("/notes?user_id={}", ground.admin.user)), &agent).await.expect(404);
}

#[tokio::test]
async fn the_reminder_of_a_note_comes_moves_and_goes_with_it() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let body = json!({"content": "Secret plan", "lead_id": lead, "reminder_at": "2026-11-21T08:00:00Z"});
    let note = ground.post("/notes", body, &agent).await.data(201);
    let path = format!("/notes/{}", id(&note));
    let reminders = async || ground.get("/reminders", &agent).await["reminders"].as_array().expect("a list").clone();
    let made = reminders().await;
    assert_eq!((made.len(), &made[0]["id"], &made[0]["lead_id"]), (1, &note["reminder_id"], &json!(lead)));
    assert_eq!((&made[0]["agentId"], &made[0]["title"]), (&json!(agent.user), &json!("Look at your note")));

    let moved = ground.put(&path, json!({"reminder_at": "2026-11-22T08:00:00Z"}), &agent).await.data(200);
    assert_eq!(moved["reminder_id"], note["reminder_id"]);
    assert_eq!(reminders().await[0]["due_at"], "2026-11-22T08:00:00Z");
    let bare = ground.put(&path, json!({"reminder_at": null, "content": "A plan"}), &agent).await.data(200);
    assert_eq!((&bare["reminder_id"], &bare["reminder_at"]), (&Value::Null, &Value::Null));
    assert!(reminders().await.is_empty());
    ground.put(&path, json!({"reminder_at": "2026-11-23T08:00:00Z"}), &agent).await.expect(200);
    assert_eq!(reminders().await.len(), 1);
    ground.ask(Ask::delete(&path), &agent).await.expect(200);
    assert!(reminders().await.is_empty());
    let back = ground.post(format!("{path}/restore"), json!({}), &agent).await.data(200);
    assert_eq!((&back["content"], &back["reminder_at"]), (&json!("A plan"), &Value::Null));
}

/// Every event that was written.
async fn events(ground: &Ground) -> Vec<domain::Event> {
    let keys = ground.world.platform.table().keys().clone();
    let changes = ground.world.stream().await;
    let images = changes.iter().filter_map(store::StreamImage::from_stream);
    images.filter_map(|image| image.new_event(&keys)).map(|event| event.expect("an event")).collect()
}
