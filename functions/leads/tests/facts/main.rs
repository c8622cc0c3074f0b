//! What is true of leads, told through the real router over the in-memory table.

mod changing;
mod creating;
mod files;
mod finding;
mod importing;
mod masking;
mod segmenting;
mod speaking;
mod syncing;
mod together;

use axum::Router;
use domain::Role;
use serde_json::{Value, json};
use testkit::{Ask, Person, Tenant, World};

/// A platform with one organization, its administrator and the function under test.
struct Ground {
    world: World,
    tenant: Tenant,
    admin: Person,
    router: Router,
}

impl Ground {
    async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let router = leads::router(world.app());
        Self { world, tenant, admin, router }
    }

    async fn person(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    /// A lead as its creation answers it.
    async fn a_lead(&self, body: Value) -> Value {
        Ask::post("/leads", body).by(&self.admin).of(&self.router).await.data(201)
    }

    async fn get(&self, path: &str) -> Value {
        Ask::get(path).by(&self.admin).of(&self.router).await.data(200)
    }
}

fn id(lead: &Value) -> &str {
    lead["id"].as_str().expect("a lead has an id")
}

fn names(list: &Value) -> Vec<&str> {
    list["leads"].as_array().expect("a list").iter().filter_map(|lead| lead["full_name"].as_str()).collect()
}

fn named(name: &str) -> Value {
    json!({"full_name": name})
}
