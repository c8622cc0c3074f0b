//! Who is told of what, and what a frame says.

use domain::{AgentState, AgentStatus, Role, RowReach};
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::Hall;

#[tokio::test]
async fn a_change_is_told_once_to_each_who_may_see_it_and_to_nobody_else() {
    let hall = Hall::new().await;
    let (agent, colleague) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let reach = Some(RowReach::Branch);
    let manager = hall.world.a_person_reaching(&hall.tenant, Role::Manager, hall.tenant.branch, reach).await;
    let elsewhere = hall.world.a_person_reaching(&hall.tenant, Role::Manager, hall.tenant.other_branch, reach).await;
    let (_, stranger) = hall.world.an_admin().await;
    let mut hearing =
        [hall.open_to_all(&hall.admin).await, hall.open_to_all(&agent).await, hall.open_to_all(&manager).await];
    let mut deaf = [
        hall.open_to_all(&colleague).await,
        hall.open_to_all(&elsewhere).await,
        hall.open_to_all(&stranger).await,
        hall.open(&manager).await,
    ];
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    for ear in &hearing {
        let about = json!({"action": "subscribe", "room": "lead", "lead_id": lead});
        assert_eq!(hall.say(ear, about).await["event"], "subscribed");
    }
    hall.change(&lead, json!({"priority": "high", "email": "new@example.com"})).await;
    Ask::post(format!("/leads/{lead}/status"), json!({"status": "assessment"}))
        .by(&hall.admin)
        .of(&hall.leads)
        .await
        .expect(200);
    hall.follow().await;
    for ear in &mut hearing {
        let events: Vec<String> = ear.events().into_iter().filter(|event| event.starts_with("lead:")).collect();
        assert_eq!(events, ["lead:created", "lead:updated", "lead:status"], "{}", ear.id);
    }
    for ear in &mut deaf {
        assert!(ear.events().is_empty(), "{}", ear.id);
    }
}

#[tokio::test]
async fn a_frame_shows_open_fields_as_they_are_now_and_nothing_of_a_person() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let mut ear = hall.open(&agent).await;
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    hall.change(&lead, json!({"priority": "high", "phone": "9876543210", "full_name": "Somebody Else"})).await;
    hall.follow().await;
    let frames: Vec<Value> = ear.heard().into_iter().filter(|frame| frame["data"]["type"] == "lead").collect();
    let [created, updated] = frames.as_slice() else { panic!("two frames: {frames:?}") };
    assert_eq!((&created["event"], &created["data"]["version"]), (&json!("lead:created"), &json!(1)));
    let data = &updated["data"];
    assert_eq!((&updated["event"], &data["id"], &data["version"]), (&json!("lead:updated"), &json!(lead), &json!(2)));
    assert!(updated["id"].as_str().is_some_and(|id| id.starts_with("evt_")) && updated["at"].is_string());
    for changed in ["priority", "phone", "full_name"] {
        assert!(data["changed"].as_array().expect("names").contains(&json!(changed)), "{changed}");
    }
    let fields = &data["fields"];
    assert_eq!((&fields["priority"], &fields["assigned_to"]), (&json!("high"), &json!(agent.user)));
    for said in ["Asha", "Somebody", "9876543210", "@example.com", "ABCPE1234F"] {
        assert!(!frames.iter().any(|frame| frame.to_string().contains(said)), "{said}");
    }
}

#[tokio::test]
async fn whoever_loses_a_record_is_told_that_it_is_gone_and_no_more() {
    let hall = Hall::new().await;
    let (one, other) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let lead = hall.a_lead(&one).await;
    hall.follow().await;
    let (mut before, mut after) = (hall.open(&one).await, hall.open(&other).await);
    let body = json!({"assigned_to": other.user});
    Ask::post(format!("/leads/{lead}/assign"), body).by(&hall.admin).of(&hall.leads).await.expect(200);
    hall.follow().await;
    let gone = before.heard();
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!(gone[0]["event"], "lead:gone");
    assert_eq!(gone[0]["data"], json!({"type": "lead", "id": lead, "version": 2}));
    // Beside the lead there is the notification of it.
    assert_eq!(after.events(), ["lead:assigned", "notification:new"]);

    Ask::delete(format!("/leads/{lead}")).by(&hall.admin).of(&hall.leads).await.expect(200);
    hall.follow().await;
    assert_eq!((before.events(), after.events()), (vec![], vec!["lead:deleted".to_owned()]));
    Ask::post(format!("/leads/{lead}/restore"), json!({})).by(&hall.admin).of(&hall.leads).await.expect(200);
    hall.follow().await;
    assert_eq!((before.events(), after.events()), (vec![], vec!["lead:restored".to_owned()]));
}

#[tokio::test]
async fn calls_and_reminders_are_told_to_their_people_and_in_their_leads_room() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    let (mut own, mut room) = (hall.open(&agent).await, hall.open(&hall.admin).await);
    hall.say(&room, json!({"action": "subscribe", "room": "lead", "lead_id": lead})).await;
    let ask = |path: &str, body: Value| Ask::post(path, body).by(&agent);
    let call = ask("/calls", json!({"lead_id": lead})).of(&hall.activities).await.data(201);
    let path = format!("/calls/{}", call["id"].as_str().expect("an id"));
    ask(&format!("{path}/start"), json!({})).of(&hall.activities).await.expect(200);
    ask(&format!("{path}/end"), json!({"outcome": "interested"})).of(&hall.activities).await.expect(200);
    let due = hall.world.platform.now() + jiff::SignedDuration::from_hours(1);
    let reminder = json!({"title": "Secret title", "due_at": due, "lead_id": lead});
    let reminder = ask("/reminders", reminder).of(&hall.activities).await.data(201);
    let path = format!("/reminders/{}", reminder["id"].as_str().expect("an id"));
    ask(&format!("{path}/complete"), json!({})).of(&hall.activities).await.expect(200);
    hall.follow().await;
    let expected = ["call:created", "call:started", "call:ended", "reminder:created", "reminder:completed"];
    let heard = own.heard();
    assert!(!heard.iter().any(|frame| frame.to_string().contains("Secret")), "{heard:?}");
    for events in [heard.iter().filter_map(|frame| frame["event"].as_str()).map(str::to_owned).collect(), room.events()]
    {
        let events: Vec<String> = events.into_iter().filter(|event: &String| !event.starts_with("lead:")).collect();
        for event in expected {
            assert_eq!(events.iter().filter(|one| *one == event).count(), 1, "{event}: {events:?}");
        }
    }
}

