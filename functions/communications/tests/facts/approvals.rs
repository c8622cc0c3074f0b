//! Where WhatsApp's look at templates stands, asked for.

use std::collections::HashMap;
use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;

use domain::integration::{ACCESS_TOKEN, APP_SECRET, CredentialsPatch, IntegrationSettings, Provider, VERIFY_TOKEN};
use domain::{Integration, IntegrationHealth, IntegrationId, IntegrationLog, Slot};
use providers::{Bases, Outside, Reach};
use serde_json::{Value, json};
use standins::whatsapp::{Account, CloudWhatsApp};
use standins::{Setup, Trouble};
use store::ListQuery;
use testkit::{Answer, Ask};
use tokio::net::TcpListener;

use crate::support::{ALL, House};

const NUMBER: &str = "100000000000001";
const BUSINESS: &str = "100000000000003";
const TOKEN: &str = "not-a-real-token";

/// A house that can ask a double of WhatsApp, to which nothing is connected yet.
#[expect(clippy::disallowed_methods, reason = "the double is here")]
async fn house() -> (House, CloudWhatsApp) {
    let mut house = House::new().await;
    let account = Account {
        business: BUSINESS.to_owned(),
        number: NUMBER.to_owned(),
        display: "+91 22 6654 0000".to_owned(),
        token: TOKEN.to_owned(),
        secret: "not-a-real-app-secret".to_owned(),
        templates: HashMap::from([(("visit".to_owned(), "en_US".to_owned()), "Hello {{1}}".to_owned())]),
    };
    let setup = Setup { clock: Arc::new(house.world.clock.clone()), ..Setup::default() };
    let double = CloudWhatsApp::new(house.world.standins.ses.outbox().clone(), &setup, account);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let base = format!("http://{}/v24.0", listener.local_addr().expect("an address"));
    let served = double.clone();
    tokio::spawn(async move { served.serve(listener, pending()).await });
    let bases = Bases { graph: base, ..Bases::default() };
    let outside = Outside::at(bases, Reach::with_loopback(), house.world.standins.ses.client()).expect("clients");
    house.world.platform = house.world.platform.clone().with_outside(outside);
    house.router = communications::router(house.world.app());
    (house, double)
}

impl House {
    /// A connection to WhatsApp.
    async fn connect(&self, business: Option<&str>) -> IntegrationId {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let mut settings = IntegrationSettings::of(Provider::Whatsapp, self.admin.user, self.tenant.branch);
        let IntegrationSettings::Whatsapp(whatsapp) = &mut settings else { panic!("{settings:?}") };
        whatsapp.phone_number_id = Some(NUMBER.parse().expect("an id"));
        whatsapp.business_account_id = business.map(|id| id.parse().expect("an id"));
        let secrets =
            [(ACCESS_TOKEN, TOKEN), (APP_SECRET, "not-a-real-app-secret"), (VERIFY_TOKEN, "a-word-of-our-own-1")];
        let secret = |(name, secret): (&str, &str)| (name.to_owned(), Some(secret.parse().expect("a secret")));
        let credentials: CredentialsPatch = secrets.into_iter().map(secret).collect();
        let id = IntegrationId::at(now, platform.random());
        let what = (Provider::Whatsapp, "WhatsApp".parse().expect("a label"));
        let change = Integration::create(id, self.tenant.organization, what, settings, &credentials, now);
        platform.table().commit(&self.grant(), change.expect("a connection")).await.expect("a connection").id
    }

    /// A template of WhatsApp, by its path.
    async fn held(&self, name: &str, held: Option<&str>, language: &str) -> String {
        let body = json!({
            "name": name, "channel": "whatsapp", "language": language, "body": "Hello {{ lead.first_name }}",
            "provider_template": held,
        });
        let made = self.post("/templates", body).await.data(201);
        format!("/templates/{}", made["id"].as_str().expect("an id"))
    }

    async fn sync(&self, path: &str) -> Answer {
        self.world.clock.advance(jiff::SignedDuration::from_secs(1));
        self.post(&format!("{path}/sync-approval"), json!({})).await
    }

    async fn failures(&self) -> Vec<IntegrationLog> {
        let query = ListQuery::new(Slot::One, "all", "", ALL);
        self.world.platform.table().list(&self.grant(), &query, |_| true).await.expect("rows").records
    }
}

fn code(answer: &Answer) -> Value {
    answer.json()["code"].clone()
}

