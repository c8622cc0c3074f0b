//! An organization with its administrator and an agent.

use axum::Router;
use domain::{Role, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, Tenant, World};

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) router: Router,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) agent: Person,
}

impl House {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let router = notifications::router(world.app());
        Self { world, router, tenant, admin, agent }
    }

    pub(crate) async fn by(&self, person: &Person, ask: Ask) -> Answer {
        ask.by(person).of(&self.router).await
    }

    /// As the agent.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.by(&self.agent, Ask::get(path)).await
    }

    /// As the agent.
    pub(crate) async fn put(&self, path: &str) -> Answer {
        self.by(&self.agent, Ask::put(path, json!({}))).await
    }

    /// The administrator tells somebody something.
    pub(crate) async fn tell(&self, user: UserId, more: Value) -> Value {
        let mut body = json!({"title": "Look", "message": "There is something.", "user_id": user});
        let fields = body.as_object_mut().expect("fields");
        fields.extend(more.as_object().expect("fields").clone());
        self.by(&self.admin, Ask::post("/notifications", body)).await.data(201)
    }

    pub(crate) async fn stats(&self) -> Value {
        self.get(&format!("/notifications/stats/{}", self.agent.user)).await.data(200)
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.world.clock.advance(SignedDuration::from_secs(seconds));
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The titles of a list, in its order.
pub(crate) fn titles(list: &Value) -> Vec<String> {
    list["notifications"].as_array().expect("a list").iter().map(|one| text(&one["title"])).collect()
}
