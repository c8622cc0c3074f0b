use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::support::{Ground, id, ids, wrong};

/// The clock of tests begins at 10:00 UTC.
const AT_NOON: &str = "2026-11-20T12:00:00Z";

fn at(time: &str) -> Value {
    json!({"title": "Call back", "due_at": time})
}

async fn a_reminder(ground: &Ground, body: Value, by: &Person) -> Value {
    ground.post("/reminders", body, by).await.data(201)
}

#[tokio::test]
async fn a_reminder_is_the_callers_own_and_found_by_its_id() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let body = json!({
        "id": "rem_01kaf0v3hteb9s1z6vqk4m2x8y", "title": " Call  back ", "due_at": "2026-11-20T17:30:00+05:30",
        "lead_id": lead, "priority": "Medium", "repeat": "daily",
    });
    let answer = ground.post("/v1/reminders", body.clone(), &agent).await;
    let reminder = answer.data(201);
    assert_eq!((&reminder["title"], &reminder["due_at"]), (&json!("Call back"), &json!(AT_NOON)));
    assert_eq!((&reminder["agentId"], &reminder["status"]), (&json!(agent.user), &json!("pending")));
    assert_eq!((&reminder["priority"], &reminder["type"]), (&json!("normal"), &json!("follow_up")));
    assert_eq!(reminder["repeat"], json!({"every": "daily", "interval": 1, "until": null}));
    assert_eq!(ground.get(format!("/reminders/{}", id(&reminder)), &agent).await, reminder);
    assert_eq!(ground.post("/reminders", body, &agent).await.expect(409).json()["code"], "exists");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let ground = Ground::new().await;
    let body = json!({
        "title": "", "due_at": "soon", "agentId": 1, "lead_id": "x", "call_id": "y", "priority": "now", "type": "what",
        "repeat": {"every": "hourly", "interval": 0, "until": 3},
    });
    let answer = ground.post("/reminders", body, &ground.admin).await;
    let fields: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    for field in ["title", "due_at", "agentId", "lead_id", "call_id", "priority", "type"] {
        assert!(fields.contains(&field.to_owned()), "{field} is not among {fields:?}");
    }
    for field in ["repeat.every", "repeat.interval", "repeat.until"] {
        assert!(fields.contains(&field.to_owned()), "{field} is not among {fields:?}");
    }
    let answer = ground.post("/reminders", json!({}), &ground.admin).await;
    assert_eq!(answer.expect(422).wrong(), wrong(&[("title", "required"), ("due_at", "required")]));
    let answer = ground.post("/reminders", at("2126-01-01T00:00:00Z"), &ground.admin).await;
    assert_eq!(answer.expect(422).wrong(), wrong(&[("due_at", "too_far")]));
    let early = json!({"every": "weekly", "until": "2026-11-20T11:00:00Z"});
    let body = json!({"title": "Call back", "due_at": AT_NOON, "repeat": early});
    let answer = ground.post("/reminders", body, &ground.admin).await;
    assert_eq!(answer.expect(422).wrong(), wrong(&[("repeat.until", "too_early")]));
}

#[tokio::test]
async fn a_reminder_is_completed_once_on_time_or_late() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let (first, second) = (
        a_reminder(&ground, at("2026-11-20T10:30:00Z"), &agent).await,
        a_reminder(&ground, at("2026-11-20T10:30:00Z"), &agent).await,
    );
    let complete = |reminder: &Value| format!("/reminders/{}/complete", id(reminder));
    let done = ground.post(complete(&first), json!({}), &agent).await.data(200);
    assert_eq!((&done["status"], &done["completed_at"]), (&json!("completed"), &json!("2026-11-20T10:00:00Z")));
    ground.world.clock.advance(SignedDuration::from_mins(45));
    assert_eq!(ground.post(complete(&first), json!({}), &agent).await.data(200), done);
    ground.post(complete(&second), json!({}), &agent).await.expect(200);
    let figures = [("late".to_owned(), 1), ("on_time".to_owned(), 1)];
    assert_eq!(ground.figures("reminders").await, figures);
    assert_eq!(ground.own_figures(agent.user, "reminders").await.len(), 2);
    ground.put(format!("/reminders/{}", id(&second)), json!({"status": "pending"}), &agent).await.expect(200);
    assert_eq!(ground.figures("reminders").await, figures[1..], "what is reopened was not done");
    ground.put(format!("/reminders/{}", id(&second)), json!({"status": "cancelled"}), &agent).await.expect(200);
    let refused = ground.post(complete(&second), json!({}), &agent).await;
    assert_eq!(refused.expect(409).json()["code"], "not_pending");
}

