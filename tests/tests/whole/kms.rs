//! The real client of KMS against a double of the service.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_sdk_kms::config::Region;
use aws_sdk_kms::config::retry::RetryConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use runtime::Kms;
use serde_json::{Value, json};
use store::{KeyWrapper as _, WrapError};
use tokio::net::TcpListener;

const KEY: &str = "arn:aws:kms:ap-south-1:000000000000:key/sampark";
const DATA_KEY: [u8; 32] = [5; 32];
const WRAPPED: &[u8] = b"what only KMS understands";

/// What the double was asked: the operation and its body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// Answers as KMS does where a role may not, where it is busy and where all is well: the key's id says which.
async fn answer(asked: Asked, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.headers()["x-amz-target"].to_str().expect("an operation").to_owned();
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let (status, answer) = match (body["KeyId"].as_str(), target.as_str()) {
        (Some("forbidden"), _) => (400, json!({"__type": "AccessDeniedException", "message": "no"})),
        (Some("busy"), _) => (400, json!({"__type": "ThrottlingException", "message": "later"})),
        (Some("odd"), _) => (200, json!({"KeyId": KEY, "Plaintext": STANDARD.encode([1; 5]), "CiphertextBlob": ""})),
        (_, "TrentService.GenerateDataKey") => (
            200,
            json!({"KeyId": KEY, "Plaintext": STANDARD.encode(DATA_KEY), "CiphertextBlob": STANDARD.encode(WRAPPED)}),
        ),
        (_, "TrentService.Decrypt") if body["CiphertextBlob"] == STANDARD.encode(WRAPPED) => {
            (200, json!({"KeyId": KEY, "Plaintext": STANDARD.encode(DATA_KEY)}))
        }
        _ => (400, json!({"__type": "InvalidCiphertextException"})),
    };
    asked.lock().expect("no test panicked here").push((target, body));
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.1");
    Ok(response.body(Full::new(answer.to_string().into())).expect("a response can be built"))
}

/// The double, and a wrapper that asks it for this key.
async fn kms(key: &str) -> (Kms, Asked) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let heard = Arc::clone(&heard);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(Arc::clone(&heard), request));
                // The client breaks its connection off when the test ends.
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let config = aws_sdk_kms::Config::builder()
        .region(Region::from_static(standins::REGION))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(Credentials::from_keys(standins::ACCESS_KEY, standins::SECRET_KEY, None))
        .retry_config(RetryConfig::disabled())
        .build();
    (Kms::new(aws_sdk_kms::Client::from_conf(config), key), asked)
}

#[tokio::test]
async fn a_data_key_is_made_and_opened_by_kms_for_its_purpose_alone() {
    let (kms, asked) = kms(KEY).await;
    let (key, wrapped) = kms.generate().await.expect("a data key");
    assert_eq!((key, wrapped.as_slice()), (DATA_KEY, WRAPPED));
    assert_eq!(kms.unwrap(&wrapped).await, Ok(DATA_KEY));
    let asked = asked.lock().expect("no test panicked here");
    for (operation, body) in asked.iter() {
        assert_eq!(
            (&body["KeyId"], &body["EncryptionContext"]),
            (&json!(KEY), &json!({"purpose": "sampark"})),
            "{operation}"
        );
    }
    assert_eq!(asked[0].1["KeySpec"], "AES_256");
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn the_refusals_of_kms_have_names() {
    let (allowed, _) = kms(KEY).await;
    assert!(matches!(allowed.unwrap(b"other").await, Err(WrapError::Broken(_))));
    let (forbidden, _) = kms("forbidden").await;
    assert!(matches!(forbidden.generate().await, Err(WrapError::NotAllowed(_))));
    assert!(matches!(forbidden.unwrap(WRAPPED).await, Err(WrapError::NotAllowed(_))));
    let (busy, _) = kms("busy").await;
    assert!(matches!(busy.generate().await, Err(WrapError::Busy(_))));
    let (odd, _) = kms("odd").await;
    assert!(matches!(odd.generate().await, Err(WrapError::Broken(_))));
}

#[tokio::test]
async fn who_may_make_no_data_key_begins_without_and_seals_nothing() {
    let world = testkit::World::new().await;
    let (forbidden, _) = kms("forbidden").await;
    let table = store::Table::new(world.standins.dynamo.client(), testkit::TABLE, store::HashKey::new("test"))
        .with_keys(store::KeyRing::new(Arc::new(forbidden)));
    table.open_data_keys(world.platform.now()).await.expect("it starts");
    assert!(table.keys().versions().is_empty());
}
