//! An organization with its administrator.

use axum::Router;
use domain::{BranchId, Caller, Grant, Membership, Role, RowReach, UserId};
use serde_json::{Value, json};
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
        let router = users::router(world.app());
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
        self.by(&self.admin, ask).await
    }

    pub(crate) async fn by(&self, person: &Person, ask: Ask) -> Answer {
        ask.by(person).of(&self.router).await
    }

    pub(crate) async fn somebody(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    /// An administrator of a branch only.
    pub(crate) async fn bounded(&self) -> Person {
        self.world.a_person_reaching(&self.tenant, Role::Admin, self.tenant.branch, Some(RowReach::Branch)).await
    }

    /// The proof for whatever the organization has.
    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").own()
    }

    pub(crate) async fn member(&self, user: UserId) -> Membership {
        let id = Membership::id_of(user);
        self.world.platform.table().get_to_change(&self.grant(), id).await.expect("a membership")
    }

    /// Somebody's place as it shall be, without asking anybody.
    pub(crate) async fn place(&self, user: UserId, edit: impl FnOnce(&mut Membership)) {
        let before = self.member(user).await;
        let mut after = before.clone();
        edit(&mut after);
        let table = self.world.platform.table();
        let seats: domain::Seats =
            table.get_to_change(&self.grant(), domain::Seats::id_of(self.tenant.organization)).await.expect("seats");
        let now = self.world.platform.now();
        let seats = seats.change(Some(&before), Some(&after), domain::Plan::Enterprise, now).expect("a seat");
        let mut transaction = table.transaction();
        transaction.push(&self.grant(), seats).expect("a change");
        transaction.push(&self.grant(), domain::Change::update(before, after, "membership.updated")).expect("a change");
        transaction.commit().await.expect("a change");
    }

    pub(crate) async fn plan(&self, plan: domain::Plan) {
        self.world.choose_plan(&self.tenant, plan, 0).await;
        self.later(31);
    }

    /// The same sign-in with a token of now.
    pub(crate) fn renewed(&self, person: &Person) -> Person {
        let now = self.world.platform.now().as_second();
        let claims = web::Claims { iat: now, exp: now + 3_600, ..person.claims.clone() };
        Person { token: self.world.keys.sign(&claims), claims, ..person.clone() }
    }

    /// Some seconds pass.
    pub(crate) fn later(&self, seconds: i64) {
        self.world.clock.advance(jiff::SignedDuration::from_secs(seconds));
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A new member to be.
pub(crate) fn new_user(email: &str, role: &str, branch: BranchId) -> Value {
    json!({
        "email": email, "first_name": "Asha", "last_name": "Example", "password": "correct horse battery",
        "role": role, "branch_ids": [branch],
    })
}
