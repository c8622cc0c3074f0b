//! A form on a page, and visitors from their addresses.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use domain::{BranchId, Caller, Change, Event, Form, FormId, Grant, Lead, LeadId, OrganizationId, Permission, Slot};
use jiff::SignedDuration;
use lambda_http::request::RequestContext;
use runtime::{Platform, Settings};
use serde_json::{Value, json};
use store::{ListQuery, Table};
use testkit::{Answer, Ask, SeededEntropy, Tenant, World};

pub(crate) const FROM: &str = "x-test-address";
const ALL: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
const SAMPLE: &str = include_str!("../../../../events/public.json");

/// A platform with one organization, its form, and the function.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) form: Form,
    pub(crate) router: Router,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let tenant = world.a_tenant("Example Ltd").await;
        let form = a_form(&world, &tenant, tenant.branch, |_| {}).await;
        let router = router(world.app());
        Self { world, tenant, form, router }
    }

    /// The function with other settings.
    pub(crate) fn set_up(&self, change: impl FnOnce(&mut Settings)) -> Router {
        let mut settings = self.world.platform.settings().clone();
        change(&mut settings);
        let (client, clock) = (self.world.standins.dynamo.client(), Arc::new(self.world.clock.clone()));
        let platform = Platform::new(settings, client, clock, Arc::new(SeededEntropy::new(2)))
            .with_keys(self.world.platform.table().keys().clone());
        router(web::App::new(platform, std::slice::from_ref(&self.world.keys.published)))
    }

    pub(crate) fn table(&self) -> &Table {
        self.world.platform.table()
    }

    pub(crate) fn grant(&self) -> Grant {
        grant(self.tenant.organization)
    }

    /// A page sends `body`, from an address.
    pub(crate) async fn submit_from(&self, address: &str, body: Value) -> Answer {
        submission(&self.form, address, body).of(&self.router).await
    }

    /// A page sends `body` that is taken, from an address of its own, a little later than before.
    pub(crate) async fn submit(&self, body: Value) {
        self.world.clock.advance(SignedDuration::from_millis(1));
        let address = self.world.platform.random::<4>().map(|byte| byte.to_string()).join(".");
        assert_eq!(self.submit_from(&address, body).await.data(202), json!({"received": true}));
    }

    /// Every live lead, oldest first.
    pub(crate) async fn leads(&self) -> Vec<Lead> {
        let query = ListQuery::new(Slot::One, "all", "", ALL);
        let page = self.table().list(&self.grant(), &query, |_| true).await;
        let mut leads: Vec<Lead> = page.expect("leads can be listed").records;
        leads.reverse();
        leads
    }

    /// The one live lead.
    pub(crate) async fn the_lead(&self) -> Lead {
        let mut leads = self.leads().await;
        assert_eq!(leads.len(), 1, "{leads:?}");
        leads.remove(0)
    }

    /// What happened to a lead, newest first.
    pub(crate) async fn history(&self, lead: &Lead) -> Vec<Event> {
        self.table().history(&self.grant(), lead, None, ALL).await.expect("a history can be read").records
    }

    /// A lead that was there before.
    pub(crate) async fn a_lead(&self, details: domain::lead::LeadDetails) -> LeadId {
        let now = self.world.platform.now();
        let id = LeadId::at(now, self.world.platform.random());
        let arrival = domain::lead::Arrival {
            id,
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to: None,
            pipeline: &domain::pipeline::Pipeline::default(),
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        self.table().commit(&self.grant(), change).await.expect("a lead can be made");
        id
    }
}

pub(crate) fn grant(organization: OrganizationId) -> Grant {
    Caller::system(organization, "test").allow(Permission::LeadsWrite).expect("may do all")
}

pub(crate) async fn a_form(world: &World, tenant: &Tenant, branch: BranchId, edit: impl FnOnce(&mut Form)) -> Form {
    let now = world.platform.now();
    let id = FormId::at(now, world.platform.random());
    let mut form = Form::new(id, tenant.organization, branch, "Admissions".into(), "Website".into(), now);
    edit(&mut form);
    let change = Change::create(form, "form.created");
    world.platform.table().commit(&grant(tenant.organization), change).await.expect("a form can be made")
}

/// The function, told addresses by a header as API Gateway tells them by its event.
pub(crate) fn router(app: web::App) -> Router {
    public::router(app).layer(middleware::from_fn(|mut request: Request, next: Next| async move {
        if let Some(address) = request.headers().get(FROM).and_then(|value| value.to_str().ok()) {
            let mut event: Value = serde_json::from_str(SAMPLE).expect("the sample is JSON");
            event["requestContext"]["http"]["sourceIp"] = address.into();
            let context = serde_json::from_value::<RequestContext>(event["requestContext"].take());
            request.extensions_mut().insert(context.expect("the sample has a context"));
        }
        next.run(request).await
    }))
}

pub(crate) fn submission(form: &Form, address: &str, body: Value) -> Ask {
    Ask::post(format!("/v1/public/forms/{}/leads", form.id), body).header(FROM, address)
}

pub(crate) fn view(form: &Form, address: &str) -> Ask {
    Ask::get(format!("/v1/public/forms/{}", form.id)).header(FROM, address)
}
