//! A lead's way through the platform, over HTTP, as a person at a desk sees it.

use std::path::PathBuf;
use std::time::Duration;

use local::{Local, Options};
use serde_json::{Value, json};

use crate::caller::HttpCaller;

/// The project's own sample, in the columns of the real file.
const SAMPLE: &[u8] = include_bytes!("../../../infra/local/demo/leads.csv");
const EMAIL: &str = "an_owner@example.com";
const PASSWORD: &str = "correct horse battery";

/// The real file, or `None` where this machine has no folder of real files; then CI fails.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn real_file() -> Option<Vec<u8>> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let folder =
        std::env::var_os("SAMPARK_SHARED_DATA").map_or_else(|| PathBuf::from(beside_the_repository), PathBuf::from);
    if !folder.is_dir() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{} is missing", folder.display());
        eprintln!("skipped: {} is not a folder", folder.display());
        return None;
    }
    Some(std::fs::read(folder.join("education-leads.csv")).expect("the folder holds the file"))
}

async fn start() -> (Local, HttpCaller) {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let caller = HttpCaller::of(&local.base_url);
    (local, caller)
}

async fn register(caller: &mut HttpCaller) -> Value {
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "last_name": "Example", "email": EMAIL, "password": PASSWORD,
    });
    caller.post("/v1/auth/register", registration).await.expect(201);
    let signed_in = caller.post("/v1/auth/login", json!({"email": EMAIL, "password": PASSWORD})).await.data(200);
    caller.sign_in(&signed_in);
    signed_in
}

