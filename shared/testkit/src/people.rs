//! Organizations, their branches, and people of every role.

use domain::organization::Limits;
use domain::session::{Device, Opening, Proof};
use domain::{
    AssignmentPool, Branch, BranchId, Caller, Change, Count, LeadPipeline, Membership, Organization, OrganizationId,
    Permission, Plan, Role, RowReach, Seats, Session, SessionId, User, UserId,
};
use web::Claims;

use crate::World;

/// An organization with two branches.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub organization: OrganizationId,
    /// Its head office.
    pub branch: BranchId,
    /// Its other branch.
    pub other_branch: BranchId,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is.
    pub user: UserId,
    /// Their sign-in.
    pub session: SessionId,
    /// What their token says.
    pub claims: Claims,
    /// Their token.
    pub token: String,
}

impl World {
    /// A new organization with two branches, a pipeline and an empty pool.
    pub async fn a_tenant(&self, name: &str) -> Tenant {
        let now = self.platform.now();
        let organization = OrganizationId::at(now, self.platform.random());
        let (branch, other_branch) =
            (BranchId::at(now, self.platform.random()), BranchId::at(now, self.platform.random()));
        let grant = Caller::system(organization, "test").allow(Permission::OrganizationWrite).expect("may do all");
        let zone = domain::organization::zone("Asia/Kolkata").expect("a zone");
        // Tests ask more often than people.
        let limits = Limits { requests_per_hour: 1_000_000, uploads_per_hour: 1_000_000 };
        let record = Organization { limits, ..Organization::new(organization, name.into(), &zone, now) };
        let mut transaction = self.platform.table().transaction();
        transaction.push(&grant, Change::create(record, "organization.registered")).expect("a change");
        for (id, name, head_office) in [(branch, "Head office", true), (other_branch, "Second branch", false)] {
            let branch = Branch::new(id, organization, name.into(), head_office, now);
            transaction.push(&grant, Change::create(branch, "branch.created")).expect("a change");
        }
        let pipeline = LeadPipeline::new(organization, now);
        transaction.push(&grant, Change::create(pipeline, "pipeline.created")).expect("a change");
        let pool = AssignmentPool::new(organization, now);
        transaction.push(&grant, Change::create(pool, "assignment.created")).expect("a change");
        let seats = Seats::taken_by(organization, &[], now);
        transaction.push(&grant, Change::create(seats, "seats.counted")).expect("a change");
        transaction.commit().await.expect("an organization can be made");
        Tenant { organization, branch, other_branch }
    }

    /// Chooses an organization's plan, and believes it to have so many leads more than it has.
    pub async fn choose_plan(&self, tenant: &Tenant, plan: Plan, leads: i64) {
        let grant = Caller::system(tenant.organization, "test").own();
        let before: Organization =
            self.platform.table().get_to_change(&grant, tenant.organization).await.expect("an organization");
        let after = Organization { plan, ..before.clone() };
        let counts = (leads != 0).then(|| Count::gauge("leads_by_stage", Some(tenant.branch), "lead", leads));
        let change = Change::update(before, after, "organization.plan_changed").counting(counts);
        self.platform.table().commit(&grant, change).await.expect("a plan can be chosen");
        self.settle().await;
    }

    /// Somebody of a role who works in a branch and is signed in.
    pub async fn a_person(&self, tenant: &Tenant, role: Role, branch: BranchId) -> Person {
        self.a_person_reaching(tenant, role, branch, None).await
    }

    /// The same, reaching other rows than the role usually does.
    pub async fn a_person_reaching(
        &self,
        tenant: &Tenant,
        role: Role,
        branch: BranchId,
        reach: Option<RowReach>,
    ) -> Person {
        // Tests ask more often than people.
        let limits = Limits { requests_per_hour: 1_000_000, uploads_per_hour: 1_000_000 };
        self.a_person_limited(tenant, role, branch, reach, limits).await
    }

    /// The same, with limits of their own.
    pub async fn a_person_limited(
        &self,
        tenant: &Tenant,
        role: Role,
        branch: BranchId,
        reach: Option<RowReach>,
        limits: Limits,
    ) -> Person {
        let now = self.platform.now();
        let user_id = UserId::at(now, self.platform.random());
        let email = format!("{user_id}@people.example");
        let user = User {
            organizations: vec![tenant.organization],
            ..User::new(user_id, email.parse().expect("an address"), role.as_str().into(), "Example".into(), now)
        };
        let mut membership = Membership::new(tenant.organization, &user, role, vec![branch], now);
        membership.reach = reach;
        membership.limits = Some(limits);
        let session_id = SessionId::at(now, self.platform.random());
        let opening = Opening {
            organization: tenant.organization,
            user: user_id,
            device: Device::default(),
            remember: true,
            proofs: vec![Proof::Password],
            must: None,
            second_factor_due_at: None,
        };
        let session = Session::open(session_id, opening, "salt".into(), now);
        let platform = Caller::system(OrganizationId::PLATFORM, "test").own();
        let grant = Caller::system(tenant.organization, "test").own();
        let seats: Seats =
            self.platform.table().get_to_change(&grant, Seats::id_of(tenant.organization)).await.expect("seats");
        let seats = seats.change(None, Some(&membership), Plan::Enterprise, now).expect("a seat");
        let mut transaction = self.platform.table().transaction();
        transaction.push(&platform, Change::create(user, "user.created")).expect("a change");
        transaction.push(&grant, seats).expect("a change");
        transaction.push(&grant, Change::create(membership, "membership.created")).expect("a change");
        transaction.push(&grant, Change::create(session, "session.opened")).expect("a change");
        transaction.commit().await.expect("a person can be made");
        let claims = Claims {
            sub: user_id,
            email,
            role: role.as_str().into(),
            permissions: role.modules().iter().map(|module| (*module).to_owned()).collect(),
            iat: now.as_second(),
            exp: now.as_second() + 3_600,
            iss: self.issuer().into(),
            aud: "sampark-api".into(),
            org: tenant.organization,
            sid: session_id,
        };
        Person { user: user_id, session: session_id, token: self.keys.sign(&claims), claims }
    }

    /// The same person with a token of now: the clock has moved, and theirs may have ended.
    pub fn renewed(&self, person: &Person) -> Person {
        let now = self.platform.now().as_second();
        let claims = Claims { iat: now, exp: now + 3_600, ..person.claims.clone() };
        Person { token: self.keys.sign(&claims), claims, ..person.clone() }
    }

    /// An administrator of a new organization.
    pub async fn an_admin(&self) -> (Tenant, Person) {
        let tenant = self.a_tenant("Example Ltd").await;
        let admin = self.a_person(&tenant, Role::Admin, tenant.branch).await;
        (tenant, admin)
    }
}
