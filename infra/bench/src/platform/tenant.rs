//! The organization that is measured with.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::organization::Limits;
use domain::{Caller, Change, Organization, OrganizationId};
use http::{Request, header};
use local::Local;
use serde_json::{Value, json};
use store::{HashKey, Table};

use super::operations::Ask;
use crate::error::BenchError;

const EMAIL: &str = "owner@bench.example";
const PASSWORD: &str = "only for the bench, 7 words long";
/// More than any bench asks in an hour.
const ENDLESS: u32 = 1_000_000_000;
/// How long an import may take.
const PATIENCE: Duration = Duration::from_mins(15);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const BOUNDARY: &str = "sampark-bench-part";

/// An organization and its owner's sign-in.
pub(crate) struct Tenant {
    pub(super) organization: OrganizationId,
    pub(crate) token: String,
}

/// How long an import took.
pub(crate) struct Imported {
    /// The rows its job counted as created.
    pub(super) created: u64,
    /// From the upload to the job's `completed`.
    pub(super) completed: Duration,
    /// From the upload until search and counters have all of it too.
    pub(super) settled: Duration,
}

impl Tenant {
    /// Registers an organization, with a plan that no bench can use up.
    pub(crate) async fn found(local: &Local) -> Result<Self, BenchError> {
        let owner = json!({
            "organization_name": "Bench", "first_name": "Owner", "last_name": "Example", "email": EMAIL, "password": PASSWORD,
        });
        let founded = call(local, "", &Ask::post("/v1/auth/register".to_owned(), owner.to_string())).await?;
        let organization = text(&founded, "/data/organization/id")?;
        let organization = organization.parse().map_err(|error| BenchError::answer(organization, error))?;
        raise_limits(local, organization).await?;
        Self { organization, token: String::new() }.renewed(local).await
    }

    /// The same with a new sign-in, for when the clock has moved beyond the end of the one before.
    pub(crate) async fn renewed(self, local: &Local) -> Result<Self, BenchError> {
        let credentials = json!({"email": EMAIL, "password": PASSWORD});
        let signed_in = call(local, "", &Ask::post("/v1/auth/login".to_owned(), credentials.to_string())).await?;
        Ok(Self { token: text(&signed_in, "/data/access_token")?, ..self })
    }

    pub(crate) async fn call(&self, local: &Local, ask: &Ask) -> Result<Value, BenchError> {
        call(local, &self.token, ask).await
    }

    /// Uploads a file and waits for its job, then for what follows from it.
    pub(super) async fn import(&self, local: &Local, name: &str, file: &[u8]) -> Result<Imported, BenchError> {
        let begun = Instant::now();
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = Request::post("/v1/leads/import").header(header::CONTENT_TYPE, kind);
        let uploaded = send(local, &self.token, "import", request, body.into()).await?;
        let job = Ask::get(format!("/v1/jobs/{}", text(&uploaded, "/data/id")?));
        let created = loop {
            let seen = self.call(local, &job).await?;
            match seen["data"]["status"].as_str() {
                Some("completed") => break seen["data"]["totals"]["created"].as_u64().unwrap_or_default(),
                Some("failed") => return Err(BenchError::answer("import", seen)),
                _ if begun.elapsed() > PATIENCE => return Err(BenchError::TooLong("an import".to_owned())),
                _ => tokio::time::sleep(LOOK_AGAIN).await,
            }
        };
        let completed = begun.elapsed();
        local.idle().await?;
        Ok(Imported { created, completed, settled: begun.elapsed() })
    }

    /// The ids of all leads.
    pub(super) async fn ids(&self, local: &Local) -> Result<Vec<String>, BenchError> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.call(local, &Ask::get(format!("/v1/leads?limit=200{cursor}"))).await?;
            let leads = page["data"]["leads"].as_array().into_iter().flatten();
            ids.extend(leads.filter_map(|lead| lead["id"].as_str()).map(str::to_owned));
            match page["data"]["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(ids),
            }
        }
    }
}

/// A plan is nothing that the API changes.
async fn raise_limits(local: &Local, id: OrganizationId) -> Result<(), BenchError> {
    let failed = |error: &dyn std::error::Error| BenchError::Store(error.to_string());
    let name = local.template.tables.first().map(|table| table.name.clone()).unwrap_or_default();
    let table = Table::new(local.standins.dynamo.client(), name, HashKey::new("none of its claims change"));
    let grant = Caller::system(id, "bench").own();
    let before: Organization = table.get_to_change(&grant, id).await.map_err(|error| failed(&error))?;
    let after =
        Organization { limits: Limits { requests_per_hour: ENDLESS, uploads_per_hour: ENDLESS }, ..before.clone() };
    table
        .commit(&grant, Change::update(before, after, "organization.updated"))
        .await
        .map_err(|error| failed(&error))?;
    Ok(())
}

async fn call(local: &Local, token: &str, ask: &Ask) -> Result<Value, BenchError> {
    let Ask { method, target, body, signed, headers } = ask;
    let mut request = Request::builder().method(*method).uri(target).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let token = if *signed { token } else { "" };
    send(local, token, &format!("{method} {target}"), request, body.clone().into()).await
}

async fn send(
    local: &Local,
    token: &str,
    name: &str,
    request: http::request::Builder,
    body: Bytes,
) -> Result<Value, BenchError> {
    let mut request = request.header(header::HOST, "localhost");
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(body).map_err(|error| BenchError::answer(name, error))?;
    let answer = local.call(request).await;
    let told = || format!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if !answer.status().is_success() {
        return Err(BenchError::answer(name, told()));
    }
    serde_json::from_slice(answer.body()).map_err(|_| BenchError::answer(name, told()))
}

fn text(answer: &Value, pointer: &str) -> Result<String, BenchError> {
    let text = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| BenchError::answer(pointer, answer))
}
