//! People who register themselves.

use domain::Seats;
use serde_json::{Value, json};
use testkit::{Answer, Ask};

use crate::support::{House, text};

const PASSWORD: &str = "correct horse battery";

struct Door {
    house: House,
    organization: axum::Router,
    auth: axum::Router,
}

impl Door {
    async fn new() -> Self {
        let house = House::new().await;
        auth::prepare(&house.world.platform).await.expect("the key can be published");
        let keys = house.world.platform.table().signing_keys().await.expect("the keys can be read");
        let auth = auth::router(web::App::new(house.world.platform.clone(), &keys));
        let organization = organization::router(house.world.app());
        Self { house, organization, auth }
    }

    async fn open(&self) -> String {
        let ask = Ask::post("/organization/join-code", json!({})).by(&self.house.admin);
        text(&ask.of(&self.organization).await.data(200)["join_code"])
    }

    async fn join(&self, code: &str, email: &str) -> Answer {
        let body = json!({
            "organization_code": code, "first_name": "Asha", "last_name": "Example", "email": email,
            "password": PASSWORD,
        });
        Ask::post("/auth/join", body).of(&self.auth).await
    }

    async fn sign_in(&self) -> Answer {
        let body = json!({"email": "somebody@example.com", "password": PASSWORD});
        Ask::post("/auth/login", body).of(&self.auth).await
    }
}

#[tokio::test]
async fn who_registers_themselves_comes_in_once_somebody_approves_it() {
    let door = Door::new().await;
    let code = door.open().await;
    assert_eq!(door.join(&code, "somebody@example.com").await.data(202), json!({"received": true}));
    door.sign_in().await.expect(401);
    let waiting = door.house.get("/users?status=pending").await.data(200);
    let user = waiting["users"][0].clone();
    assert_eq!((&user["name"], &user["role"]), (&json!("Asha Example"), &json!("viewer")));
    let seats = Seats::id_of(door.house.tenant.organization);
    let taken: Seats = door.house.world.platform.table().get(&door.house.grant(), seats).await.expect("seats");
    assert_eq!(taken.active, 1, "who waits takes no seat");
    door.house.post(&format!("/users/{}/approve", text(&user["id"])), json!({})).await.expect(200);
    door.sign_in().await.expect(200);
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_an_address_has_an_account() {
    let door = Door::new().await;
    let code = door.open().await;
    let words = |answer: Answer| (answer.status, answer.json());
    let first = words(door.join(&code, "somebody@example.com").await);
    assert_eq!(first, words(door.join(&code, "somebody@example.com").await));
    assert_eq!(first, words(door.join(&code, &door.house.admin.claims.email).await));
    assert_eq!(door.house.get("/users").await.data(200)["pagination"]["total_records"], 2);
}

#[tokio::test]
async fn only_the_newest_code_opens_and_none_where_nobody_opened() {
    let door = Door::new().await;
    let old = door.open().await;
    let new = door.open().await;
    for code in [&old, "", "nothing"] {
        let refused = door.join(code, "somebody@example.com").await;
        assert_eq!(refused.expect(422).wrong(), [("organization_code".into(), "unknown_code".into())]);
    }
    let closed = Ask::delete("/organization/join-code").by(&door.house.admin).of(&door.organization).await.data(200);
    assert_eq!(closed["join_code"], Value::Null);
    door.join(&new, "somebody@example.com").await.expect(422);
}
