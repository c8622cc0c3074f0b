use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use standins::{Fault, Faults, S3, Setup};

const BUCKET: &str = "files";

async fn s3(setup: &Setup) -> S3 {
    let s3 = S3::temporary(setup).expect("opens");
    s3.create_bucket(BUCKET).await.expect("made");
    s3.create_bucket(BUCKET).await.expect("is there");
    s3
}

#[tokio::test]
async fn an_object_comes_back_whole_and_an_absent_one_is_a_typed_error() {
    let client = s3(&Setup::default()).await.client("http://127.0.0.1:1");
    let body: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
    let put = client.put_object().bucket(BUCKET).key("org/a file.bin").content_type("application/x-thing");
    put.body(ByteStream::from(body.clone())).send().await.expect("put");
    let got = client.get_object().bucket(BUCKET).key("org/a file.bin").send().await.expect("got");
    assert_eq!(got.content_type(), Some("application/x-thing"));
    assert_eq!(got.body.collect().await.expect("read").to_vec(), body);
    let absent = client.get_object().bucket(BUCKET).key("nothing").send().await.expect_err("absent");
    assert!(absent.into_service_error().is_no_such_key());
}

#[tokio::test]
async fn objects_outlive_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let open = || S3::folder(folder.path(), &Setup::default()).expect("opens");
    let first = open();
    first.create_bucket(BUCKET).await.expect("made");
    let put = first.client("http://127.0.0.1:1").put_object().bucket(BUCKET).key("a").body(b"kept".to_vec().into());
    put.send().await.expect("put");
    let got = open().client("http://127.0.0.1:1").get_object().bucket(BUCKET).key("a").send().await.expect("got");
    assert_eq!(got.body.collect().await.expect("read").to_vec(), b"kept");
}

#[tokio::test]
async fn presigned_urls_work_from_a_browser_and_forged_ones_do_not() {
    let s3 = s3(&Setup::default()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let origin = format!("http://{}", listener.local_addr().expect("address"));
    let serving = s3.clone();
    let server = tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let client = s3.client(&origin);
    let browser: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let hour = PresigningConfig::expires_in(Duration::from_hours(1)).expect("an hour");

    let put = client.put_object().bucket(BUCKET).key("org/ärea 1.csv").presigned(hour.clone()).await.expect("signed");
    let asked = http::Request::options(put.uri()).header("origin", "http://localhost:3000");
    let asked =
        asked.header("access-control-request-headers", "content-type").body(Full::default()).expect("a request");
    let preflight = browser.request(asked).await.expect("answered");
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    assert_eq!(preflight.headers()["access-control-allow-headers"], "content-type");
    let upload = http::Request::put(put.uri()).body(Full::from("name\nA Lead\n")).expect("a request");
    let upload = browser.request(upload).await.expect("answered");
    assert_eq!(upload.status(), 200);
    assert_eq!(upload.headers()["access-control-allow-origin"], "*");

    let get = client.get_object().bucket(BUCKET).key("org/ärea 1.csv");
    let get = get.response_content_disposition("attachment; filename=\"leads.csv\"");
    let get = get.presigned(hour).await.expect("signed");
    let download = browser.get(get.uri().parse().expect("a URI")).await.expect("answered");
    assert_eq!(download.status(), 200);
    assert_eq!(download.headers()["content-disposition"], "attachment; filename=\"leads.csv\"");
    assert_eq!(download.into_body().collect().await.expect("read").to_bytes(), "name\nA Lead\n");

    let forged = get.uri().replace("area", "other").replace("%C3%A4rea%201", "other");
    assert_ne!(forged, get.uri());
    let refused = browser.get(forged.parse().expect("a URI")).await.expect("answered");
    assert_eq!(refused.status(), 403);
    server.abort();
}

#[tokio::test]
async fn a_put_whose_answer_is_lost_is_done() {
    let faults = Faults::decided_by(|call| (call.number == 1).then_some(Fault::CrashAfter));
    let client = s3(&Setup { faults: faults.clone(), ..Setup::default() }).await.client("http://127.0.0.1:1");
    let put = client.put_object().bucket(BUCKET).key("a").body(b"done".to_vec().into());
    put.send().await.expect_err("died");
    faults.revive();
    client.head_object().bucket(BUCKET).key("a").send().await.expect("there");
}

#[tokio::test]
async fn a_throttled_call_is_tried_again_by_the_sdk() {
    let faults = Faults::decided_by(|call| (call.number == 1).then_some(Fault::Throttled));
    let client = s3(&Setup { faults: faults.clone(), ..Setup::default() }).await.client("http://127.0.0.1:1");
    client.put_object().bucket(BUCKET).key("a").body(b"a".to_vec().into()).send().await.expect("put");
    assert_eq!(faults.calls(), 2);
}
