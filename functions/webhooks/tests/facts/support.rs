//! Two organizations with connections, and the function.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use domain::integration::{
    ACCESS_TOKEN, APP_SECRET, AUTH_KEY, AUTH_TOKEN, CredentialsPatch, IntegrationPatch, IntegrationSettings, Provider,
    SIGNING_SECRET, VERIFY_TOKEN,
};
use domain::provider_delivery::DeliveryStep;
use domain::{Caller, Grant, Integration, IntegrationId, ProviderDelivery, UserId};
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use providers::inbound::sns::SnsWeb;
use providers::inbound::{standard, twilio};
use serde_json::Value;
use testkit::{Answer, Ask, Person, Tenant, World};

/// The secret of the Standard Webhooks specification's own examples.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const TOKEN: &str = "12345-12345";
/// What Meta signs with.
pub(crate) const META: &str = "not-a-real-app-secret";
/// What Meta says when it asks whether an address is ours, and what MSG91's address ends with.
pub(crate) const WORD: &str = "a-word-of-our-own-1";
/// The topic that tells of mails.
pub(crate) const TOPIC: &str = "arn:aws:sns:ap-south-1:123456789012:mail";
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
        Self::of_world(World::new().await).await
    }

    /// One that can ask SNS.
    pub(crate) async fn with_sns(sns: impl SnsWeb + 'static) -> Self {
        let mut world = World::new().await;
        world.platform = world.platform.clone().with_sns(Arc::new(sns));
        Self::of_world(world).await
    }

    async fn of_world(world: World) -> Self {
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

    /// Whose the connections are.
    pub(crate) fn tenant_admin(&self) -> UserId {
        self.admin.user
    }

    pub(crate) async fn change(&self, patch: &IntegrationPatch) {
        self.change_one(&self.line, patch).await;
    }

    pub(crate) async fn change_one(&self, integration: &Integration, patch: &IntegrationPatch) {
        let table = self.world.platform.table();
        let known: Integration = table.get_to_change(&self.grant, integration.id).await.expect("a connection");
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
    let secrets: &[(&str, &str)] = match provider {
        Provider::Telephony => &[(SIGNING_SECRET, SECRET)],
        Provider::Twilio => &[(AUTH_TOKEN, TOKEN)],
        Provider::Msg91 => &[(AUTH_KEY, "not-a-real-key"), (VERIFY_TOKEN, WORD)],
        Provider::Whatsapp | Provider::Facebook => {
            &[(ACCESS_TOKEN, "not-a-real-token"), (APP_SECRET, META), (VERIFY_TOKEN, WORD)]
        }
        Provider::Ses | Provider::Smtp => &[],
    };
    let secret = |(name, secret): &(&str, &str)| ((*name).to_owned(), Some(secret.parse().expect("a secret")));
    let credentials: CredentialsPatch = secrets.iter().map(secret).collect();
    let mut settings = IntegrationSettings::of(provider, admin.user, tenant.branch);
    if let IntegrationSettings::Ses(ses) = &mut settings {
        ses.topic_arn = Some(TOPIC.parse().expect("a topic"));
    }
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
