//! Each function's binary, as Lambda would run it: a double of the Runtime API hands it a sample and takes its answer.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use local::template::Template;
use serde_json::{Value, json};
use standins::Dynamo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::template::{root, template};

/// Every sample, and the status that its answer has; `None` for the answers of workers.
const SAMPLES: [(&str, Option<u16>); 38] = [
    ("activities", Some(401)),
    ("analytics", Some(401)),
    ("audit", Some(401)),
    ("auth", Some(401)),
    ("auth-jwks", Some(200)),
    ("automation", Some(401)),
    ("automations", None),
    ("broadcasts", None),
    ("campaigns", Some(401)),
    ("communications", Some(401)),
    ("documents", Some(401)),
    ("events", None),
    ("health", Some(200)),
    ("health-docs", Some(200)),
    ("health-openapi", Some(200)),
    ("imports", None),
    ("integrations", Some(401)),
    ("launches", None),
    ("leads", Some(401)),
    ("leads-job", Some(401)),
    ("messages", None),
    ("notifications", Some(401)),
    ("notifications-devices", Some(401)),
    ("organization", Some(401)),
    ("organization-settings", Some(401)),
    ("provider-inbox", None),
    ("public", Some(404)),
    ("sync", Some(401)),
    ("pushes", None),
    ("realtime", Some(401)),
    ("sockets", None),
    ("sockets-disconnect", None),
    ("sockets-message", None),
    ("webhook-deliveries", None),
    ("webhook-endpoints", Some(401)),
    ("tick", None),
    ("users", Some(401)),
    ("webhooks", Some(404)),
];

/// How long a function may take from its start to its answer; a debug build on a busy machine is slow.
const PATIENCE: Duration = Duration::from_mins(1);
const API: &str = "/2018-06-01/runtime";

#[test]
fn every_sample_is_fed_to_its_function() {
    let files: BTreeSet<String> = std::fs::read_dir(root().join("events"))
        .expect("there are samples")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    assert_eq!(files, SAMPLES.map(|(name, _)| name.to_owned()).into());
}

/// What a function told the Runtime API.
#[derive(Debug)]
enum Told {
    /// It answered.
    Answer(Value),
    /// It could not: the path says whether while it started or while it worked.
    Error(String, String),
}

/// Hands each sample out once, then nothing more, and passes on what is told.
struct Double {
    samples: std::sync::Mutex<Vec<Vec<u8>>>,
    told: mpsc::UnboundedSender<Told>,
}

impl Double {
    #[expect(
        clippy::disallowed_methods,
        reason = "a deadline is told in the machine's time, by which the function lives"
    )]
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path().to_owned();
        let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        if path == format!("{API}/invocation/next") {
            let sample = self.samples.lock().expect("no test panicked here").pop();
            let Some(sample) = sample else { return std::future::pending().await };
            let deadline = std::time::SystemTime::now() + PATIENCE;
            let deadline = deadline.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
            let next = Response::builder()
                .header("content-type", "application/json")
                .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
                .header("lambda-runtime-deadline-ms", deadline.to_string())
                .header(
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:ap-south-1:123456789012:function:sampark",
                )
                .header("lambda-runtime-trace-id", "Root=1-6affe8e8-0123456789abcdef01234567;Sampled=0")
                .body(Full::new(sample.into()))
                .expect("a response can be built");
            return Ok(next);
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        let told = if path.ends_with("/response") {
            Told::Answer(serde_json::from_str(&text).unwrap_or(Value::String(text)))
        } else {
            Told::Error(path, text)
        };
        // Nobody listens any more when a test has failed, which is told there.
        let _ = self.told.send(told);
        let mut accepted = Response::new(Full::new(Bytes::from_static(b"{}")));
        *accepted.status_mut() = StatusCode::ACCEPTED;
        Ok(accepted)
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let double = Arc::clone(&self);
            tokio::spawn(async move {
                let service = service_fn(move |request| Arc::clone(&double).answer(request));
                // A function that is stopped breaks its connection off.
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }
}

/// A function's process; it ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The binaries stand beside the folder of this test's own.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test is a file");
    let folder = test.parent().and_then(Path::parent).expect("target/debug/deps");
    let binary = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} is missing: run `cargo build --workspace --all-targets` first", binary.display());
    binary
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

/// What stands in for AWS.
struct Services {
    _dynamo: Dynamo,
    /// Where the table is.
    address: String,
    /// Where the key file is, in the place of KMS.
    folder: tempfile::TempDir,
}

