//! The functions' release binaries: size, start, first request, memory.

mod process;
mod runtime_api;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use local::template::Function;
use local::{Local, Options};
use serde_json::Value;

use crate::error::BenchError;
use crate::platform::{Tenant, found_with_leads};
use crate::report::{Report, figure, millis};
use crate::spread::{Spread, median};
use process::Running;

/// One event of every trigger of every function.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
/// Where this machine may have its root certificates, which the functions find elsewhere on AWS.
const TRUST_STORE: &str = "/etc/ssl/certs/ca-certificates.crt";
/// So many warm requests are measured together.
const WARM: u32 = 200;

/// Measures each function with the median of so many starts.
pub(crate) async fn measure(binaries: &Path, starts: usize, report: &mut Report) -> Result<(), BenchError> {
    // The binaries open the same data keys, so the key file must be one.
    let folder = tempfile::tempdir().map_err(BenchError::io("a folder"))?;
    let options = Options { memory: false, data: folder.path().to_owned(), ..Options::default() };
    let local = Local::start(options).await?;
    let (tenant, lead) = found_with_leads(&local).await?;
    report.heading("The functions");
    report.note(&format!(
        "Release binaries (`target/release`, fat LTO) against a Lambda Runtime API and DynamoDB's stand-in on \
         loopback; medians of {starts} starts. *first poll*: from exec, the warming call included. *first request*: \
         the sample in `events/`, or a lead by its id with a token. *resident*: after the first poll, and after \
         the first request."
    ));
    let mut rows = Vec::new();
    for function in &local.template.functions {
        rows.push(function_row(&local, function, binaries, starts, &tenant, &lead).await?);
    }
    report.table(&["function", "MB", "first poll ms", "first request ms", "resident MB", "then MB", "answer"], &rows);
    report.note(&format!("The `leads` function warm, {WARM} requests each with token, session and limit checks:"));
    let rows = warm(&local, binaries, &tenant, &lead).await?;
    report.table(&["request", "ms", "cpu ms", "resident MB"], &rows);
    local.shutdown().await;
    Ok(())
}

async fn function_row(
    local: &Local,
    function: &Function,
    binaries: &Path,
    starts: usize,
    tenant: &Tenant,
    lead: &str,
) -> Result<Vec<String>, BenchError> {
    let binary = binary(binaries, function);
    let size = std::fs::metadata(&binary).map_err(BenchError::io(binary.display().to_string()))?.len();
    let environment = environment(local, function);
    let event = match function.binary.as_str() {
        "leads" => request(&format!("/v1/leads/{lead}"), "", &tenant.token)?,
        name => Bytes::from(sample(name)?.to_string()),
    };
    let (mut started, mut requested, mut resident, mut then) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut told = String::new();
    for _ in 0..starts {
        let running = Running::start(&binary, &environment).await?;
        started.push(running.started);
        resident.push(running.resident());
        let (running, answered) = running.invoke(event.clone()).await?;
        requested.push(answered.took);
        then.push(running.resident());
        told = answer(&answered.answer);
    }
    let middle = |durations: Vec<_>| millis(durations.into_iter().collect::<Spread>().median());
    Ok(vec![
        function.binary.clone(),
        figure(f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 1e6),
        middle(started),
        middle(requested),
        figure(median(resident)),
        figure(median(then)),
        told,
    ])
}

/// The function that most requests go to, when it has warmed up.
async fn warm(local: &Local, binaries: &Path, tenant: &Tenant, lead: &str) -> Result<Vec<Vec<String>>, BenchError> {
    let missing = || BenchError::answer("template.yaml", "no function leads");
    let function = local.template.function("leads").ok_or_else(missing)?;
    let mut running = Running::start(&binary(binaries, function), &environment(local, function)).await?;
    let mut rows = Vec::new();
    for (name, path, query) in
        [("read", format!("/v1/leads/{lead}"), ""), ("list 50", "/v1/leads".to_owned(), "limit=50")]
    {
        let event = request(&path, query, &tenant.token)?;
        for _ in 0..20 {
            running = running.invoke(event.clone()).await?.0;
        }
        let before = running.cpu();
        let mut took = Vec::new();
        for _ in 0..WARM {
            let (next, answered) = running.invoke(event.clone()).await?;
            running = next;
            if answer(&answered.answer) != "200" {
                return Err(BenchError::answer(name, String::from_utf8_lossy(&answered.answer)));
            }
            took.push(answered.took);
        }
        let cpu = running.cpu().saturating_sub(before) / WARM;
        let took: Spread = took.into_iter().collect();
        rows.push(vec![name.to_owned(), millis(took.median()), millis(cpu), figure(running.resident())]);
    }
    Ok(rows)
}

fn binary(binaries: &Path, function: &Function) -> PathBuf {
    binaries.join(&function.binary)
}

/// The environment of a function: the template's, with this machine's services behind the ordinary variables.
fn environment(local: &Local, function: &Function) -> BTreeMap<String, String> {
    let mut environment = function.environment.clone();
    for value in environment.values_mut().filter(|value| value.contains("{{resolve:")) {
        *value = "made-up-secret-for-the-bench-".repeat(3);
    }
    if let (Some(setting), Some(file)) = (environment.get_mut("SAMPARK_DATA_KEY"), &local.key_file)
        && !setting.is_empty()
    {
        *setting = format!("file:{}", file.display());
    }
    if environment.get("SSL_CERT_FILE").is_some_and(|file| !Path::new(file).exists()) {
        environment.insert("SSL_CERT_FILE".to_owned(), TRUST_STORE.to_owned());
    }
    let machine = [
        ("AWS_REGION", standins::REGION),
        ("AWS_ACCESS_KEY_ID", standins::ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", standins::SECRET_KEY),
        ("AWS_ENDPOINT_URL_DYNAMODB", &local.dynamo_url),
        ("AWS_ENDPOINT_URL_S3", &local.s3_url),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.id),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ];
    environment.extend(machine.map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

fn sample(name: &str) -> Result<Value, BenchError> {
    let path = format!("{SAMPLES}/{name}.json");
    let text = std::fs::read_to_string(&path).map_err(BenchError::io(&path))?;
    serde_json::from_str(&text).map_err(|error| BenchError::answer(path, error))
}

/// The sample of a request to `leads`, with another path, query and a token.
fn request(path: &str, query: &str, token: &str) -> Result<Bytes, BenchError> {
    let mut event = sample("leads")?;
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["rawQueryString"] = query.into();
    event["queryStringParameters"] =
        query.split_once('=').map(|(name, value)| (name.to_owned(), Value::from(value))).into_iter().collect();
    event["headers"]["authorization"] = format!("Bearer {token}").into();
    Ok(event.to_string().into())
}

/// An answer in a word: its status, or that there is one.
fn answer(answer: &Bytes) -> String {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    answer.get("statusCode").map_or_else(|| "done".to_owned(), ToString::to_string)
}
