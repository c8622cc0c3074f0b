//! An organization that writes to people.

use std::num::NonZeroU32;

use axum::Router;
use domain::lead::{Arrival, LeadDetails};
use domain::outreach::Outreach;
use domain::{
    Caller, Consent, ContactAddress, ContactChannel, ContactPurpose, Grant, Lead, LeadId, LeadPipeline, Role, Slot,
    UserId,
};
use serde_json::{Value, json};
use store::{ListQuery, Reach, UnsubscribeLink};
use testkit::{Answer, Ask, Person, Tenant, World};

pub(crate) const ALL: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) agent: Person,
    pub(crate) router: Router,
    pub(crate) public: Router,
}

/// A number of their own for each of two who are there at the same time.
fn a_number(name: &str) -> String {
    if name == "Ravi" { "9876543211".to_owned() } else { "9876543210".to_owned() }
}

impl House {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let (router, public) = (communications::router(world.app()), public::router(world.app()));
        Self { world, tenant, admin, agent, router, public }
    }

    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").own()
    }

    pub(crate) async fn a_lead(&self, name: &str, owner: Option<UserId>) -> Lead {
        let platform = &self.world.platform;
        let grant = self.grant();
        let id = LeadPipeline::id_of(self.tenant.organization);
        let pipeline: LeadPipeline = platform.table().get(&grant, id).await.expect("a pipeline");
        let details = LeadDetails {
            full_name: Some(format!("{name} Example").parse().expect("a name")),
            email: format!("{}@example.com", name.to_lowercase()).parse().ok(),
            phone: Some(domain::Phone::parse(&a_number(name), domain::Region::INDIA).expect("a number")),
            ..LeadDetails::default()
        };
        let arrival = Arrival {
            id: LeadId::at(platform.now(), platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to: owner,
            pipeline: &pipeline.pipeline,
            now: platform.now(),
        };
        let change = Lead::create(details, arrival).expect("a lead");
        platform.table().commit(&grant, change).await.expect("a lead is created")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Ask::post(path, body).by(&self.admin).of(&self.router).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Ask::get(path).by(&self.admin).of(&self.router).await
    }

    /// A word of somebody on marketing by e-mail.
    pub(crate) async fn say(&self, contact: &str, state: &str) -> Value {
        let body = json!({
            "contact": contact, "channel": "email", "purpose": "marketing", "state": state, "source": "form",
            "proof": "I agree to get offers.",
        });
        self.post("/consents", body).await.data(201)
    }

    pub(crate) fn link(&self, address: &str, lead: Option<LeadId>) -> String {
        let organization = self.tenant.organization;
        let key = self.world.platform.table().hash_key();
        let contact = key.reachability_id(organization, &address.parse().expect("an address"));
        let channel = ContactChannel::Email;
        UnsubscribeLink { organization, contact, channel, lead }.sign(key)
    }

    /// What is known before marketing goes to an address.
    pub(crate) async fn reach(&self, address: &str) -> Reach {
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let address: ContactAddress = address.parse().expect("an address");
        let contact = table.hash_key().reachability_id(self.tenant.organization, &address);
        let outreach =
            Outreach { purpose: ContactPurpose::Marketing, contact, lead: None, zone: None, dlt: None, is_free: false };
        table.reach(&self.grant(), ContactChannel::Email, &outreach, false, now).await.expect("facts")
    }

    /// The ledger, the latest entry first.
    pub(crate) async fn ledger(&self) -> Vec<Consent> {
        let query = ListQuery::new(Slot::One, "all", "", ALL);
        self.world.platform.table().list(&self.grant(), &query, |_| true).await.expect("entries").records
    }
}
