use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{Ground, id, ids, wrong};

const NUMBER: &str = "+919876543210";

fn a_call() -> Value {
    json!({"phone": "098765 43210"})
}

#[tokio::test]
async fn a_call_begins_as_the_callers_own_and_is_found_by_its_id() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let body = json!({
        "id": "call_01kaf0v3hteb9s1z6vqk4m2x8y", "lead_id": lead, "phone": "098765 43210", "metadata": {"sim": 2},
        "recording_url": "https://files.example/a.mp3",
    });
    let answer = ground.post("/v1/calls", body.clone(), &agent).await;
    let call = answer.data(201);
    assert_eq!((&call["status"], &call["direction"]), (&json!("initiated"), &json!("outbound")));
    assert_eq!((&call["agentId"], &call["lead_id"]), (&json!(agent.user), &json!(lead)));
    assert_eq!((&call["phone"], &call["branch_id"]), (&json!(NUMBER), &json!(ground.tenant.branch)));
    assert_eq!(answer.header("location"), Some("/calls/call_01kaf0v3hteb9s1z6vqk4m2x8y"));
    assert_eq!(ground.get(format!("/api/calls/{}", id(&call)), &agent).await, call);
    assert_eq!(ground.post("/calls", body, &agent).await.expect(409).json()["code"], "exists");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let ground = Ground::new().await;
    let body = json!({
        "agentId": "x", "lead_id": 7, "phone": "12", "direction": "sideways", "status": "gone", "outcome": "maybe",
        "scheduled_at": "tomorrow", "duration_seconds": -1, "recording_url": "http://files.example/a", "metadata": [],
    });
    let answer = ground.post("/calls", body.clone(), &ground.admin).await;
    let fields: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    for field in body.as_object().expect("an object").keys() {
        assert!(fields.contains(field), "{field} is not among {fields:?}");
    }
    let answer = ground.post("/calls", json!({"metadata": {" a ": 1}, "phone": NUMBER}), &ground.admin).await;
    assert_eq!(answer.expect(422).wrong(), wrong(&[("metadata. a ", "malformed_key")]));
    let answer = ground.post("/calls", json!({}), &ground.admin).await;
    assert_eq!(answer.expect(422).wrong(), wrong(&[("phone", "required")]));
}

#[tokio::test]
async fn a_number_is_masked_for_who_does_not_see_numbers() {
    let ground = Ground::new().await;
    let viewer = ground.person(Role::Viewer).await;
    let body = json!({"phone": NUMBER, "agentId": viewer.user});
    let call = ground.post("/calls", body, &ground.admin).await.data(201);
    let seen = ground.get(format!("/calls/{}", id(&call)), &viewer).await;
    assert_eq!(seen["phone"], "+91******3210");
    assert_eq!(ground.get("/calls", &viewer).await["calls"][0]["phone"], "+91******3210");
}

#[tokio::test]
async fn starting_and_ending_twice_answers_the_same_and_the_length_is_ours() {
    let ground = Ground::new().await;
    let call = ground.post("/calls", a_call(), &ground.admin).await.data(201);
    let path = |what: &str| format!("/calls/{}/{what}", id(&call));
    let started = ground.post(path("start"), json!({}), &ground.admin).await.data(200);
    assert_eq!(started["status"], "in_progress");
    ground.world.clock.advance(SignedDuration::from_secs(95));
    assert_eq!(ground.post(path("start"), json!({}), &ground.admin).await.data(200), started);
    let ended = ground.post(path("end"), json!({"outcome": "interested"}), &ground.admin).await.data(200);
    assert_eq!((&ended["status"], &ended["duration_seconds"]), (&json!("completed"), &json!(95)));
    ground.world.clock.advance(SignedDuration::from_secs(5));
    let again = ground.post(path("end"), json!({"outcome": "converted", "status": "failed"}), &ground.admin).await;
    assert_eq!(again.data(200), ended);
    assert_eq!(ground.post(path("start"), json!({}), &ground.admin).await.data(200), ended);
    let admin = ground.admin.user;
    assert_eq!(ground.figures("calls").await, [("completed|interested".to_owned(), 1)]);
    assert_eq!(ground.own_figures(admin, "calls").await, [("completed|interested".to_owned(), 1, 95)]);
}

