//! A platform whose tokens `auth` itself signs.

use std::num::NonZeroU32;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use domain::{
    Caller, Change, Event, Grant, Message, OrganizationId, Record, SecurityEvent, SecurityKind, Session, SessionId,
    Slot, User,
};
use jiff::SignedDuration;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use store::{ListQuery, Table};
use testkit::{Answer, Ask, World};
use totp_rs::{Builder, Secret};

pub(crate) const EMAIL: &str = "an_owner@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Where the owner sits, unless a test says otherwise.
pub(crate) const HOME: &str = "198.51.100.1";

const FROM: &str = "x-test-address";
const ALL: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
const SAMPLE: &str = include_str!("../../../../events/auth.json");

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) router: Router,
}

impl House {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let router = router(&world).await;
        Self { world, router }
    }

    /// With one organization, registered by [`EMAIL`].
    pub(crate) async fn registered() -> (Self, Value) {
        let house = Self::new().await;
        let data = house.register(EMAIL).await.data(201);
        (house, data)
    }

    /// Posts from an address, a little later than whatever was before.
    pub(crate) async fn post_from(&self, address: &str, path: &str, body: Value) -> Answer {
        self.world.clock.advance(SignedDuration::from_millis(1));
        Ask::post(path, body).header(FROM, address).of(&self.router).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_from(HOME, path, body).await
    }

    /// Posts as whoever signed in.
    pub(crate) async fn post_by(&self, signed_in: &Value, path: &str, body: Value) -> Answer {
        self.world.clock.advance(SignedDuration::from_millis(1));
        let token = signed_in["access_token"].as_str().expect("a token");
        Ask::post(path, body).header(FROM, HOME).bearing(token).of(&self.router).await
    }

    pub(crate) async fn register(&self, email: &str) -> Answer {
        self.post("/auth/register", registration(email)).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.login_from(HOME, email, password).await
    }

    pub(crate) async fn login_from(&self, address: &str, email: &str, password: &str) -> Answer {
        self.post_from(address, "/auth/login", json!({"email": email, "password": password})).await
    }

    pub(crate) async fn refresh(&self, token: &Value) -> Answer {
        Ask::post("/auth/refresh", json!({"refresh_token": token})).header(FROM, HOME).of(&self.router).await
    }

    pub(crate) async fn me(&self, token: &Value) -> Answer {
        Ask::get("/auth/me").bearing(token.as_str().expect("a token")).of(&self.router).await
    }

    pub(crate) fn table(&self) -> &Table {
        self.world.platform.table()
    }

    /// Records of a kind in an organization, the newest first.
    pub(crate) async fn all<R: Record>(&self, organization: OrganizationId) -> Vec<R> {
        let query = ListQuery::new(Slot::One, "all", "", ALL);
        self.table().list(&grant(organization), &query, |_| true).await.expect("a list").records
    }

    /// What happened around signing in to an organization, the oldest first.
    pub(crate) async fn happened(&self, organization: OrganizationId) -> Vec<SecurityKind> {
        let mut events: Vec<SecurityEvent> = self.all(organization).await;
        events.reverse();
        events.iter().map(|event| event.kind).collect()
    }

    /// The newest message to the people of an organization.
    pub(crate) async fn message(&self, organization: OrganizationId) -> Message {
        self.all(organization).await.into_iter().next().expect("a message")
    }

    /// A value of the newest message.
    pub(crate) async fn told(&self, organization: OrganizationId, value: &str) -> String {
        self.message(organization).await.values[value].as_str().expect("a text").to_owned()
    }

    pub(crate) async fn event_of<R: Record>(&self, record: &R) -> Event {
        let organization = record.meta().organization;
        let page = self.table().history(&grant(organization), record, None, ALL).await.expect("a history");
        page.records.into_iter().next().expect("an event")
    }

    pub(crate) async fn user(&self, email: &str) -> User {
        let claim = User::email_claim(&email.parse().expect("an address"));
        let id = self.table().holder::<User>(OrganizationId::PLATFORM, &claim).await.expect("a look").expect("a user");
        self.table().get(&grant(OrganizationId::PLATFORM), id).await.expect("a user")
    }

    pub(crate) async fn edit_user(&self, email: &str, edit: impl FnOnce(&mut User)) {
        let before = self.user(email).await;
        let mut after = before.clone();
        edit(&mut after);
        let change = Change::update(before, after, "user.updated");
        self.table().commit(&grant(OrganizationId::PLATFORM), change).await.expect("a change");
    }

    pub(crate) async fn edit_organization(&self, id: OrganizationId, edit: impl FnOnce(&mut domain::Organization)) {
        let before: domain::Organization = self.table().get(&grant(id), id).await.expect("an organization");
        let mut after = before.clone();
        edit(&mut after);
        let change = Change::update(before, after, "organization.updated");
        self.table().commit(&grant(id), change).await.expect("a change");
    }

    /// The session of somebody who signed in.
    pub(crate) async fn session(&self, signed_in: &Value) -> Session {
        let token = signed_in["refresh_token"].as_str().expect("a token");
        let id: SessionId = token.split('.').next().and_then(|id| id.parse().ok()).expect("a session");
        self.table().get(&grant(organization(signed_in)), id).await.expect("a session")
    }

    /// Asks for a code to sign in with, and reads the message.
    pub(crate) async fn code(&self, organization: OrganizationId) -> String {
        self.post("/auth/otp/request", json!({"email": EMAIL})).await.expect(202);
        self.told(organization, "code").await
    }

    /// Sets up a second factor: its secret, and the recovery codes.
    pub(crate) async fn enrolled(&self, signed_in: &Value) -> (String, Vec<String>) {
        let data = self.post_by(signed_in, "/auth/mfa/enroll", json!({})).await.data(200);
        let secret = data["secret"].as_str().expect("a secret").to_owned();
        let code = self.totp(&secret);
        let data = self.post_by(signed_in, "/auth/mfa/confirm", json!({"code": code})).await.data(200);
        let codes = data["recovery_codes"].as_array().expect("codes").iter();
        (secret, codes.map(|code| code.as_str().expect("a code").to_owned()).collect())
    }

    /// What an authenticator shows now.
    pub(crate) fn totp(&self, secret: &str) -> String {
        let secret = Secret::try_from_base32(secret).expect("a secret");
        let totp = Builder::new().with_secret(secret).build().expect("an authenticator");
        let now = u64::try_from(self.world.clock.timestamp().as_second()).expect("after 1970");
        totp.generate(now).to_string()
    }

    /// An authenticator shows the next code.
    pub(crate) fn next_step(&self) {
        self.world.clock.advance(SignedDuration::from_secs(30));
    }

    /// The first factor, and the token for the second.
    pub(crate) async fn mfa_token(&self, email: &str) -> Value {
        let data = self.login(email, PASSWORD).await.data(200);
        assert_eq!(data["mfa_required"], true, "{data}");
        data["mfa_token"].clone()
    }
}

