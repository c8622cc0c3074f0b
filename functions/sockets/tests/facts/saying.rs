//! What may be said, and what is answered.

use domain::realtime::Room;
use domain::{Role, RowReach};
use serde_json::json;
use testkit::Ask;

use crate::support::Hall;

#[tokio::test]
async fn a_ping_is_answered_with_the_time_and_its_reference() {
    let hall = Hall::new().await;
    hall.open("one", &hall.admin).await;
    let now = hall.world.platform.now();
    let pong = hall.say("one", json!({"action": "ping", "ref": "7"})).await;
    assert_eq!(pong, json!({"event": "pong", "data": {"at": now}, "ref": "7"}));
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_the_connection_stays() {
    let hall = Hall::new().await;
    hall.open("one", &hall.admin).await;
    for text in ["", "ping", "[]", "[\"ping\"]", "{\"action\": 1}", "null", "{"] {
        let answer = hall.say_text("one", text).await;
        assert_eq!((&answer["event"], &answer["data"]["code"]), (&json!("error"), &json!("malformed")), "{text}");
    }
    assert_eq!(hall.refused("one", json!({"action": "shout"})).await, "unknown_action");
    assert_eq!(hall.refused("one", json!({})).await, "unknown_action");
    for room in [json!(null), json!("everything"), json!("all"), json!("branch")] {
        assert_eq!(hall.refused("one", json!({"action": "subscribe", "room": room})).await, "unknown_room");
    }
    assert_eq!(hall.refused("one", json!({"action": "since", "cursor": "yesterday"})).await, "bad_cursor");
    assert_eq!(hall.refused("nobody", json!({"action": "ping"})).await, "signed_out");
    assert_eq!(hall.say("one", json!({"action": "ping"})).await["event"], "pong");
}

#[tokio::test]
async fn a_lead_out_of_reach_is_refused_as_one_that_is_not_there() {
    let hall = Hall::new().await;
    let (agent, other) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let mut leads = Vec::new();
    for owner in [&agent, &other] {
        let body = json!({"full_name": "Asha Example", "assigned_to": owner.user});
        leads.push(Ask::post("/leads", body).by(&hall.admin).of(&hall.leads).await.data(201)["id"].clone());
    }
    let (tenant, stranger) = hall.world.an_admin().await;
    hall.open("one", &agent).await;
    hall.open("two", &stranger).await;
    let lead = |lead: &serde_json::Value| json!({"action": "subscribe", "room": "lead", "lead_id": lead});
    assert_eq!(hall.say("one", lead(&leads[0])).await["event"], "subscribed");
    for missing in [leads[1].clone(), json!("lead_00000000000000000000000000"), json!("x"), json!(null)] {
        assert_eq!(hall.refused("one", lead(&missing)).await, "not_found");
    }
    assert_eq!(hall.refused("two", lead(&leads[0])).await, "not_found", "of another organization");
    let room = Room::Lead(leads[0].as_str().expect("an id").parse().expect("an id"));
    assert_eq!(hall.in_room(hall.tenant.organization, room).await, ["one"]);
    assert!(hall.in_room(tenant.organization, room).await.is_empty());

    let leave = json!({"action": "unsubscribe", "room": "lead", "lead_id": leads[0]});
    assert_eq!(hall.say("one", leave).await["event"], "unsubscribed");
    assert!(hall.in_room(hall.tenant.organization, room).await.is_empty());
}

#[tokio::test]
async fn a_team_is_what_the_role_reaches() {
    let hall = Hall::new().await;
    let (organization, branch) = (hall.tenant.organization, hall.tenant.branch);
    let agent = hall.person(Role::Agent).await;
    let manager = hall.world.a_person_reaching(&hall.tenant, Role::Manager, branch, Some(RowReach::Branch)).await;
    let team = json!({"action": "subscribe", "room": "team"});
    for (id, person) in [("admin", &hall.admin), ("agent", &agent), ("manager", &manager)] {
        hall.open(id, person).await;
        assert_eq!(hall.say(id, team.clone()).await["event"], "subscribed");
    }
    assert_eq!(hall.in_room(organization, Room::All).await, ["admin"]);
    assert_eq!(hall.in_room(organization, Room::Branch(branch)).await, ["manager"]);
    assert_eq!(hall.own_room(agent.user).await, ["agent"]);
    for id in ["admin", "agent", "manager"] {
        hall.say(id, json!({"action": "unsubscribe", "room": "team"})).await;
        assert_eq!(hall.refused(id, json!({"action": "unsubscribe", "room": "own"})).await, "own_stays");
    }
    assert!(hall.in_room(organization, Room::All).await.is_empty());
    assert!(hall.in_room(organization, Room::Branch(branch)).await.is_empty());
    assert_eq!(hall.own_room(agent.user).await, ["agent"], "one's own stays");
}

#[tokio::test]
async fn a_connection_is_in_a_hundred_rooms_at_most() {
    let hall = Hall::new().await;
    hall.open("one", &hall.admin).await;
    let table = hall.world.platform.table();
    let connection = table.connection("one").await.expect("the table").expect("it is open");
    for number in 1..=domain::realtime::MAX_ROOMS {
        let room = Room::Lead(domain::LeadId::at(hall.world.platform.now(), [u8::try_from(number).expect("few"); 10]));
        let joined = table.join(&connection, &[room].into()).await;
        assert_eq!(joined.is_ok(), number < domain::realtime::MAX_ROOMS, "{number}");
    }
    assert_eq!(hall.refused("one", json!({"action": "subscribe", "room": "team"})).await, "too_many_rooms");
    let known = hall.say("one", json!({"action": "subscribe", "room": "own"})).await;
    assert_eq!(known["event"], "subscribed", "what it is in already is no new room");
}

#[tokio::test]
async fn who_asks_much_waits_for_the_next_minute_and_may_ping() {
    let hall = Hall::new().await;
    hall.open("one", &hall.admin).await;
    let own = json!({"action": "subscribe", "room": "own"});
    for _ in 0..120 {
        assert_eq!(hall.say("one", own.clone()).await["event"], "subscribed");
    }
    assert_eq!(hall.refused("one", own.clone()).await, "rate_limited");
    assert_eq!(hall.say("one", json!({"action": "ping"})).await["event"], "pong");
    hall.world.clock.advance(jiff::SignedDuration::from_mins(1));
    assert_eq!(hall.say("one", own).await["event"], "subscribed");
}