#[tokio::test]
async fn a_step_that_the_status_does_not_allow_is_refused() {
    let ground = Ground::new().await;
    let call = ground.post("/calls", a_call(), &ground.admin).await.data(201);
    let path = format!("/calls/{}", id(&call));
    let refused = ground.put(&path, json!({"status": "completed"}), &ground.admin).await;
    assert_eq!(refused.expect(422).wrong(), wrong(&[("status", "illegal_transition")]));
    ground.put(&path, json!({"status": "ringing"}), &ground.admin).await.expect(200);
    let over = ground.put(&path, json!({"status": "busy"}), &ground.admin).await.data(200);
    assert_eq!((&over["duration_seconds"], over["ended_at"].is_string()), (&json!(0), true));
    let refused = ground.post(format!("{path}/start"), json!({}), &ground.admin).await;
    assert_eq!(refused.expect(409).json()["code"], "illegal_transition");
    let refused = ground.put(&path, json!({"status": "in_progress"}), &ground.admin).await;
    assert_eq!(refused.expect(422).wrong(), wrong(&[("status", "illegal_transition")]));
}

#[tokio::test]
async fn a_call_that_was_held_is_told_of_with_its_own_times() {
    let ground = Ground::new().await;
    let body = json!({
        "phone": NUMBER, "started_at": "2026-11-20T09:00:00Z", "duration": 61, "outcome": "callback", "direction": "inbound",
    });
    let call = ground.post("/calls", body, &ground.admin).await.data(201);
    assert_eq!((&call["status"], &call["ended_at"]), (&json!("completed"), &json!("2026-11-20T09:01:01Z")));
    let admin = ground.admin.user;
    assert_eq!(ground.own_figures(admin, "calls").await, [("completed|callback".to_owned(), 1, 61)]);
    let body = json!({"phone": NUMBER, "status": "in_progress", "started_at": "2026-11-20T09:00:00Z"});
    assert_eq!(
        ground.post("/calls", body, &ground.admin).await.expect(422).wrong(),
        wrong(&[("started_at", "not_over")])
    );
}

#[tokio::test]
async fn a_later_outcome_and_a_deletion_correct_the_figures() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let body = json!({"phone": NUMBER, "duration_seconds": 30, "agentId": agent.user});
    let call = ground.post("/calls", body, &ground.admin).await.data(201);
    let (path, agent) = (format!("/calls/{}", id(&call)), agent.user);
    ground.put(&path, json!({"outcome": "converted"}), &ground.admin).await.expect(200);
    assert_eq!(ground.own_figures(agent, "calls").await, [("completed|converted".to_owned(), 1, 30)]);
    assert_eq!(ground.own_figures(ground.admin.user, "calls").await, []);
    ground.ask(Ask::delete(&path), &ground.admin).await.expect(200);
    assert_eq!((ground.figures("calls").await, ground.own_figures(agent, "calls").await), (vec![], vec![]));
    ground.ask(Ask::get(&path), &ground.admin).await.expect(404);
    let back = ground.post(format!("{path}/restore"), json!({}), &ground.admin).await.data(200);
    assert_eq!(back["outcome"], "converted");
    assert_eq!(ground.figures("calls").await, [("completed|converted".to_owned(), 1)]);
    assert_eq!(ground.own_figures(agent, "calls").await, [("completed|converted".to_owned(), 1, 30)]);
}

#[tokio::test]
async fn lists_answer_by_person_lead_day_and_what_came_of_calls() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let lead = ground.a_lead(&agent).await;
    let log = |day: u8, outcome: &str, lead: Option<&str>| {
        json!({
            "phone": NUMBER, "agentId": agent.user, "started_at": format!("2026-11-{day:02}T08:00:00Z"), "duration_seconds": 10,
            "outcome": outcome, "lead_id": lead,
        })
    };
    let mut made = Vec::new();
    for body in [log(18, "interested", Some(&lead)), log(10, "callback", None), log(19, "callback", Some(&lead))] {
        made.push(id(&ground.post("/calls", body, &ground.admin).await.data(201)).to_owned());
    }
    let own = ground.post("/calls", a_call(), &ground.admin).await.data(201);
    let [first, old, last] = made.as_slice() else { panic!("three calls") };
    let admin = &ground.admin;
    let agents = format!("/calls/agent/{}", agent.user);
    for (path, expected) in [
        ("/calls".to_owned(), vec![id(&own), last, first, old]),
        (agents.clone(), vec![last, first, old]),
        (format!("{agents}?sort_order=asc&sort_by=started_at"), vec![old, first, last]),
        (format!("/calls?agentId={}", agent.user), vec![last, first, old]),
        (format!("/calls?leadId={lead}"), vec![last, first]),
        (format!("/calls?lead_id={lead}&outcome=callback"), vec![last]),
        ("/calls?status=completed&outcome[in]=interested,callback".to_owned(), vec![last, first, old]),
        ("/calls?status=all&start_date=2026-11-18&end_date=2026-11-18".to_owned(), vec![first]),
        (format!("{agents}?date_range=week"), vec![last, first]),
    ] {
        assert_eq!(ids(&ground.get(&path, admin).await, "calls"), expected, "{path}");
    }
    for (path, field, code) in [
        ("/calls?status=gone", "status", "unknown_call_status"),
        ("/calls?outcome=maybe", "outcome", "unknown_call_outcome"),
        ("/calls?phone=12", "phone", "unknown_field"),
        ("/calls?range=custom", "start_date", "required"),
        ("/calls?sort_by=created_at", "sort_by", "unknown_value"),
    ] {
        let answer = ground.ask(Ask::get(path), admin).await;
        assert!(answer.expect(422).wrong().contains(&(field.into(), code.into())), "{path}: {:?}", answer.wrong());
    }
}

