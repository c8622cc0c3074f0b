//! An organization, and how to ask.

use axum::Router;
use domain::Role;
use events::{StreamEvent, StreamRecord};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, Tenant, World};

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) router: Router,
    leads: Router,
    activities: Router,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::of(World::new().await).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let (tenant, admin) = world.an_admin().await;
        let (router, leads) = (automation::router(world.app()), leads::router(world.app()));
        let activities = activities::router(world.app());
        Self { world, tenant, admin, router, leads, activities }
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        ask.by(&self.admin).of(&self.router).await
    }

    pub(crate) async fn person(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    /// The id of a new lead of the administrator's.
    pub(crate) async fn lead(&self, more: Value) -> String {
        let mut body = json!({"full_name": "Asha Example", "source": "facebook", "assigned_to": self.admin.user});
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        text(&Ask::post("/v1/leads", body).by(&self.admin).of(&self.leads).await.data(201)["id"])
    }

    /// Lets what follows from events happen.
    pub(crate) async fn follow(&self) {
        loop {
            let records = self.world.stream().await.into_iter();
            let records: Vec<StreamRecord> =
                records.map(|dynamodb| StreamRecord { event_name: String::new(), dynamodb }).collect();
            if records.is_empty() {
                return;
            }
            let response = events::handle(&self.world.platform, StreamEvent { records }).await;
            assert!(response.batch_item_failures.is_empty());
        }
    }

    /// The id of a missed call with a lead.
    pub(crate) async fn missed_call(&self, lead: &str) -> String {
        let body = json!({"lead_id": lead, "phone": "+919876543210", "status": "no_answer"});
        text(&Ask::post("/v1/calls", body).by(&self.admin).of(&self.activities).await.data(201)["id"])
    }

    /// The id of a new automation.
    pub(crate) async fn made(&self, body: Value) -> String {
        text(&self.ask(Ask::post("/v1/automation", body)).await.data(201)["id"])
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// A rule that reminds of new leads.
pub(crate) fn a_rule() -> Value {
    json!({
        "name": "Remind", "trigger": "lead.created",
        "actions": [{"type": "create_reminder", "title": "Call {{ name }}", "due_in_minutes": 30}],
    })
}