#[tokio::test]
async fn of_many_completions_at_once_one_makes_the_next() {
    let ground = Ground::new().await;
    let body = json!({"title": "Call back", "due_at": AT_NOON, "repeat": {"every": "daily", "interval": 2}});
    let reminder = a_reminder(&ground, body, &ground.admin).await;
    let path = format!("/reminders/{}/complete", id(&reminder));
    let answers = futures::future::join_all((0..8).map(|_| ground.post(&path, json!({}), &ground.admin))).await;
    let seen: Vec<Value> = answers.iter().map(|answer| answer.data(200)).collect();
    assert!(seen.iter().all(|answer| *answer == seen[0]));
    let pending = ground.get("/reminders?status=pending", &ground.admin).await;
    assert_eq!(ids(&pending, "reminders"), [seen[0]["next_id"].as_str().expect("a next one")]);
    assert_eq!(pending["reminders"][0]["due_at"], "2026-11-22T12:00:00Z");
}

#[tokio::test]
async fn a_reminder_is_put_off_by_minutes_or_to_a_time() {
    let ground = Ground::new().await;
    let reminder = a_reminder(&ground, at("2026-11-20T10:10:00Z"), &ground.admin).await;
    let path = format!("/reminders/{}/snooze", id(&reminder));
    let off = ground.post(&path, json!({"minutes": 30}), &ground.admin).await.data(200);
    assert_eq!(off["due_at"], "2026-11-20T10:40:00Z");
    ground.world.clock.advance(SignedDuration::from_mins(50));
    let off = ground.post(&path, json!({"minutes": 30}), &ground.admin).await.data(200);
    assert_eq!(off["due_at"], "2026-11-20T11:20:00Z", "from now, as it is past due");
    let off = ground.post(&path, json!({"until": "2026-11-21T09:00:00Z"}), &ground.admin).await.data(200);
    assert_eq!(off["due_at"], "2026-11-21T09:00:00Z");
    for (body, expected) in [
        (json!({}), ("until", "required")),
        (json!({"minutes": 0}), ("minutes", "out_of_range")),
        (json!({"minutes": 5, "until": "2026-11-22T09:00:00Z"}), ("minutes", "contradiction")),
        (json!({"until": "2026-11-20T09:00:00Z"}), ("until", "too_early")),
    ] {
        assert_eq!(ground.post(&path, body, &ground.admin).await.expect(422).wrong(), wrong(&[expected]));
    }
    ground.post(format!("/reminders/{}/complete", id(&reminder)), json!({}), &ground.admin).await.expect(200);
    assert_eq!(
        ground.post(&path, json!({"minutes": 5}), &ground.admin).await.expect(409).json()["code"],
        "not_pending"
    );
}

#[tokio::test]
async fn what_is_overdue_and_what_is_due_soon_is_told_in_its_order_page_by_page() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let mut made = Vec::new();
    for time in ["10:20", "10:40", "10:10", "11:30", "13:00"] {
        let reminder = a_reminder(&ground, at(&format!("2026-11-20T{time}:00Z")), &agent).await;
        made.push(id(&reminder).to_owned());
    }
    let [twenty, forty, ten, half, one] = made.as_slice() else { panic!("five reminders") };
    let overdue = format!("/reminders/overdue/{}", agent.user);
    assert_eq!(ground.get(&overdue, &agent).await["reminders"], json!([]));
    ground.world.clock.advance(SignedDuration::from_mins(45));
    let soon = format!("/reminders/due-soon/{}", agent.user);
    for (path, expected) in [
        (overdue.clone(), vec![ten, twenty, forty]),
        (format!("{overdue}?sort_order=desc&limit=1"), vec![forty]),
        (soon.clone(), vec![half]),
        (format!("{soon}?within=180"), vec![half, one]),
        (format!("{soon}?within=10"), vec![]),
        (format!("/reminders/agent/{}", agent.user), vec![ten, twenty, forty, half, one]),
    ] {
        assert_eq!(ids(&ground.get(&path, &agent).await, "reminders"), expected, "{path}");
    }
    let (mut found, mut path) = (Vec::new(), format!("{overdue}?limit=1"));
    loop {
        let page = ground.get(&path, &agent).await;
        found.extend(ids(&page, "reminders").into_iter().map(str::to_owned));
        ground.world.clock.advance(SignedDuration::from_secs(1));
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        path = format!("{overdue}?limit=1&cursor={cursor}");
    }
    assert_eq!(found.iter().collect::<Vec<_>>(), [ten, twenty, forty]);
    ground.post(format!("/reminders/{twenty}/complete"), json!({}), &agent).await.expect(200);
    assert_eq!(ids(&ground.get(&overdue, &agent).await, "reminders"), [ten, forty]);
    for within in ["0", "10081", "x"] {
        ground.ask(Ask::get(format!("{soon}?within={within}")), &agent).await.expect(422);
    }
}