#[tokio::test]
async fn a_private_note_is_told_to_its_author_alone_and_others_to_those_who_see_the_lead() {
    let hall = Hall::new().await;
    let (agent, colleague) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    let (mut own, mut all) = (hall.open(&agent).await, hall.open_to_all(&hall.admin).await);
    let mut deaf = hall.open_to_all(&colleague).await;
    let note = |private: bool| json!({"lead_id": lead, "content": "What nobody else reads", "is_private": private});
    let private = Ask::post("/notes", note(true)).by(&agent).of(&hall.activities).await.data(201);
    hall.follow().await;
    assert_eq!((own.events(), all.events()), (vec!["note:created".to_owned()], vec![]));
    Ask::post("/notes", note(false)).by(&hall.admin).of(&hall.activities).await.expect(201);
    hall.follow().await;
    let heard = own.heard();
    assert_eq!(heard.len(), 1);
    assert!(!heard[0].to_string().contains("nobody"), "{heard:?}");
    assert_eq!(all.events(), ["note:created"]);

    let path = format!("/notes/{}", private["id"].as_str().expect("an id"));
    Ask::put(path.clone(), json!({"is_private": false})).by(&agent).of(&hall.activities).await.expect(200);
    hall.follow().await;
    assert_eq!((own.events(), all.events()), (vec!["note:updated".to_owned()], vec!["note:updated".to_owned()]));
    Ask::put(path, json!({"is_private": true})).by(&agent).of(&hall.activities).await.expect(200);
    hall.follow().await;
    assert_eq!((own.events(), all.events()), (vec!["note:updated".to_owned()], vec!["note:gone".to_owned()]));
    assert!(deaf.events().is_empty());
}

#[tokio::test]
async fn a_notification_is_told_to_its_receiver_alone() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let (mut own, mut all) = (hall.open(&agent).await, hall.open_to_all(&hall.admin).await);
    let body = json!({"title": "Look", "message": "A secret.", "user_id": agent.user});
    let sent = Ask::post("/notifications", body).by(&hall.admin).of(&hall.notifications).await.data(201);
    hall.follow().await;
    let heard = own.heard();
    let [new] = heard.as_slice() else { panic!("one frame: {heard:?}") };
    assert_eq!((&new["event"], &new["data"]["id"]), (&json!("notification:new"), &sent["id"]));
    assert!(!new.to_string().contains("secret") && !new.to_string().contains("Look"), "{new}");
    assert!(all.events().is_empty());
}

#[tokio::test]
async fn what_an_agent_does_is_told_to_them_and_to_those_who_reach_them() {
    let hall = Hall::new().await;
    let (agent, colleague) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let (mut own, mut all) = (hall.open(&agent).await, hall.open_to_all(&hall.admin).await);
    let mut deaf = hall.open_to_all(&colleague).await;
    let now = hall.world.platform.now();
    let state = AgentState::begin(hall.tenant.organization, agent.user, now);
    let change = state.change(AgentStatus::Available, None, now, &jiff::tz::TimeZone::UTC);
    hall.world.platform.table().commit(&hall.grant(), change).await.expect("a change");
    hall.follow().await;
    for ear in [&mut own, &mut all] {
        let heard = ear.heard();
        let [status] = heard.as_slice() else { panic!("one frame: {heard:?}") };
        assert_eq!((&status["event"], &status["data"]["id"]), (&json!("agent:status"), &json!(agent.user)));
        assert_eq!(status["data"]["fields"]["status"], "available");
    }
    assert!(deaf.events().is_empty());
}

#[tokio::test]
async fn many_connections_are_told_page_by_page_each_once() {
    let hall = Hall::in_pages(2).await;
    let agent = hall.person(Role::Agent).await;
    let mut ears = Vec::new();
    for number in 0..7 {
        // Some are in two rooms that hear of it.
        let person = if number % 2 == 0 { &agent } else { &hall.admin };
        ears.push(hall.open_to_all(person).await);
    }
    hall.a_lead(&agent).await;
    hall.follow().await;
    for ear in &mut ears {
        let events: Vec<String> = ear.events().into_iter().filter(|event| event.starts_with("lead:")).collect();
        assert_eq!(events, ["lead:created"], "{}", ear.id);
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_queued_and_nothing_remembered() {
    let hall = Hall::new().await;
    let (_, stranger) = hall.world.an_admin().await;
    let _listening = hall.open_to_all(&stranger).await;
    hall.hand_over().await;
    hall.work().await;
    hall.a_lead(&hall.admin).await;
    hall.hand_over().await;
    assert!(hall.queued().await.is_empty());
    let since = store::ToldFrom::Time(jiff::Timestamp::UNIX_EPOCH);
    let told = hall.world.platform.table().told_since(hall.tenant.organization, &since, 10).await.expect("the table");
    assert!(told.told.is_empty());
}
