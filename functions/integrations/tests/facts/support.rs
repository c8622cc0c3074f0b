//! An organization with people, and the function.

use axum::Router;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, Tenant, World};

pub(crate) const TOKEN: &str = "a-token-that-opens-nothing";

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) router: Router,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let router = integrations::router(world.app());
        Self { world, tenant, admin, router }
    }

    pub(crate) async fn of(&self, ask: Ask) -> Answer {
        ask.by(&self.admin).of(&self.router).await
    }

    /// A connection to Twilio.
    pub(crate) async fn twilio(&self) -> Value {
        let body = json!({"provider": "twilio", "name": "Main line", "credentials": {"auth_token": TOKEN}});
        self.of(Ask::post("/integrations", body)).await.data(201)
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
