//! Two organizations with connections, and the function.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use domain::integration::{
    AUTH_TOKEN, CredentialsPatch, IntegrationPatch, IntegrationSettings, Provider, SIGNING_SECRET,
};
use domain::provider_delivery::DeliveryStep;
use domain::{Caller, Grant, Integration, IntegrationId, ProviderDelivery};
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use providers::inbound::{standard, twilio};
use serde_json::Value;
use testkit::{Answer, Ask, Person, Tenant, World};

/// The secret of the Standard Webhooks specification's own examples.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const TOKEN: &str = "12345-12345";
/// Where tests say that a request comes from.
pub(crate) const FROM: &str = "x-test-address";
const SAMPLE: &str = include_str!("../../../../events/webhooks.json");

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) router: Router,
    pub(crate) line: Integration,
    admin: Person,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let grant = Caller::system(tenant.organization, "test").own();
        let line = connect(&world, &tenant, &admin, Provider::Telephony).await;
        let router = webhooks::router(world.app()).layer(middleware::from_fn(addressed));
        Self { world, tenant, grant, router, line, admin }
    }

    /// Another connection.
    pub(crate) async fn connect(&self, provider: Provider) -> Integration {
        connect(&self.world, &self.tenant, &self.admin, provider).await
    }

    pub(crate) async fn change(&self, patch: &IntegrationPatch) {
        let table = self.world.platform.table();
        let known: Integration = table.get_to_change(&self.grant, self.line.id).await.expect("a connection");
        let change = known.update(patch, self.world.platform.now()).expect("a change");
        table.commit(&self.grant, change).await.expect("it is changed");
    }

    /// A request to the line, signed at a time.
    pub(crate) fn signed(&self, id: &str, at: Timestamp, body: &[u8]) -> Ask {
        let signature = standard::sign(SECRET, id, at, body).expect("it is signed");
        self.standard(id, &at.as_second().to_string(), &signature, body)
    }

    pub(crate) fn standard(&self, id: &str, at: &str, signature: &str, body: &[u8]) -> Ask {
        Ask::new("POST", path(&self.line))
            .body("application/json", body)
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature)
    }

    pub(crate) async fn of(&self, ask: Ask) -> Answer {
        ask.of(&self.router).await
    }

    /// The steps that wait.
    pub(crate) async fn waiting(&self) -> Vec<DeliveryStep> {
        let url = self.world.platform.settings().provider_inbox_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let answer = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await;
        let messages = answer.expect("messages").messages.unwrap_or_default();
        messages
            .iter()
            .map(|message| serde_json::from_str(message.body().unwrap_or_default()).expect("a step"))
            .collect()
    }

    pub(crate) async fn delivery(&self, step: &DeliveryStep) -> ProviderDelivery {
        self.world.platform.table().get_to_change(&self.grant, step.delivery).await.expect("a delivery")
    }
}

pub(crate) fn path(integration: &Integration) -> String {
    format!("/v1/webhooks/{}/{}", integration.provider, integration.id)
}

/// A request of Twilio's.
pub(crate) fn form(integration: &Integration, url: &str, body: &str) -> Ask {
    Ask::new("POST", path(integration))
        .body("application/x-www-form-urlencoded", body)
        .header("x-twilio-signature", twilio::sign(TOKEN, url, body.as_bytes()))
}

async fn connect(world: &World, tenant: &Tenant, admin: &Person, provider: Provider) -> Integration {
    let now = world.platform.now();
    let (name, secret) = match provider {
        Provider::Telephony => (SIGNING_SECRET, SECRET),
        Provider::Twilio => (AUTH_TOKEN, TOKEN),
        _ => panic!("{provider} is connected elsewhere"),
    };
    let credentials = CredentialsPatch::from([(name.to_owned(), Some(secret.parse().expect("a secret")))]);
    let settings = IntegrationSettings::of(provider, admin.user, tenant.branch);
    let id = IntegrationId::at(now, world.platform.random());
    let what = (provider, "Main line".parse().expect("a label"));
    let change = Integration::create(id, tenant.organization, what, settings, &credentials, now);
    let grant = Caller::system(tenant.organization, "test").own();
    world.platform.table().commit(&grant, change.expect("a connection")).await.expect("a connection")
}

/// Tells addresses by a header, as API Gateway tells them by its event.
async fn addressed(mut request: Request, next: Next) -> axum::response::Response {
    if let Some(address) = request.headers().get(FROM).and_then(|value| value.to_str().ok()) {
        let mut event: Value = serde_json::from_str(SAMPLE).expect("the sample is JSON");
        event["requestContext"]["http"]["sourceIp"] = address.into();
        let context = serde_json::from_value::<RequestContext>(event["requestContext"].take());
        request.extensions_mut().insert(context.expect("the sample has a context"));
    }
    next.run(request).await
}
