//! People, their ways in, and what was suspicious.

use domain::{BranchId, Membership, Role};
use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, text};
use crate::access::rows::Place;

impl House {
    pub(super) async fn role(&self, by: &Person, word: &str, deleted: bool) -> String {
        let body = json!({"name": format!("{word} role {}", self.number()), "permissions": ["leads:read"]});
        let id = text(&self.to("users", Ask::post("/roles", body).by(by)).await.data(201)["id"]);
        if deleted {
            self.to("users", Ask::delete(format!("/roles/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// Somebody who works leads: themselves, where they do.
    pub(super) async fn agent(&self, tenant: &Tenant, branch: BranchId, place: Place, person: &Person) -> String {
        let user = match place {
            Place::OtherBranch => self.colleague.user,
            Place::Own if person.claims.role.parse().is_ok_and(Role::works_leads) => person.user,
            _ => self.world.a_person(tenant, Role::Agent, branch).await.user,
        };
        user.to_string()
    }

    /// Lets somebody wait to be let in.
    pub(super) async fn wait(&self, tenant: &Tenant, user: domain::UserId) {
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let seats = domain::Seats::id_of(tenant.organization);
        let seats: domain::Seats = table.get_to_change(&grant, seats).await.expect("seats");
        let member: Membership = table.get_to_change(&grant, Membership::id_of(user)).await.expect("a member");
        let change = member.decide(domain::MemberStatus::Pending, None, "membership.updated", now);
        let (before, after) = (change.before.as_ref(), Some(&change.after));
        let seats = seats.change(before, after, domain::Plan::Enterprise, now).expect("a seat");
        let mut transaction = table.transaction();
        transaction.push(&grant, seats).expect("a change");
        transaction.push(&grant, change).expect("a change");
        transaction.commit().await.expect("somebody can wait");
    }

    /// Somebody's sign-in on another device.
    pub(super) async fn session(&self, tenant: &Tenant, whose: &Person) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::SessionId::at(now, platform.random());
        let opening = domain::session::Opening {
            organization: tenant.organization,
            user: whose.user,
            device: domain::session::Device::default(),
            remember: true,
            proofs: vec![domain::session::Proof::Password],
            must: None,
            second_factor_due_at: None,
        };
        let session = domain::Session::open(id, opening, "salt".to_owned(), now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let opened = domain::Change::create(session, "session.opened");
        platform.table().commit(&grant, opened).await.expect("a session can be made");
        id.to_string()
    }

    /// A key of somebody's machine, as the store keeps it.
    pub(super) async fn api_key(&self, tenant: &Tenant, owner: &Person, word: &str) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::ApiKeyId::at(now, platform.random());
        let key = domain::ApiKey {
            meta: domain::Meta::new(tenant.organization, now),
            id,
            name: format!("{word} key"),
            user: owner.user,
            scopes: [domain::Permission::LeadsRead].into_iter().collect(),
            reach: domain::RowReach::Own,
            branches: Vec::new(),
            requests_per_hour: 1_000,
            secret_hash: String::new(),
            prefix: String::new(),
            previous: None,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let made = domain::Change::create(key, "api_key.created");
        platform.table().commit(&grant, made).await.expect("a key can be made");
        id.to_string()
    }

    /// Something that happened around signing in, as the store keeps it.
    pub(super) async fn security_event(&self, tenant: &Tenant, by: &Person) -> domain::SecurityEvent {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::SecurityEventId::at(now, platform.random());
        let (device, kind) = (domain::session::Device::default(), domain::SecurityKind::RefreshReused);
        let event = domain::SecurityEvent::new(id, tenant.organization, kind, &device, now).about(by.user);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit(&grant, event.happened()).await.expect("an event can be made")
    }

    /// What somebody should look at in it.
    pub(super) async fn suspicious_activity(&self, tenant: &Tenant, by: &Person) -> String {
        use domain::suspicious::{Suspect, SuspiciousKind, find, hour_of};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let event = self.security_event(tenant, by).await;
        let kind = SuspiciousKind::RefreshReused;
        let finding = find(kind, &Suspect::User(by.user), hour_of(now), &[event]).expect("it looks wrong");
        let id = domain::SuspiciousActivityId::at(now, platform.random());
        let change = domain::SuspiciousActivity::found(id, tenant.organization, finding, now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit(&grant, change).await.expect("an activity can be made");
        id.to_string()
    }
}