/// A table of the template's, served on loopback, and a place for a key file.
async fn services(template: &Template) -> Services {
    let dynamo = Dynamo::memory(&standins::Setup::default()).expect("a stand-in");
    for table in &template.tables {
        dynamo.create_table(&table.definition).await.expect("a table");
    }
    let (listener, address) = listener().await;
    let served = dynamo.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
    let folder = tempfile::tempdir().expect("a folder");
    Services { _dynamo: dynamo, address: format!("http://{address}"), folder }
}

/// A sample's text.
fn event(sample: &str) -> Vec<u8> {
    std::fs::read(root().join("events").join(format!("{sample}.json"))).expect("a sample")
}

/// What an event becomes in a fresh process of its function.
async fn feed(template: &Template, services: &Services, name: &str, event: Vec<u8>) -> Value {
    let function = template.function(name).expect("a function of the template");
    let (told, mut hear) = mpsc::unbounded_channel();
    let double = Arc::new(Double { samples: vec![event].into(), told });
    let (listener, address) = listener().await;
    let serving = tokio::spawn(double.serve(listener));

    let mut environment: BTreeMap<String, String> = function.environment.clone();
    // The system's own certificates: the template names those of Amazon Linux.
    environment.remove("SSL_CERT_FILE");
    // A key file in the place of KMS, for functions that see records.
    if let Some(setting) = environment.get_mut("SAMPARK_DATA_KEY").filter(|setting| !setting.is_empty()) {
        *setting = format!("file:{}", services.folder.path().join("data.key").display());
    }
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_REGION", standins::REGION),
        ("AWS_ACCESS_KEY_ID", standins::ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", standins::SECRET_KEY),
        ("AWS_ENDPOINT_URL_DYNAMODB", &services.address),
        // Nothing of a sample reaches another service; if it did, it would find nobody.
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("RUST_LOG", "warn"),
    ];
    environment.extend(lambda.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut process = Process(
        Command::new(binary(name))
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary starts"),
    );
    let heard = tokio::time::timeout(PATIENCE, hear.recv()).await;
    let ended = process.0.try_wait().expect("a process");
    serving.abort();
    match heard {
        Ok(Some(Told::Answer(answer))) => {
            assert_eq!(ended, None, "{name}: the function goes on after its first answer");
            answer
        }
        Ok(Some(Told::Error(path, error))) => panic!("{name}: {path}: {error}"),
        Ok(None) | Err(_) => panic!("{name}: no answer; the process: {ended:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_binary_starts_and_answers_its_samples() {
    let template = template();
    let services = services(&template).await;
    for (sample, status) in SAMPLES {
        let names = template.functions.iter().map(|function| function.binary.as_str());
        let is_of =
            |name: &&str| sample.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        let function = names.filter(is_of).max_by_key(|name| name.len()).expect("a function");
        let answer = feed(&template, &services, function, event(sample)).await;
        match status {
            Some(status) => {
                assert_eq!(answer["statusCode"], status, "{sample}: {answer}");
                let security = &answer["headers"]["x-content-type-options"];
                assert_eq!(security, "nosniff", "{sample}: {answer}");
                if status >= 400 {
                    let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
                    assert_eq!((&body["success"], &body["status"]), (&json!(false), &json!(status)), "{sample}");
                }
            }
            None if sample.starts_with("sockets") => {
                let expected = if sample == "sockets" { 401 } else { 200 };
                assert_eq!(answer["statusCode"], expected, "{sample}: {answer}");
                let body = answer["body"].as_str().map(|body| serde_json::from_str::<Value>(body).expect("JSON"));
                let code = body.map(|body| body["data"]["code"].clone());
                assert_eq!(code, (sample == "sockets-message").then(|| json!("signed_out")), "{sample}");
            }
            None if sample == "tick" => assert_eq!(answer, Value::Null, "a tick has nothing to tell"),
            None => assert_eq!(answer, json!({"batchItemFailures": []}), "{sample}: nothing is given back"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_gives_back_what_it_cannot_read_and_nothing_else() {
    let template = template();
    let services = services(&template).await;
    let mut batch: Value = serde_json::from_slice(&event("imports")).expect("JSON");
    let good = batch["Records"][0].clone();
    let mut bad = good.clone();
    bad["messageId"] = "bad".into();
    bad["body"] = "{}".into();
    batch["Records"] = json!([good, bad]);
    let answer = feed(&template, &services, "imports", batch.to_string().into()).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "bad"}]}));
}
