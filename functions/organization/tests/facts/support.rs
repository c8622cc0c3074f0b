//! An organization with its administrator.

use axum::Router;
use domain::lead::{Arrival, LeadDetails};
use domain::{BranchId, Caller, Lead, LeadId, LeadPipeline, Role};
use serde_json::Value;
use testkit::{Answer, Ask, Person, Tenant, World};

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) router: Router,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
}

impl House {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let router = organization::router(world.app());
        Self { world, router, tenant, admin }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Ask::get(path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Ask::post(path, body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Ask::put(path, body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Ask::delete(path)).await
    }

    /// As the administrator.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        ask.by(&self.admin).of(&self.router).await
    }

    pub(crate) async fn somebody(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }
}

impl House {
    /// A lead in a branch.
    pub(crate) async fn a_lead(&self, branch: BranchId) -> Lead {
        let platform = &self.world.platform;
        let grant = Caller::system(self.tenant.organization, "test").own();
        let table = platform.table();
        let pipeline: LeadPipeline =
            table.get(&grant, LeadPipeline::id_of(self.tenant.organization)).await.expect("a pipeline");
        let details = LeadDetails { full_name: "A Lead".parse().ok(), ..LeadDetails::default() };
        let arrival = Arrival {
            id: LeadId::at(platform.now(), platform.random()),
            organization: self.tenant.organization,
            branch,
            assigned_to: None,
            pipeline: &pipeline.pipeline,
            now: platform.now(),
        };
        let lead = Lead::create(details, arrival).expect("a lead");
        table.commit(&grant, lead).await.expect("a lead")
    }
}
