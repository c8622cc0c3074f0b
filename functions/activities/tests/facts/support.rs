//! A platform with an organization, its people and the function under test.

use axum::Router;
use domain::{Caller, Grant, Membership, Permission, Role, UserId};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, Tenant, World};

/// A platform with one organization, its administrator and the function under test.
pub(crate) struct Ground {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) router: Router,
    pub(crate) leads: Router,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        Self::of(World::new().await).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let (tenant, admin) = world.an_admin().await;
        let (router, leads) = (activities::router(world.app()), leads::router(world.app()));
        Self { world, tenant, admin, router, leads }
    }

    pub(crate) async fn person(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    /// A lead of somebody's.
    pub(crate) async fn a_lead(&self, owner: &Person) -> String {
        let body = json!({"full_name": "Asha Example", "assigned_to": owner.user});
        id(&Ask::post("/leads", body).by(&self.admin).of(&self.leads).await.data(201)).to_owned()
    }

    pub(crate) async fn ask(&self, ask: Ask, by: &Person) -> Answer {
        ask.by(by).of(&self.router).await
    }

    pub(crate) async fn post(&self, path: impl Into<String>, body: Value, by: &Person) -> Answer {
        self.ask(Ask::post(path, body), by).await
    }

    pub(crate) async fn put(&self, path: impl Into<String>, body: Value, by: &Person) -> Answer {
        self.ask(Ask::put(path, body), by).await
    }

    pub(crate) async fn get(&self, path: impl Into<String>, by: &Person) -> Value {
        self.ask(Ask::get(path), by).await.data(200)
    }

    /// The figures of a metric, once everything has been followed: dimension and number, without zeros.
    pub(crate) async fn figures(&self, metric: &str) -> Vec<(String, i64)> {
        self.world.settle().await;
        let grant = self.grant();
        let day = self.world.platform.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let rows = self.world.platform.table().counts_by_day(&grant, metric, day, day).await.expect("figures");
        rows.into_iter().filter(|row| row.n != 0).map(|row| (row.dimension, row.n)).collect()
    }

    /// Somebody's own figures of the same, with the seconds talked that stand beside them.
    pub(crate) async fn own_figures(&self, agent: UserId, metric: &str) -> Vec<(String, i64, i64)> {
        self.world.settle().await;
        let (grant, table) = (self.grant(), self.world.platform.table());
        let member: Membership = table.get(&grant, Membership::id_of(agent)).await.expect("a member");
        let grant = grant.of(&member).expect("in reach");
        let day = self.world.platform.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let rows = table.counts_by_day(&grant, metric, day, day).await.expect("figures");
        let seconds = |row: &store::CountRow| row.parts.get("s").copied().unwrap_or(0);
        rows.iter().filter(|row| row.n != 0).map(|row| (row.dimension.clone(), row.n, seconds(row))).collect()
    }

    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").allow(Permission::LeadsRead).expect("may do all")
    }
}

pub(crate) fn id(record: &Value) -> &str {
    record["id"].as_str().expect("a record has an id")
}

/// The ids of a list's records.
pub(crate) fn ids<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list[name].as_array().expect("a list").iter().map(id).collect()
}

pub(crate) fn wrong(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}
