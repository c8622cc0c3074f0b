//! Each provider proves itself in its own way, and nobody in another's.

use domain::Integration;
use domain::integration::{CredentialsPatch, IntegrationPatch, IntegrationSettings, Provider, VERIFY_TOKEN};
use domain::provider_delivery::DeliveryStatus;
use providers::inbound::meta;
use providers::inbound::sns::{SnsWeb, Unfetched};
use standins::sns::Sns;
use standins::{Callback, Setup};
use testkit::Ask;

use crate::support::{Desk, META, TOPIC, WORD, path};

const BODY: &str = r#"{"object": "page", "entry": []}"#;

fn metas(integration: &Integration, secret: &str, body: &str) -> Ask {
    let signature = meta::sign(secret, BODY.as_bytes()).expect("it is signed");
    Ask::new("POST", path(integration)).body("application/json", body).header("x-hub-signature-256", signature)
}

/// A callback as SNS makes it.
fn told(integration: &Integration, callback: &Callback) -> Ask {
    Ask::new("POST", path(integration)).body("text/plain; charset=UTF-8", callback.body.as_slice())
}

#[tokio::test]
async fn meta_signs_what_whatsapp_and_facebook_tell() {
    let desk = Desk::new().await;
    for provider in [Provider::Whatsapp, Provider::Facebook] {
        let one = desk.connect(provider).await;
        let unsigned = Ask::new("POST", path(&one)).body("application/json", BODY);
        for (what, ask) in [
            ("another secret", metas(&one, "another-app-secret", BODY)),
            ("another body", metas(&one, META, "{}")),
            ("unsigned", unsigned),
            ("another provider's connection", metas(&desk.line, META, BODY)),
        ] {
            assert_eq!(desk.of(ask).await.status, 404, "{provider}: {what}");
        }
        desk.of(metas(&one, META, BODY)).await.expect(200);
        // The scheme has neither a time nor an id: the same body again is the same delivery.
        desk.of(metas(&one, META, BODY)).await.expect(200);
        let steps = desk.waiting().await;
        assert_eq!((steps.len(), &steps[0]), (2, &steps[1]), "{provider}");
        let delivery = desk.delivery(&steps[0]).await;
        assert_eq!((delivery.integration_id, delivery.provider, delivery.event_id), (one.id, provider, None));
    }
}

#[tokio::test]
async fn msg91_knows_the_word_in_its_address_and_is_not_taken_where_there_is_none() {
    let desk = Desk::new().await;
    let one = desk.connect(Provider::Msg91).await;
    let at = |query: &str| Ask::new("POST", format!("{}{query}", path(&one))).body("application/json", "{}");
    let good = format!("?token={WORD}");
    for wrong in ["", "?token=", "?token=another-word-of-ours", "?tokens=1", &format!("{good}&token={WORD}")] {
        assert_eq!(desk.of(at(wrong)).await.status, 404, "{wrong}");
    }
    desk.of(at(&good)).await.expect(200);
    let word = |word: Option<&str>| {
        let credentials: CredentialsPatch =
            CredentialsPatch::from([(VERIFY_TOKEN.to_owned(), word.map(|word| word.parse().expect("a word")))]);
        IntegrationPatch { credentials, ..IntegrationPatch::default() }
    };
    desk.change_one(&one, &word(Some("short-word"))).await;
    desk.of(at("?token=short-word")).await.expect(404);
    desk.change_one(&one, &word(None)).await;
    desk.of(at("?token=")).await.expect(404);
    desk.of(at(&good)).await.expect(404);
}

#[tokio::test]
async fn sns_signs_what_the_connections_own_topic_tells_and_its_id_tells_repeats() {
    let sns = Sns::new(TOPIC, &Setup::default()).expect("a topic");
    let desk = Desk::with_sns(sns.clone()).await;
    let one = desk.connect(Provider::Ses).await;
    let notice = sns.delivered("mail-1", "asha@example.com").expect("a notice");
    let mut forged = notice.clone();
    forged.body = String::from_utf8_lossy(&notice.body).replace("asha", "ravi").into_bytes();
    desk.of(told(&one, &forged)).await.expect(404);
    let other = Sns::new(&TOPIC.replace(":mail", ":other"), &Setup::default()).expect("a topic");
    desk.of(told(&one, &other.delivered("mail-1", "asha@example.com").expect("a notice"))).await.expect(404);
    // Somebody else's key, under the name of our topic.
    let thief = Sns::new(TOPIC, &Setup::default()).expect("a topic");
    desk.of(told(&one, &thief.delivered("mail-1", "asha@example.com").expect("a notice"))).await.expect(404);
    assert!(desk.waiting().await.is_empty());

    desk.of(told(&one, &notice)).await.expect(200);
    desk.of(told(&one, &notice)).await.expect(200);
    desk.of(told(&one, &sns.delivered("mail-1", "asha@example.com").expect("a notice"))).await.expect(200);
    let steps = desk.waiting().await;
    assert_eq!((steps.len(), steps[0] == steps[1], steps[0] == steps[2]), (3, true, false));
    let delivery = desk.delivery(&steps[0]).await;
    assert!(delivery.event_id.is_some() && delivery.status == DeliveryStatus::Received);

    let settings = IntegrationSettings::of(Provider::Ses, desk.tenant_admin(), desk.tenant.branch);
    desk.change_one(&one, &IntegrationPatch { settings: Some(settings), ..IntegrationPatch::default() }).await;
    desk.of(told(&one, &notice)).await.expect(404);
}

/// One that is out of reach.
#[derive(Debug)]
struct Away;

#[async_trait::async_trait]
impl SnsWeb for Away {
    async fn get(&self, _: &str) -> Result<bytes::Bytes, Unfetched> {
        Err(Unfetched)
    }
}

#[tokio::test]
async fn sns_is_told_to_come_again_where_its_certificate_cannot_be_had() {
    let desk = Desk::with_sns(Away).await;
    let one = desk.connect(Provider::Ses).await;
    let sns = Sns::new(TOPIC, &Setup::default()).expect("a topic");
    desk.of(told(&one, &sns.delivered("mail-1", "asha@example.com").expect("a notice"))).await.expect(503);
    assert!(desk.waiting().await.is_empty());
}

#[tokio::test]
async fn a_mail_server_tells_nothing() {
    let desk = Desk::new().await;
    let one = desk.connect(Provider::Smtp).await;
    desk.of(Ask::new("POST", path(&one)).body("application/json", "{}")).await.expect(404);
}