/// What `main` does: publish, then read the keys, then serve.
pub(crate) async fn router(world: &World) -> Router {
    auth::prepare(&world.platform).await.expect("the key can be published");
    let keys = world.platform.table().signing_keys().await.expect("the keys can be read");
    told_addresses(auth::router(web::App::new(world.platform.clone(), &keys)))
}

/// The function, told addresses by a header as API Gateway tells them by its event.
pub(crate) fn told_addresses(router: Router) -> Router {
    router.layer(middleware::from_fn(|mut request: Request, next: Next| async move {
        if let Some(address) = request.headers().get(FROM).and_then(|value| value.to_str().ok()) {
            let mut event: Value = serde_json::from_str(SAMPLE).expect("the sample is JSON");
            event["requestContext"]["http"]["sourceIp"] = address.into();
            let context = serde_json::from_value::<RequestContext>(event["requestContext"].take());
            request.extensions_mut().insert(context.expect("the sample has a context"));
        }
        next.run(request).await
    }))
}

pub(crate) fn registration(email: &str) -> Value {
    json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "last_name": "Example",
        "email": email, "password": PASSWORD,
    })
}

pub(crate) fn grant(organization: OrganizationId) -> Grant {
    Caller::system(organization, "test").own()
}

/// The organization that somebody signed in to.
pub(crate) fn organization(signed_in: &Value) -> OrganizationId {
    signed_in["organization"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an organization")
}

/// An address of its own for each number.
pub(crate) fn elsewhere(number: u8) -> String {
    format!("203.0.113.{number}")
}

/// A refusal without what differs with every request.
pub(crate) fn words(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem["request_id"] = Value::Null;
    problem
}