#[tokio::test]
async fn lists_answer_by_person_lead_status_and_day() {
    let ground = Ground::new().await;
    let (agent, manager) = (ground.person(Role::Agent).await, ground.person(Role::Manager).await);
    let lead = ground.a_lead(&agent).await;
    let body =
        |day: u8| json!({"title": "Call back", "due_at": format!("2026-11-{day}T08:00:00Z"), "agentId": agent.user});
    let mut made = Vec::new();
    for day in [25, 23, 24] {
        made.push(id(&a_reminder(&ground, body(day), &manager).await).to_owned());
    }
    let [last, first, middle] = made.as_slice() else { panic!("three reminders") };
    ground.put(format!("/reminders/{last}"), json!({"lead_id": lead, "priority": "urgent"}), &agent).await.expect(200);
    ground.post(format!("/reminders/{middle}/complete"), json!({}), &agent).await.expect(200);
    let own = a_reminder(&ground, at(AT_NOON), &manager).await;
    let agents = format!("/reminders/agent/{}", agent.user);
    for (path, expected) in [
        ("/reminders".to_owned(), vec![id(&own), first, middle, last]),
        (agents.clone(), vec![first, middle, last]),
        (format!("{agents}?sort_order=desc"), vec![last, middle, first]),
        (format!("{agents}?status=pending"), vec![first, last]),
        (format!("{agents}?status=Completed"), vec![middle]),
        (format!("{agents}?start_date=2026-11-23&end_date=2026-11-24"), vec![first, middle]),
        (format!("{agents}?due_at[gte]=2026-11-25T00:00:00Z"), vec![last]),
        (format!("/reminders?lead_id={lead}"), vec![last]),
        ("/reminders?priority=urgent".to_owned(), vec![last]),
        (format!("{agents}?priority=medium"), vec![first, middle]),
        (format!("{agents}?priority[in]=Medium,urgent"), vec![first, middle, last]),
        (format!("/reminders?agentId={}&status=pending", agent.user), vec![first, last]),
    ] {
        assert_eq!(ids(&ground.get(&path, &manager).await, "reminders"), expected, "{path}");
    }
    assert_eq!(ids(&ground.get("/reminders", &agent).await, "reminders"), [first, middle, last]);
    let answer = ground.ask(Ask::get("/reminders?status=gone"), &agent).await;
    assert_eq!(answer.expect(422).wrong(), wrong(&[("status", "unknown_reminder_status")]));
    ground.ask(Ask::get(format!("/reminders/overdue/{}", manager.user)), &agent).await.expect(404);
}

#[tokio::test]
async fn a_reminder_is_changed_deleted_and_brought_back() {
    let ground = Ground::new().await;
    let reminder = a_reminder(&ground, at(AT_NOON), &ground.admin).await;
    let path = format!("/reminders/{}", id(&reminder));
    let body =
        json!({"title": "Meet", "description": "At the office.", "due_at": "2026-11-21T08:00:00Z", "type": "meeting"});
    let changed = ground.put(&path, body.clone(), &ground.admin).await.data(200);
    for (field, value) in body.as_object().expect("an object") {
        assert_eq!(changed[field], *value);
    }
    let refused = ground.put(&path, json!({"title": null, "due_at": null}), &ground.admin).await;
    assert_eq!(refused.expect(422).wrong(), wrong(&[("title", "required"), ("due_at", "required")]));
    let stale = Ask::put(&path, json!({"title": "Other"})).header("if-match", "\"1\"");
    assert_eq!(ground.ask(stale, &ground.admin).await.status, 412);
    ground.ask(Ask::delete(&path), &ground.admin).await.expect(200);
    ground.ask(Ask::get(&path), &ground.admin).await.expect(404);
    let back = ground.post(format!("{path}/restore"), json!({}), &ground.admin).await.data(200);
    assert_eq!((&back["title"], &back["status"]), (&json!("Meet"), &json!("pending")));
}