#[tokio::test]
async fn a_template_stands_where_whatsapp_says_with_its_reason() {
    let (house, double) = house().await;
    let integration = house.connect(Some(BUSINESS)).await;
    let path = house.held("Visit", Some("visit"), "en-US").await;
    let synced = house.sync(&path).await.data(200);
    assert_eq!((&synced["approval"], &synced["approval_reason"]), (&json!("approved"), &Value::Null));
    double.judge("visit", "en_US", "REJECTED", "INVALID_FORMAT");
    let synced = house.sync(&path).await.data(200);
    assert_eq!((&synced["approval"], &synced["approval_reason"]), (&json!("rejected"), &json!("INVALID_FORMAT")));
    let shown = house.get(&path).await.data(200);
    assert_eq!(shown, synced);
    assert_eq!(
        house.get(&format!("{path}/versions")).await.data(200)["versions"][0]["approval_reason"],
        "INVALID_FORMAT"
    );

    // It is refused where somebody sends it, until it is said anew.
    let lead = house.a_lead("Asha", None).await;
    let said = json!({"lead_id": lead.id, "type": "whatsapp", "template_id": shown["id"]});
    let told = house.post("/communications", said).await.expect(422).wrong();
    assert_eq!(told, [("template_id".to_owned(), "not_approved".to_owned())]);
    let put = Ask::put(&path, json!({"body": "Hi {{ lead.first_name }}"})).by(&house.admin).of(&house.router).await;
    assert_eq!((&put.data(200)["approval"], &put.data(200)["approval_reason"]), (&json!("draft"), &Value::Null));
    double.judge("visit", "en_US", "PENDING", "NONE");
    assert_eq!(house.sync(&path).await.data(200)["approval"], "pending");

    let id = IntegrationHealth::id_of(integration);
    let health: IntegrationHealth = house.world.platform.table().get(&house.grant(), id).await.expect("a health");
    assert!(health.last_success_at.is_some() && house.failures().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_says_why() {
    let (house, _) = house().await;
    let path = house.held("Visit", Some("visit"), "en_US").await;
    let of = async |path: &str| code(house.sync(path).await.expect(409));
    assert_eq!(of(&path).await, "not_connected");
    house.connect(None).await;
    assert_eq!(of(&path).await, "no_business_account");
    let own = house.held("Own", None, "en_US").await;
    assert_eq!(of(&own).await, "not_held");
    let sms = house.post("/templates", json!({"name": "Sms", "channel": "sms", "body": "Hello"})).await.data(201);
    assert_eq!(of(&format!("/templates/{}", sms["id"].as_str().expect("an id"))).await, "not_held");
    let agent = Ask::post(format!("{path}/sync-approval"), json!({})).by(&house.agent);
    agent.of(&house.router).await.expect(403);
    assert!(house.failures().await.is_empty(), "nobody was asked");
}

#[tokio::test]
async fn one_that_was_not_handed_in_stays_as_it_is() {
    let (house, _) = house().await;
    house.connect(Some(BUSINESS)).await;
    for (name, held, language) in [("One", "visit", "hi"), ("Two", "visits", "en_US")] {
        let path = house.held(name, Some(held), language).await;
        assert_eq!(code(house.sync(&path).await.expect(409)), "not_handed_in");
        assert_eq!(house.get(&path).await.data(200)["approval"], "draft");
    }
}

#[tokio::test]
async fn a_failure_of_whatsapp_moves_nothing_and_stands_in_the_log() {
    let (house, double) = house().await;
    let integration = house.connect(Some(BUSINESS)).await;
    let path = house.held("Visit", Some("visit"), "en_US").await;
    house.sync(&path).await.expect(200);
    let troubles = [
        (Trouble::Status { status: 503, retry_after: None }, 503, "provider_unavailable"),
        (Trouble::Code(190), 503, "provider_unavailable"),
        (Trouble::Garbled, 503, "provider_unavailable"),
        (Trouble::Code(100), 502, "provider_refused"),
    ];
    for (trouble, status, said) in troubles {
        double.trouble(trouble);
        let answer = house.sync(&path).await;
        assert_eq!(code(answer.expect(status)), said, "{trouble:?}");
        assert!(!answer.json().to_string().contains(TOKEN));
    }
    assert_eq!(house.get(&path).await.data(200)["approval"], "approved");
    let rows = house.failures().await;
    assert_eq!(rows.len(), troubles.len());
    assert!(rows.iter().all(|row| row.integration_id == Some(integration)), "{rows:?}");
}
