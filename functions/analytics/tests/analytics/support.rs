//! An organization whose leads come and go.

use std::collections::HashMap;
use std::num::NonZeroU32;

use axum::Router;
use domain::lead::{Arrival, LeadDetails};
use domain::pipeline::{MoveContext, Pipeline, StageKey};
use domain::{BranchId, Caller, Change, Grant, Lead, LeadId, Membership, Permission, Record, Slot, UserId};
use jiff::SignedDuration;
use serde_json::Value;
use store::{ListQuery, Table};
use testkit::{Ask, Person, Tenant, World};

/// A platform with one organization and the function.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) pipeline: Pipeline,
    pub(crate) router: Router,
    /// Calls and reminders.
    pub(crate) activities: Router,
}

impl Office {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let tenant = world.a_tenant("Example Ltd").await;
        let (router, activities) = (analytics::router(world.app()), activities::router(world.app()));
        Self { world, tenant, pipeline: Pipeline::default(), router, activities }
    }

    pub(crate) fn table(&self) -> &Table {
        self.world.platform.table()
    }

    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").allow(Permission::LeadsWrite).expect("may do all")
    }

    /// A lead arrives; `details` says how.
    pub(crate) async fn arrives(&self, branch: BranchId, owner: Option<UserId>, details: LeadDetails) -> Lead {
        let now = self.world.platform.now();
        let arrival = Arrival {
            id: LeadId::at(now, self.world.platform.random()),
            organization: self.tenant.organization,
            branch,
            assigned_to: owner,
            pipeline: &self.pipeline,
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        self.table().commit(&self.grant(), change).await.expect("a lead can be made")
    }

    /// So many leads of a source arrive in a branch.
    pub(crate) async fn arrive(&self, count: usize, branch: BranchId, source: &str) -> Vec<Lead> {
        let mut leads = Vec::new();
        for _ in 0..count {
            leads.push(self.arrives(branch, None, from(source)).await);
        }
        leads
    }

    /// A lead moves to a stage.
    pub(crate) async fn moves(&self, lead: Lead, to: &str) -> Lead {
        let to: StageKey = to.parse().expect("a stage");
        let context = MoveContext { may_skip: true, reason: Some("a test") };
        let now = self.world.platform.now();
        let change = lead.move_to(&to, &context, &self.pipeline, now).expect("a move");
        self.table().commit(&self.grant(), change).await.expect("a lead can be moved")
    }

    /// Somebody tells of a call.
    pub(crate) async fn calls(&self, person: &Person, call: Value) -> Value {
        Ask::post("/calls", call).by(person).of(&self.activities).await.data(201)
    }

    /// Somebody belongs to another's team from now on.
    pub(crate) async fn put_under(&self, person: &Person, manager: &Person) {
        let (grant, id) = (self.grant(), Membership::id_of(person.user));
        let before: Membership = self.table().get_to_change(&grant, id).await.expect("a member");
        let after = Membership { manager: Some(manager.user), ..before.clone() };
        let change = Change::update(before, after, "membership.updated");
        self.table().commit(&grant, change).await.expect("a change");
    }

    /// The same sign-in with a token of now.
    pub(crate) fn renewed(&self, person: &Person) -> Person {
        let now = self.world.platform.now().as_second();
        let claims = web::Claims { iat: now, exp: now + 3_600, ..person.claims.clone() };
        Person { token: self.world.keys.sign(&claims), claims, ..person.clone() }
    }

    pub(crate) fn days_later(&self, days: i64) {
        self.world.clock.advance(SignedDuration::from_hours(24 * days));
    }

    /// What a report says to somebody.
    pub(crate) async fn report(&self, person: &Person, path: &str) -> Value {
        self.world.settle().await;
        Ask::get(format!("/v1/analytics/{path}")).by(person).of(&self.router).await.data(200)
    }

    /// All live records of a kind that has a list of all.
    pub(crate) async fn all<R: Record>(&self) -> Vec<R> {
        let mut query = ListQuery::new(Slot::One, "all", "", NonZeroU32::MIN.saturating_add(99));
        let mut records = Vec::new();
        loop {
            let page = self.table().list::<R>(&self.grant(), &query, |_| true).await.expect("a page");
            records.extend(page.records);
            query.cursor = page.next;
            if query.cursor.is_none() {
                return records;
            }
        }
    }

    /// How many open leads each person holds, as the figure of now says.
    pub(crate) async fn held(&self) -> HashMap<String, i64> {
        let rows = self.table().counts_now(&self.grant(), "open_leads_by_owner").await.expect("figures");
        rows.into_iter().filter(|row| row.n != 0).map(|row| (row.dimension, row.n)).collect()
    }

    pub(crate) fn a_user(&self) -> UserId {
        UserId::at(self.world.platform.now(), self.world.platform.random())
    }
}

/// The details of a lead of a source; an empty one is none.
pub(crate) fn from(source: &str) -> LeadDetails {
    LeadDetails {
        full_name: Some("Asha Example".parse().expect("a name")),
        source: (!source.is_empty()).then(|| source.parse().expect("a source")),
        ..LeadDetails::default()
    }
}
