//! Whose notifications somebody sees, and whom they may tell.

use domain::Role;
use serde_json::json;
use testkit::Ask;

use crate::support::{House, text};

#[tokio::test]
async fn others_notifications_need_a_permission_and_reach() {
    let house = House::new().await;
    let colleague = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    let manager = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    let elsewhere = house.world.a_person(&house.tenant, Role::Manager, house.tenant.other_branch).await;
    let (_, stranger) = house.world.an_admin().await;
    let id = text(&house.tell(house.agent.user, json!({})).await["id"]);
    let user = house.agent.user;
    for (person, expected) in [
        (&house.agent, 200),
        (&manager, 200),
        (&house.admin, 200),
        (&colleague, 404),
        (&elsewhere, 404),
        (&stranger, 404),
    ] {
        for ask in [
            Ask::get(format!("/notifications/{id}")),
            Ask::get(format!("/notifications?user_id={user}")),
            Ask::get(format!("/notifications/agent/{user}")),
            Ask::get(format!("/notifications/stats/{user}")),
            Ask::put(format!("/notifications/{id}/read"), json!({})),
            Ask::put(format!("/notifications/agent/{user}/read-all"), json!({})),
        ] {
            house.by(person, ask).await.expect(expected);
        }
    }
    house.by(&colleague, Ask::delete(format!("/notifications/{id}"))).await.expect(404);
    house.by(&manager, Ask::delete(format!("/notifications/{id}"))).await.expect(200);
}

#[tokio::test]
async fn whoever_is_out_of_reach_cannot_be_told() {
    let house = House::new().await;
    let (_, stranger) = house.world.an_admin().await;
    let body = |user| json!({"title": "Look", "message": "There.", "user_id": user});
    for (person, user) in [(&house.agent, house.admin.user), (&house.admin, stranger.user)] {
        let refused = house.by(person, Ask::post("/notifications", body(user))).await;
        assert_eq!(refused.expect(422).wrong(), [("user_id".into(), "unknown_user".into())]);
    }
    let own = house.by(&house.agent, Ask::post("/notifications", json!({"title": "Me", "message": "Later."}))).await;
    assert_eq!(own.data(201)["user_id"], json!(house.agent.user));
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let body = json!({
        "user_id": "x", "type": "shout", "priority": "most", "action_url": "javascript:alert(1)", "expires_at": "2001-01-01T00:00:00Z",
        "metadata": {"a": 1}, "data": {"a": 2},
    });
    let refused = house.by(&house.admin, Ask::post("/notifications", body)).await;
    let wrong: Vec<String> = refused.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["user_id", "title", "message", "type", "priority", "action_url", "data", "expires_at"]);
    let lead = domain::LeadId::at(house.world.platform.now(), house.world.platform.random());
    let body = json!({"title": "Look", "message": "There.", "lead_id": lead});
    let refused = house.by(&house.admin, Ask::post("/notifications", body)).await;
    assert_eq!(refused.expect(422).wrong(), [("lead_id".into(), "unknown_lead".into())]);
}