#[tokio::test]
async fn a_list_is_paged_by_cursor_within_its_days() {
    let ground = Ground::new().await;
    for minute in 0..5 {
        let at = format!("2026-11-19T08:{minute:02}:00Z");
        let body = json!({"phone": NUMBER, "started_at": at, "duration_seconds": 10});
        ground.post("/calls", body, &ground.admin).await.expect(201);
    }
    let (mut found, mut path) = (Vec::new(), "/calls?limit=2&range=7d".to_owned());
    loop {
        let page = ground.get(&path, &ground.admin).await;
        found.extend(page["calls"].as_array().expect("a list").iter().map(|call| call["started_at"].clone()));
        // Now is another with each page, and the days may be others than those that were asked for first.
        ground.world.clock.advance(SignedDuration::from_secs(1));
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        path = format!("/calls?limit=2&range=7d&cursor={cursor}");
    }
    let expected: Vec<Value> = (0..5).rev().map(|minute| format!("2026-11-19T08:{minute:02}:00Z").into()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_call_is_given_to_others_only_within_reach() {
    let ground = Ground::new().await;
    let (agent, other) = (ground.person(Role::Agent).await, ground.person(Role::Agent).await);
    let manager = ground.person(Role::Manager).await;
    let elsewhere = ground.world.a_person(&ground.tenant, Role::Agent, ground.tenant.other_branch).await;
    let theirs = ground.a_lead(&other).await;
    for (by, body, expected) in [
        (&agent, json!({"phone": NUMBER, "agentId": other.user}), Some(("agentId", "unknown_user"))),
        (&manager, json!({"phone": NUMBER, "agentId": other.user}), None),
        (&manager, json!({"phone": NUMBER, "agentId": elsewhere.user}), Some(("agentId", "unknown_user"))),
        (&agent, json!({"lead_id": theirs}), Some(("lead_id", "unknown_lead"))),
        (&manager, json!({"lead_id": theirs, "phone": NUMBER}), None),
    ] {
        let answer = ground.post("/calls", body, by).await;
        match expected {
            Some(expected) => assert_eq!(answer.expect(422).wrong(), wrong(&[expected])),
            None => drop(answer.data(201)),
        }
    }
    assert_eq!(ground.get("/calls", &agent).await["calls"], json!([]));
    assert_eq!(ids(&ground.get("/calls", &other).await, "calls").len(), 1);
    ground.ask(Ask::get(format!("/calls/agent/{}", other.user)), &agent).await.expect(404);
    assert_eq!(ids(&ground.get(format!("/calls/agent/{}", other.user), &manager).await, "calls").len(), 1);
}

#[tokio::test]
async fn a_call_with_a_lead_has_its_number_and_moves_with_a_new_lead() {
    let ground = Ground::new().await;
    let body = json!({"full_name": "Asha Example", "phone": NUMBER, "branch_id": ground.tenant.other_branch});
    let lead = Ask::post("/leads", body).by(&ground.admin).of(&ground.leads).await.data(201);
    let call = ground.post("/calls", json!({"lead_id": lead["id"]}), &ground.admin).await.data(201);
    assert_eq!((&call["phone"], &call["branch_id"]), (&json!(NUMBER), &json!(ground.tenant.other_branch)));
    let other = ground.a_lead(&ground.admin).await;
    let path = format!("/calls/{}", id(&call));
    let moved = ground.put(&path, json!({"lead_id": other}), &ground.admin).await.data(200);
    assert_eq!((&moved["lead_id"], &moved["branch_id"]), (&json!(other), &json!(ground.tenant.branch)));
    assert_eq!(ground.get(format!("/calls?lead_id={}", id(&lead)), &ground.admin).await["calls"], json!([]));
    let stale = Ask::put(&path, json!({"notes": "Later."})).header("if-match", "\"1\"");
    assert_eq!(ground.ask(stale, &ground.admin).await.status, 412);
}
