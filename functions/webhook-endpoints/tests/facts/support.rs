//! An organization with its administrator.

use axum::Router;
use domain::{Caller, Grant, Membership, Permission, Role, RowReach};
use events::{StreamEvent, StreamRecord};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, Tenant, World};

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) router: Router,
    pub(crate) leads: Router,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
}

impl House {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let (router, leads) = (webhook_endpoints::router(world.app()), leads::router(world.app()));
        Self { world, router, leads, tenant, admin }
    }

    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").own()
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        ask.by(&self.admin).of(&self.router).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask(Ask::get(path)).await.data(200)
    }

    /// A new endpoint and its secret.
    pub(crate) async fn an_endpoint(&self) -> (String, String) {
        let body = json!({"url": "https://hooks.example/token", "events": ["lead.*"], "headers": {"x-key": "a value"}});
        let made = self.ask(Ask::post("/webhook-endpoints", body)).await.data(201);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&made["webhook_endpoint"]["id"]), text(&made["secret"]))
    }

    /// A lead of this name; its id.
    pub(crate) async fn a_lead(&self, name: &str) -> String {
        let lead = Ask::post("/leads", json!({"full_name": name})).by(&self.admin).of(&self.leads).await.data(201);
        lead["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn change_lead(&self, id: &str, body: Value) {
        Ask::put(format!("/leads/{id}"), body).by(&self.admin).of(&self.leads).await.expect(200);
    }

    /// Somebody of a role with one more permission.
    pub(crate) async fn with_more(&self, role: Role, reach: Option<RowReach>, more: Permission) -> Person {
        let person = self.world.a_person_reaching(&self.tenant, role, self.tenant.branch, reach).await;
        let table = self.world.platform.table();
        let id = Membership::id_of(person.user);
        let before: Membership = table.get_to_change(&self.grant(), id).await.expect("a membership");
        let after = Membership { extra: [more].into_iter().collect(), ..before.clone() };
        let change = domain::Change::update(before, after, "membership.updated");
        table.commit(&self.grant(), change).await.expect("it is changed");
        person
    }

    /// Lets everything follow, as the functions do.
    pub(crate) async fn settle(&self) {
        loop {
            let records: Vec<StreamRecord> = self
                .world
                .stream()
                .await
                .into_iter()
                .map(|dynamodb| StreamRecord { event_name: String::new(), dynamodb })
                .collect();
            if records.is_empty() {
                return;
            }
            let answer = Box::pin(events::handle(&self.world.platform, StreamEvent { records })).await;
            assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
        }
    }
}