/// Asks how an import stands until it has ended.
async fn watch(caller: &HttpCaller, job: &Value) -> Value {
    let path = format!("/v1/jobs/{}", job["id"].as_str().expect("an id"));
    // A debug build on a busy machine takes minutes for what a release build does in seconds.
    for _ in 0..4_000 {
        let job = caller.get(&path).await.data(200);
        if matches!(job["status"].as_str(), Some("completed" | "failed")) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the import does not end");
}

/// Uploads a file of `rows` leads and does with them what people do.
async fn journey(file: &[u8], rows: u64) {
    let (local, mut caller) = start().await;
    let owner = register(&mut caller).await;

    let job = caller.upload("/v1/leads/import", "leads.csv", file).await.data(202);
    assert_eq!(job["status"], "queued");
    let job = watch(&caller, &job).await;
    let totals = &job["totals"];
    assert_eq!(
        (&job["status"], &totals["rows"], &totals["created"]),
        (&json!("completed"), &json!(rows), &json!(rows)),
        "{job}"
    );
    assert_eq!(totals["rejected"], 0);
    local.idle().await.expect("the stream is read to its end");

    let again = caller.upload("/v1/leads/import", "the same by another name.csv", file).await.expect(409).json();
    assert_eq!((&again["code"], &again["job_id"]), (&json!("already_imported"), &job["id"]));

    let page = caller.get("/v1/leads?limit=50").await.data(200);
    assert_eq!(
        (page["leads"].as_array().map(Vec::len), &page["pagination"]["total_records"]),
        (Some(rows.min(50) as usize), &json!(rows))
    );
    let lead = &page["leads"][0];
    let (id, external_id) =
        (lead["id"].as_str().expect("an id"), lead["external_id"].as_str().expect("an external id"));
    assert_eq!(lead["status"], "lead");

    let found = caller.get(&format!("/v1/leads/search/{external_id}")).await.data(200);
    assert_eq!(found["leads"][0]["id"], id);
    let sources = caller.get("/v1/analytics/leads/sources").await.data(200);
    let of_source = sources["sources"].as_array().expect("sources").iter().find(|source| source["source"] == "Google");
    let counted = of_source.expect("leads from Google")["count"].as_u64().expect("a number");
    let mut listed = 0;
    let mut path = "/v1/leads?source=Google&limit=200".to_owned();
    loop {
        let page = caller.get(&path).await.data(200);
        listed += page["leads"].as_array().expect("leads").len() as u64;
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        path = format!("/v1/leads?source=Google&limit=200&cursor={cursor}");
    }
    // Words that differ in their case are one filter and two sources.
    assert!(listed >= counted && counted > 0, "{listed} and {counted}");

    let assigned =
        caller.post(&format!("/v1/leads/{id}/assign"), json!({"assigned_to": owner["user"]["id"]})).await.data(200);
    assert_eq!(assigned["assigned_to"], owner["user"]["id"]);
    let moved = caller.post(&format!("/v1/leads/{id}/status"), json!({"status": "assessment"})).await.data(200);
    assert_eq!((&moved["status"], &moved["version"]), (&json!("assessment"), &json!(3)));
    let history = caller.get(&format!("/v1/leads/{id}/history")).await.data(200);
    let told: Vec<&str> =
        history["history"].as_array().expect("a history").iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert_eq!(told, ["lead.stage_changed", "lead.assigned", "lead.created"]);
    local.idle().await.expect("the stream is read to its end");

    let funnel = caller.get("/v1/analytics/leads/funnel").await.data(200);
    let stages: Vec<(&str, u64, u64)> = funnel["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .take(2)
        .map(|stage| {
            (
                stage["key"].as_str().expect("a key"),
                stage["entered"].as_u64().expect("a number"),
                stage["current"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(stages, [("lead", rows, rows - 1), ("assessment", 1, 1)]);
    let dashboard = caller.get("/v1/analytics/dashboard?range=30d").await.data(200);
    assert_eq!(dashboard["overview"]["totalLeads"], rows);
    assert_eq!(dashboard["overview"]["activeUsers"], 1);

    let export = caller.get("/v1/leads/export").await;
    let export = if export.status == 303 {
        // Too large for an answer: it lies in the bucket.
        let link = export.headers["location"].to_str().expect("a link").to_owned();
        let path = link.strip_prefix(&local.s3_url).expect("the bucket's address").to_owned();
        HttpCaller::of(&local.s3_url).get(&path).await.expect(200)
    } else {
        export.expect(200)
    };
    assert_eq!(export.text().lines().count() as u64, rows + 1);

    // Whoever is signed in under one name of the API is so under all.
    for base in ["/v1", "/api", "/api/v1"] {
        assert_eq!(caller.get(&format!("{base}/leads/{id}")).await.data(200)["id"], id);
    }
    local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_leads_travels_from_its_upload_to_the_funnel_and_out_again() {
    journey(SAMPLE, 40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_file_of_9240_leads_travels_the_same_way() {
    let Some(file) = real_file() else { return };
    journey(&file, 9_240).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_finds_the_health_the_document_its_page_and_nothing_else() {
    let (local, caller) = start().await;
    for base in ["/v1", "/api", "/api/v1"] {
        let health = caller.get(&format!("{base}/health")).await.expect(200).json();
        assert_eq!((&health["status"], &health["services"]["database"]), (&json!("OK"), &json!("connected")));
        let document = caller.get(&format!("{base}/openapi.json")).await.expect(200).json();
        assert_eq!(document, crate::catalog::document(), "what is served is what the code says");
        let page = caller.get(&format!("{base}/docs")).await.expect(200);
        assert!(page.headers["content-type"].to_str().expect("text").starts_with("text/html"));
        caller.get(&format!("{base}/leads")).await.expect(401);
        caller.get(&format!("{base}/nothing")).await.expect(404);
    }
    local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_is_welcomed_and_told_when_their_import_is_done() {
    let (local, mut caller) = start().await;
    register(&mut caller).await;
    let job = caller.upload("/v1/leads/import", "leads.csv", SAMPLE).await.data(202);
    watch(&caller, &job).await;
    local.idle().await.expect("the stream is read to its end");
    let outbox = caller.get("/outbox.json").await.expect(200).json();
    let mut subjects: Vec<&str> =
        outbox.as_array().expect("messages").iter().filter_map(|mail| mail["subject"].as_str()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["Welcome to Sampark, Asha", "leads.csv is imported"]);
    assert!(outbox.as_array().expect("messages").iter().all(|mail| mail["to"] == json!([EMAIL])));
    assert!(caller.get("/outbox").await.expect(200).text().contains("Welcome to Sampark, Asha"));
    local.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { memory: false, data: folder.path().to_owned(), ..Options::default() };
    let local = Local::start(options()).await.expect("the platform starts");
    let mut caller = HttpCaller::of(&local.base_url);
    let signed_in = register(&mut caller).await;
    let job = caller.upload("/v1/leads/import", "leads.csv", SAMPLE).await.data(202);
    watch(&caller, &job).await;
    local.idle().await.expect("the stream is read to its end");
    let before = [
        caller.get("/v1/leads?limit=200").await.data(200),
        caller.get("/v1/analytics/leads/sources").await.data(200),
        caller.get("/outbox.json").await.expect(200).json(),
    ];
    let half_done = caller
        .upload("/v1/leads/import", "other.csv", b"Name,Email\nAsha Example,a_lead@example.com\n")
        .await
        .data(202);
    // Dropped, it stops as if it were killed.
    drop(local);

    let local = Local::start(options()).await.expect("the platform starts again");
    let mut caller = HttpCaller::of(&local.base_url);
    // The token of before is still good: the key that signs was kept.
    caller.sign_in(&signed_in);
    assert_eq!(watch(&caller, &half_done).await["status"], "completed");
    local.idle().await.expect("the stream is read to its end");
    let lead = caller.get("/v1/leads/search/asha").await.data(200);
    assert_eq!(lead["leads"].as_array().map(Vec::len), Some(1));
    let page = caller.get("/v1/leads?limit=200").await.data(200);
    let leads = |page: &Value| page["leads"].as_array().expect("leads").clone();
    assert_eq!(leads(&page).len(), 41);
    assert!(leads(&before[0]).iter().all(|lead| leads(&page).contains(lead)));
    assert_eq!(caller.get("/v1/leads/search/62f746b4").await.data(200)["leads"].as_array().map(Vec::len), Some(1));
    let mails = caller.get("/outbox.json").await.expect(200).json();
    assert_eq!(mails.as_array().map(Vec::len), before[2].as_array().map(|before| before.len() + 1));
    caller.post("/v1/auth/login", json!({"email": EMAIL, "password": PASSWORD})).await.expect(200);
    local.shutdown().await;
}
