//! Beginning an import, and looking at its job.

use domain::job::{Job, RowProblem, Tally};
use domain::{Caller, Grant, Invalid, Permission, Role};
use serde_json::{Value, json};
use standins::{Fault, Faults};
use testkit::{Answer, Ask, World};

use crate::Ground;

const FILE: &[u8] = b"Prospect ID,Lead Source,Lead Number\r\np-1,Google,1\r\n";

impl Ground {
    async fn import(&self, texts: &[(&str, &str)], file: &[u8]) -> Answer {
        Ask::new("POST", "/leads/import").form(texts, "leads.csv", file).by(&self.admin).of(&self.router).await
    }

    fn system(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").allow(Permission::LeadsImport).expect("may import")
    }

    async fn steps(&self) -> Vec<Value> {
        let url = self.world.platform.settings().imports_queue.clone().expect("a queue");
        let answer =
            self.world.standins.sqs.client().receive_message().queue_url(url).max_number_of_messages(10).send();
        let messages = answer.await.expect("messages").messages.unwrap_or_default();
        messages.iter().filter_map(|message| serde_json::from_str(message.body()?).ok()).collect()
    }
}

#[tokio::test]
async fn an_import_is_answered_with_its_job_and_waits_in_the_queue() {
    let ground = Ground::new().await;
    let answer = ground.import(&[("source", "Fair"), ("mapping", r#"{"Lead Number": ""}"#)], FILE).await;
    let job = answer.data(202);
    let id = job["id"].as_str().expect("an id");
    assert_eq!(answer.header("location"), Some(format!("/jobs/{id}").as_str()));
    assert_eq!(job["status"], "queued");
    assert_eq!(job["mapping"], json!({"Prospect ID": "external_id", "Lead Source": "source", "Lead Number": ""}));
    let steps = ground.steps().await;
    assert_eq!((steps.len(), &steps[0]["job"], &steps[0]["step"]), (1, &job["id"], &json!("plan")));
    assert_eq!(ground.get(&format!("/jobs/{id}")).await, job);
    assert_eq!(ground.get("/jobs").await["jobs"], json!([job]));
}

#[tokio::test]
async fn a_file_that_was_imported_before_is_recognised() {
    let ground = Ground::new().await;
    let dry = ground.import(&[("dry_run", "true")], FILE).await.data(202);
    assert_eq!(dry["dry_run"], true);
    let first = ground.import(&[], FILE).await.data(202);
    let second = ground.import(&[], FILE).await;
    let problem = second.expect(409).json();
    assert_eq!((&problem["code"], &problem["job_id"]), (&json!("already_imported"), &first["id"]));
    assert_ne!(ground.import(&[("again", "true")], FILE).await.data(202)["id"], first["id"]);
    ground.import(&[], b"Prospect ID\r\np-2\r\n").await.data(202);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_at_once_and_begins_nothing() {
    let ground = Ground::new().await;
    for (file, field, code) in [
        (b"".as_slice(), "file", "empty"),
        (b"Name,E-mail\r\nJos\xE9,x\r\n", "file", "not_utf8"),
        (b"%PDF-1.7 ...", "file", "unsupported_file"),
        (b"a_lead@example.com,98765 43210\r\n", "file", "header_looks_like_data"),
        (b"Name,Name\r\na,b\r\n", "file", "header_duplicate"),
        (b"PK\x03\x04 and then nothing", "file", "damaged"),
        (b"City,Country\r\nPune,India\r\n", "mapping", "no_identifier"),
    ] {
        let answer = ground.import(&[], file).await;
        assert_eq!(answer.expect(422).wrong(), [(field.to_owned(), code.to_owned())]);
    }
    let wrong = [
        ("mapping", r#"{"Prospect ID": "shoe_size", "Shoe": "city", "Lead Number": 7}"#),
        ("assign", "everybody"),
        ("dry_run", "perhaps"),
    ];
    let fields: Vec<String> =
        ground.import(&wrong, FILE).await.expect(422).wrong().into_iter().map(|(f, _)| f).collect();
    assert_eq!(fields, ["mapping.Lead Number", "dry_run", "assign"]);
    let fields = ground.import(&[("mapping", r#"{"Prospect ID": "shoe_size", "Shoe": "city"}"#)], FILE).await;
    let codes: Vec<String> = fields.expect(422).wrong().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["unknown_field", "unknown_column"]);
    ground.import(&[("assign", "usr_01kaf0v3hteb9s1z6vqk4m2x8y")], FILE).await.expect(422);
    ground.import(&[("branch_id", "br_01kaf0v3hteb9s1z6vqk4m2x8y")], FILE).await.expect(422);
    Ask::post("/leads/import", json!({})).by(&ground.admin).of(&ground.router).await.expect(422);
    assert_eq!(ground.get("/jobs").await["jobs"], json!([]));
    assert!(ground.steps().await.is_empty());
}

#[tokio::test]
async fn a_large_file_goes_by_the_bucket() {
    let ground = Ground::new().await;
    let place = Ask::post("/leads/import/uploads", json!({"file_name": "leads.xlsx"}));
    let place = place.by(&ground.admin).of(&ground.router).await.data(200);
    let key = place["file_key"].as_str().expect("a key");
    assert!(place["upload_url"].as_str().is_some_and(|url| url.contains(key)), "{place}");
    let import =
        |key: &str| Ask::post("/leads/import", json!({"file_key": key, "file_name": "leads.xlsx"})).by(&ground.admin);
    assert_eq!(import(key).of(&ground.router).await.expect(422).wrong()[0].1, "unknown_file");
    let files = ground.world.platform.files().expect("files");
    let name = format!("uploads/{key}");
    files.put(&ground.system(), "imports", &name, "application/octet-stream", FILE.to_vec()).await.expect("a file");
    assert_eq!(import(key).of(&ground.router).await.data(202)["file_name"], "leads.xlsx");
    for wrong in ["../../other", "UPPER", ""] {
        import(wrong).of(&ground.router).await.expect(422);
    }
}

#[tokio::test]
async fn a_job_is_for_those_who_reach_it() {
    let ground = Ground::new().await;
    let job = ground.import(&[], FILE).await.data(202);
    let agent = ground.person(Role::Agent).await;
    Ask::new("POST", "/leads/import").form(&[], "x.csv", FILE).by(&agent).of(&ground.router).await.expect(403);
    let elsewhere = ground.world.a_person(&ground.tenant, Role::Manager, ground.tenant.other_branch).await;
    let (_, stranger) = ground.world.an_admin().await;
    for path in ["", "/errors", "/errors?format=csv"] {
        let path = format!("/jobs/{}{path}", job["id"].as_str().expect("an id"));
        for person in [&agent, &elsewhere, &stranger] {
            Ask::get(&path).by(person).of(&ground.router).await.expect(404);
        }
        Ask::get(&path).by(&ground.person(Role::Manager).await).of(&ground.router).await.expect(200);
    }
    assert_eq!(Ask::get("/jobs").by(&stranger).of(&ground.router).await.data(200)["jobs"], json!([]));
}

#[tokio::test]
async fn errors_of_rows_can_be_downloaded_and_run_nowhere() {
    let ground = Ground::new().await;
    let job = ground.import(&[], FILE).await.data(202);
    let id = job["id"].as_str().expect("an id").parse().expect("an id");
    let (table, grant, now) = (ground.world.platform.table(), ground.system(), ground.world.platform.now());
    let record: Job = table.get_to_change(&grant, id).await.expect("the job");
    table.commit(&grant, record.planned("plan".into(), 1, 1, now)).await.expect("it is planned");
    let problem = RowProblem::new(2, "Prospect ID", &Invalid::new("too_long", "is too long"), "=1+1");
    let mut transaction = table.transaction();
    let progress = table.chunk(&grant, id, 0).await.expect("progress");
    let tally = Tally { rejected: 1, ..Tally::default() };
    transaction.advance_chunk(&grant, id, progress, 1, true, tally, &[problem]).expect("a step");
    transaction.commit().await.expect("progress moves");

    let view = ground.get(&format!("/jobs/{id}")).await;
    assert_eq!((&view["totals"]["rejected"], &view["totals"]["processed"]), (&json!(1), &json!(1)));
    assert_eq!(view["errors"][0]["code"], "too_long");
    let errors = ground.get(&format!("/jobs/{id}/errors")).await;
    assert_eq!((&errors["errors"], &errors["truncated"]), (&view["errors"], &json!(false)));
    let csv = Ask::get(format!("/jobs/{id}/errors?format=csv")).by(&ground.admin).of(&ground.router).await;
    let text = String::from_utf8(csv.expect(200).bytes.clone()).expect("text");
    assert_eq!(text, "\u{FEFF}row,column,code,error,value\r\n2,Prospect ID,too_long,is too long,'=1+1\r\n");
    Ask::get(format!("/jobs/{id}/errors?format=pdf")).by(&ground.admin).of(&ground.router).await.expect(422);
}

#[tokio::test]
async fn a_queue_out_of_reach_only_delays() {
    let faults = Faults::decided_by(|call| (call.operation == "SendMessage").then_some(Fault::Lost));
    let world = World::with_faults(faults).await;
    let (tenant, admin) = world.an_admin().await;
    let router = leads::router(world.app());
    let ground = Ground { world, tenant, admin, router };
    let job = ground.import(&[], FILE).await.data(202);
    let id = job["id"].as_str().expect("an id").to_owned();
    ground.world.clock.advance(domain::job::LEASE * 2);
    let due = ground.world.due(ground.world.platform.now()).await;
    assert_eq!(due.into_iter().map(|due| due.id).collect::<Vec<_>>(), [id], "the clock will find it");
}
