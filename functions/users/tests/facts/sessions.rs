//! Where somebody is signed in.

use domain::session::{Device, Opening, Proof};
use domain::{Change, Role, Session, SessionId, UserId};
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::support::{House, text};

/// Somebody's sign-in on another device.
async fn another(house: &House, person: &Person) -> Person {
    let (platform, now) = (&house.world.platform, house.world.platform.now());
    let id = SessionId::at(now, platform.random());
    let opening = Opening {
        organization: house.tenant.organization,
        user: person.user,
        device: Device { user_agent: "Another device".into(), address: "192.0.2.7".into() },
        remember: true,
        proofs: vec![Proof::Password],
        must: None,
        second_factor_due_at: None,
    };
    let session = Session::open(id, opening, "salt".into(), now);
    platform.table().commit(&house.grant(), Change::create(session, "session.opened")).await.expect("a session");
    let claims = web::Claims { sid: id, ..person.claims.clone() };
    Person { session: id, token: house.world.keys.sign(&claims), claims, ..person.clone() }
}

async fn ids(house: &House, person: &Person, of: Option<UserId>) -> Vec<String> {
    let path = of.map_or("/users/sessions".to_owned(), |user| format!("/users/sessions?userId={user}"));
    let list = house.by(person, Ask::get(path)).await.data(200);
    list["sessions"].as_array().expect("a list").iter().map(|session| text(&session["id"])).collect()
}

#[tokio::test]
async fn ones_sessions_are_listed_with_the_one_that_asks() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    house.later(60);
    let phone = another(&house, &agent).await;
    let list = house.by(&agent, Ask::get("/users/sessions")).await.data(200);
    let current: Vec<&Value> =
        list["sessions"].as_array().expect("a list").iter().map(|each| &each["current"]).collect();
    assert_eq!(current, [false, true]);
    assert_eq!(
        (&list["sessions"][0]["device"], &list["sessions"][0]["address"]),
        (&json!("Another device"), &json!("192.0.2.7"))
    );
    assert!(!list.to_string().contains("salt"));
    assert_eq!(
        ids(&house, &house.admin, Some(agent.user)).await,
        [phone.session.to_string(), agent.session.to_string()]
    );
    let viewer = house.somebody(Role::Viewer).await;
    let path = format!("/users/sessions?userId={}", agent.user);
    assert_eq!(house.by(&viewer, Ask::get(path)).await.expect(403).json()["permission"], "users:read");
}

#[tokio::test]
async fn a_revoked_session_opens_nothing_more() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let phone = another(&house, &agent).await;
    house.by(&phone, Ask::get("/permissions")).await.expect(200);
    let path = format!("/users/sessions/{}/revoke", phone.session);
    house.by(&agent, Ask::delete(&path)).await.expect(200);
    house.by(&phone, Ask::get("/permissions")).await.expect(401);
    assert_eq!(ids(&house, &agent, None).await, [agent.session.to_string()]);
    house.by(&agent, Ask::delete(&path)).await.expect(200);
}

#[tokio::test]
async fn another_function_forgets_a_revoked_session_within_a_minute() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let other = users::router(house.world.app());
    Ask::get("/permissions").by(&agent).of(&other).await.expect(200);
    let path = format!("/users/sessions/{}/revoke", agent.session);
    house.ask(Ask::delete(&path)).await.expect(200);
    house.later(60);
    Ask::get("/permissions").by(&agent).of(&other).await.expect(401);
}

#[tokio::test]
async fn all_others_end_at_once() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let (phone, tablet) = (another(&house, &agent).await, another(&house, &agent).await);
    let revoked = house.by(&phone, Ask::post("/users/sessions/revoke-all", json!({}))).await.data(200);
    assert_eq!(revoked, json!({"revoked": 2}));
    for (person, status) in [(&phone, 200), (&tablet, 401), (&agent, 401)] {
        house.by(person, Ask::get("/permissions")).await.expect(status);
    }
    let path = format!("/users/sessions/revoke-all?userId={}", agent.user);
    assert_eq!(house.post(&path, json!({})).await.data(200), json!({"revoked": 1}));
    house.by(&phone, Ask::get("/permissions")).await.expect(401);
}

#[tokio::test]
async fn others_sessions_are_ended_by_who_may_and_is_not_under_them() {
    let house = House::new().await;
    let (agent, manager) = (house.somebody(Role::Agent).await, house.somebody(Role::Manager).await);
    let bounded = house.bounded().await;
    let (_, stranger) = house.world.an_admin().await;
    let path = |session| format!("/users/sessions/{session}/revoke");
    house.by(&manager, Ask::delete(path(agent.session))).await.expect(404);
    house.ask(Ask::delete(path(stranger.session))).await.expect(404);
    let refused = house.by(&bounded, Ask::delete(path(house.admin.session))).await;
    assert_eq!(refused.expect(403).json()["code"], "beyond_own");
    let all = format!("/users/sessions/revoke-all?userId={}", house.admin.user);
    house.by(&bounded, Ask::post(&all, json!({}))).await.expect(403);
    house.by(&bounded, Ask::delete(path(agent.session))).await.expect(200);
    house.by(&agent, Ask::get("/permissions")).await.expect(401);
}
