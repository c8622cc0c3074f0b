//! A desk at which files are handed in and their imports watched to the end.

use std::collections::BTreeMap;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::job::{ImportOptions, Job, JobStatus, JobStep, RowProblem, Step, Tally};
use domain::lead::{Arrival, LeadDetails, RowMapping};
use domain::{Caller, Change, Grant, JobId, Lead, LeadId, LeadPipeline, Permission};
use indexmap::IndexMap;
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Faults;
use testkit::{TABLE, Tenant, World};

/// A message of the queue as a worker is handed it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) receipt: String,
    pub(crate) body: String,
}

pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    pub(crate) rows_a_chunk: u32,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with_faults(Faults::none()).await
    }

    pub(crate) async fn with_faults(faults: Faults) -> Self {
        let world = World::with_faults(faults).await;
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").allow(Permission::LeadsImport).expect("may import");
        Self { world, tenant, grant, rows_a_chunk: 20 }
    }

    /// A lead that is there before.
    pub(crate) async fn a_lead(&self, details: LeadDetails) -> Lead {
        let now = self.world.platform.now();
        let pipeline: LeadPipeline = self
            .world
            .platform
            .table()
            .get(&self.grant, LeadPipeline::id_of(self.tenant.organization))
            .await
            .expect("a pipeline");
        let arrival = Arrival {
            id: LeadId::at(now, self.world.platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to: None,
            pipeline: &pipeline.pipeline,
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        self.world.platform.table().commit(&self.grant, change).await.expect("a lead is created")
    }

    /// Begins an import as the API does.
    pub(crate) async fn hand_in(&self, file: &[u8], options: ImportOptions) -> JobId {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let reader = sheets::read(file, &sheets::Limits::default()).expect("a header");
        let mapping = RowMapping::new(reader.headers(), &options.mapping).expect("a mapping").named();
        let id = JobId::at(now, platform.random());
        let options = ImportOptions { mapping, again: true, ..options };
        let (organization, branch) = (self.tenant.organization, self.tenant.branch);
        let job = Job::import(id, organization, None, branch, "leads.csv".into(), "hash".into(), options, now);
        let files = platform.files().expect("files");
        files
            .put(&self.grant, "imports", &format!("{id}/file"), "text/csv", file.to_vec())
            .await
            .expect("a file is put");
        platform.table().commit(&self.grant, Change::create(job, "job.created")).await.expect("a job is created");
        self.send(id, Step::Plan).await;
        id
    }

    pub(crate) async fn send(&self, job: JobId, step: Step) {
        let step = JobStep { organization: self.tenant.organization, job, step };
        self.world.platform.jobs().expect("a queue").send(&step).await.expect("a message is sent");
    }

    /// The next messages, at most ten; none where the receiver is dead.
    pub(crate) async fn receive(&self) -> Vec<Message> {
        let url = self.world.platform.settings().imports_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let answer = client.receive_message().queue_url(url).max_number_of_messages(10).send().await;
        let messages = answer.ok().and_then(|answer| answer.messages).unwrap_or_default();
        let message = |message: aws_sdk_sqs::types::Message| {
            Some(Message { receipt: message.receipt_handle?, body: message.body? })
        };
        messages.into_iter().filter_map(message).collect()
    }

    /// Hands messages to the worker as one batch, and deletes those that are done.
    pub(crate) async fn work(&self, messages: &[Message]) {
        let failed = self.deliver(messages).await;
        let url = self.world.platform.settings().imports_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        for message in messages.iter().filter(|message| !failed.contains(&message.receipt)) {
            // One that is not deleted comes again.
            let _ = client.delete_message().queue_url(&url).receipt_handle(&message.receipt).send().await;
        }
    }

    /// Hands messages to the worker, and tells which failed.
    pub(crate) async fn deliver(&self, messages: &[Message]) -> Vec<String> {
        let records: Vec<Value> =
            messages.iter().map(|message| json!({"messageId": message.receipt, "body": message.body})).collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let answer = imports::handle_in_chunks(&self.world.platform, event, self.rows_a_chunk).await;
        answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    pub(crate) async fn job(&self, id: JobId) -> Job {
        self.world.platform.table().get_to_change(&self.grant, id).await.expect("the job is there")
    }

    /// Works until the job is over and the queue is empty: the queue, and the clock where messages are
    /// lost. Whoever died comes back.
    pub(crate) async fn finish(&self, id: JobId) -> Job {
        let faults = self.world.standins.dynamo.faults().clone();
        for round in 1..60 {
            loop {
                let messages = self.receive().await;
                if messages.is_empty() {
                    break;
                }
                self.work(&messages).await;
            }
            if faults.crashed() {
                faults.revive();
            } else if self.queue_is_empty().await {
                let job = self.job(id).await;
                if job.is_over() {
                    return job;
                }
                self.world.clock.advance(domain::job::LEASE + SignedDuration::from_secs(1));
                tick::handle(&self.world.platform, &Value::Null).await.expect("the clock looks after the job");
            }
            if round > 1 {
                self.world.clock.advance(SignedDuration::from_secs(31));
            }
        }
        panic!("the job does not end: {:?}", self.job(id).await.status);
    }

    async fn queue_is_empty(&self) -> bool {
        let url = self.world.platform.settings().imports_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let all = aws_sdk_sqs::types::QueueAttributeName::All;
        let answer =
            client.get_queue_attributes().queue_url(url).attribute_names(all).send().await.expect("attributes");
        answer
            .attributes
            .unwrap_or_default()
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("ApproximateNumberOfMessages"))
            .all(|(_, number)| number == "0")
    }

    /// Hands in, works to the end, lets everything follow.
    pub(crate) async fn import(&self, file: &[u8], options: ImportOptions) -> Job {
        let id = self.hand_in(file, options).await;
        let job = self.finish(id).await;
        self.world.settle().await;
        job
    }

    pub(crate) async fn problems(&self, job: JobId) -> Vec<(u32, String, String)> {
        let mut problems: Vec<RowProblem> =
            self.world.platform.table().row_errors(&self.grant, job, 100_000).await.expect("errors");
        problems.sort_by_key(|problem| problem.row);
        problems.into_iter().map(|problem| (problem.row, problem.column, problem.code)).collect()
    }

    /// Everything that must not depend on what went wrong on the way: leads but for the moment of their
    /// last change, claims, search terms, figures, the number of events and of their entries in the log, errors, and how
    /// the job ended.
    pub(crate) async fn everything(&self) -> BTreeMap<String, String> {
        let client = self.world.standins.dynamo.client();
        let mut state = BTreeMap::new();
        let (mut events, mut logged) = (0, 0);
        let mut start = None;
        loop {
            let page = client.scan().table_name(TABLE).set_exclusive_start_key(start).send().await.expect("a scan");
            for item in page.items() {
                let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
                let (pk, sk) = (text("pk"), text("sk"));
                let told = match (sk.as_str(), text("kind").as_str()) {
                    (_, "job") => {
                        let job: Job = serde_json::from_str(&text("d")).expect("a job");
                        format!("{:?} {:?} of {}", job.status, job.tally, job.rows)
                    }
                    (_, "lead") => format!("{} {}", timeless(&text("d")), text("place")),
                    (sk, _) if sk.starts_with("event#") => {
                        events += usize::from(pk.contains("lead_"));
                        continue;
                    }
                    _ if pk.ends_with("#log") => {
                        logged += usize::from(text("d").contains("lead_"));
                        continue;
                    }
                    (sk, _) if sk.starts_with("chunk#") => continue,
                    (sk, _) if sk.starts_with("errors#") => text("d"),
                    _ if pk.contains("#count#job") || sk.contains("job") => continue,
                    _ => format!("{:?}", item.get("n").or_else(|| item.get("subject"))),
                };
                state.insert(format!("{pk} {sk}"), told);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                state.insert("events of leads".to_owned(), events.to_string());
                state.insert("logged of them".to_owned(), logged.to_string());
                return state;
            }
        }
    }
}

fn timeless(lead: &str) -> String {
    let mut lead: Value = serde_json::from_str(lead).expect("a lead");
    lead["meta"]["updated_at"] = Value::Null;
    lead["last_touch_at"] = Value::Null;
    lead.to_string()
}

/// Every row once: that the parts of a tally make its whole.
pub(crate) fn account_for(job: &Job, rows: u32) -> Tally {
    assert_eq!(job.status, JobStatus::Completed, "{:?}", job.failure);
    assert_eq!((job.rows, job.tally.rows()), (rows, rows));
    job.tally
}

pub(crate) fn options() -> ImportOptions {
    ImportOptions { mapping: IndexMap::new(), ..ImportOptions::default() }
}

pub(crate) fn label(text: &str) -> domain::Label {
    text.parse().expect("a label")
}

/// A small file with everything in it: new leads, leads that are there, rows that repeat earlier ones
/// across chunks, chains of them, rows that are wrong, and rows that belong to two leads.
pub(crate) fn mixed() -> (Vec<u8>, Tally) {
    use std::fmt::Write as _;

    let mut file = "Prospect ID,Name,E-mail,Phone,City,Tags,Total Visits\r\n".to_owned();
    let mut tally = Tally::default();
    for n in 0..40 {
        let _ = write!(file, "p-{n:03},Person {n},,,City {},a; b,{n}\r\n", n % 3);
        tally.created += 1;
    }
    // There before: one learns, one does not, and one is meant by rows that share nothing with each other.
    file +=
        "known-1,,,,Pune,,5\r\nknown-2,Known Two,,,,,\r\nknown-1,,first@example.com,,,,\r\n,,,98765 43210,Mumbai,,\r\n";
    tally.updated += 2;
    tally.unchanged += 2;
    // Repeats of rows far above, and a chain of three.
    file += "p-003,Person 3,,,City 0,,\r\np-004,,four@example.com,,,,\r\np-005,,FIVE@example.com,,,,\r\n,,five@example.com,98765 43211,Nagpur,,\r\n";
    tally.unchanged += 1;
    tally.updated += 3;
    // Wrong cells, nobody, one that is too wide, and two leads in one row.
    file += "p-100,,nonsense,12,,,\r\n,,,,Pune,,\r\np-101,a,,,,,,too,wide\r\np-006,,four@example.com,,,,\r\n";
    tally.rejected += 4;
    for n in 200..212 {
        let _ = write!(file, "p-{n},Person {n},person{n}@example.com,,Select,,\r\n");
        tally.created += 1;
    }
    (file.into_bytes(), tally)
}

/// The leads that [`mixed`] knows of.
pub(crate) async fn known_leads(desk: &Desk) {
    let known = |id: &str| LeadDetails { external_id: Some(label(id)), ..LeadDetails::default() };
    let phone = domain::Phone::parse("9876543210", domain::Region::default()).expect("a number");
    desk.a_lead(LeadDetails { phone: Some(phone), ..known("known-1") }).await;
    desk.a_lead(LeadDetails { full_name: Some("Known Two".parse().expect("a name")), ..known("known-2") }).await;
}
