//! The table of costs in `shared/store/src/keys.rs`, against the capacity units that the table reports.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::job::{ImportOptions, RowProblem, Tally};
use domain::lead::{Arrival, LeadDetails};
use domain::pipeline::{MoveContext, Pipeline};
use domain::realtime::{Kind, Room, Told};
use domain::sync::{SyncMode, SyncRun};
use domain::{Caller, Change, CustomFields, EventId, Grant, Job, JobId, Lead, LeadId, LeadPipeline, Slot, SyncRunId};
use jiff::SignedDuration;
use serde_json::{Map, json};
use store::{ChunkProgress, Connection, ListQuery, StreamImage, ToldFrom, Window};
use testkit::{Ask, Person, TABLE, Tenant, World};

const KEYS: &str = include_str!("../../../shared/store/src/keys.rs");

/// The questions of the table and what they cost, word for word.
const TOLD: [(&str, &str); 27] = [
    ("one record by id", "0.5 read (1 when read to be changed)"),
    ("50 records of a list, newest first", "1 Query: 0.5 read a 4 KB, 6 for 50 leads"),
    ("a record's history", "1 Query: 0.5 read a 4 KB"),
    ("who holds this e-mail", "1 read"),
    ("leads with a word that begins `ash`", "1 Query 0.5 a 4 KB, then 1 `BatchGetItem` 0.5 each: 26.5 for 50"),
    ("leads with this address or number", "1 Query 0.5 a 4 KB, for digits 2, then 1 `BatchGetItem` 0.5 each"),
    ("a figure per day", "1 Query: 0.5 read a 4 KB"),
    ("a person's figure per day", "likewise"),
    ("a figure of now", "likewise"),
    ("what changed for a person since", "1 Query: 1 read a 4 KB, then 1 `BatchGetItem` 0.5 each: 27 for 50 leads"),
    ("that a client asked for it", "1 write, or 2 where there was something to tell"),
    ("what is due", "0.5 read a 4 KB, for each of 4 shards"),
    ("an import's progress", "1 Query: 1 read a 4 KB"),
    ("create with c claims and an event", "2 × (w + e + c) + 3 × w write: 9 for a lead with 1 claim"),
    ("change with an event, same lists", "2 × (w + e) + 3 × w write: 7 for a lead"),
    ("change of one list", "as above, and w more for each list left: 8 for a lead's owner or stage"),
    ("a request counted against its limit", "1 write for every hundredth of the limit"),
    ("an idempotent POST", "1 write, and 1 a KB of its answer"),
    ("who listens in a room", "1 Query: 1 read a 4 KB, 32 for 1,000 connections"),
    ("whether anybody of an organization listens", "1 read a batch of the stream and organization"),
    (
        "what was told since",
        "1 Query: 1 read a 4 KB, then 1 `BatchGetItem` 1 each; to write 1 an event where anybody listens",
    ),
    (
        "what happened in an organization, newest first",
        "1 Query: 0.5 read a 4 KB (about 25 entries), with a filter of 500 entries at most, then 1 `BatchGetItem` 0.5 an event: 26 for 50; to write 1 an event",
    ),
    ("one event by its id", "2 `GetItem`, 0.5 each"),
    ("what an endpoint is told of an event", "4 × w write to make it, 5 × w to take it up, 5 × w to end it"),
    (
        "an event enters the audit chain",
        "1 read and 2 × e write, and for each block of 1 to 90: 1 read, 2 write and 2 a KB",
    ),
    ("whether an address may be written to", "1 `BatchGetItem`: 1 read each that is there"),
    ("whether an address is suppressed", "0.5 read"),
];

#[test]
fn the_table_in_the_documentation_is_the_one_that_is_measured() {
    let rows: Vec<(&str, &str)> = KEYS
        .lines()
        .filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"))
        .map(|row| (row.split(" | ").next().unwrap_or_default(), row.rsplit(" | ").next().unwrap_or_default()))
        .filter(|(question, _)| !matches!(*question, "question" | "---"))
        .collect();
    assert_eq!(rows, TOLD);
}

/// What a piece of work cost: calls, read and write units.
type Cost = (u64, f64, f64);

/// Write units of a lead with a name, an address, a number, an owner and a note of 40 letters.
const W: f64 = 1.0;
/// Write units of its event.
const E: f64 = 1.0;

/// What a transaction of a lead and its event writes, with so many claims and lists left.
fn written(claims: f64, left: f64) -> Cost {
    (1, 0.0, 2.0 * (W + E + claims) + 3.0 * W + left * W)
}

/// A world in which such leads lie.
struct Ground {
    world: World,
    tenant: Tenant,
    admin: Person,
    grant: Grant,
    pipeline: Pipeline,
    leads: u32,
}

impl Ground {
    async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let grant = Caller::system(tenant.organization, "test").own();
        let record: LeadPipeline =
            world.platform.table().get(&grant, LeadPipeline::id_of(tenant.organization)).await.expect("a pipeline");
        Self { world, tenant, admin, grant, pipeline: record.pipeline, leads: 0 }
    }

    /// A new lead with so many claims.
    fn lead(&mut self, claims: usize) -> Change<Lead> {
        self.leads += 1;
        self.world.clock.advance(SignedDuration::from_millis(1));
        let (now, number) = (self.world.platform.now(), self.leads);
        let mut note = Map::new();
        note.insert("note".to_owned(), "x".repeat(NOTE).into());
        let details = LeadDetails {
            full_name: Some(format!("Asha Example {number:05}").parse().expect("a name")),
            email: (claims > 0).then(|| format!("lead{number:05}@example.com").parse().expect("an address")),
            external_id: (claims > 1).then(|| format!("{number:06}").parse().expect("a label")),
            phone: (claims > 2).then(|| format!("+919876{number:06}").parse().expect("a number")),
            custom_fields: CustomFields::new(note).expect("fields"),
            ..LeadDetails::default()
        };
        let arrival = Arrival {
            id: LeadId::at(now, self.world.platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to: Some(self.admin.user),
            pipeline: &self.pipeline,
            now,
        };
        Lead::create(details, arrival).expect("a lead")
    }

    async fn store(&self, change: Change<Lead>) -> Lead {
        Box::pin(self.world.platform.table().commit(&self.grant, change)).await.expect("it is stored")
    }

    async fn grow(&mut self, leads: u32) {
        while self.leads < leads {
            let lead = self.lead(1);
            self.store(lead).await;
        }
        self.world.settle().await;
    }

    /// What `work` costs.
    async fn cost<T>(&self, work: impl Future<Output = T>) -> (Cost, T) {
        let meter = self.world.standins.dynamo.meter();
        meter.reset();
        let result = work.await;
        let total = meter.totals();
        ((total.calls, total.read_units, total.write_units), result)
    }

    /// The bytes of a lead's item, as DynamoDB counts them.
    async fn size(&self, lead: &Lead) -> usize {
        let key = store::keys::record(self.tenant.organization, &lead.id.to_string());
        let text = AttributeValue::S;
        let found = self
            .world
            .standins
            .dynamo
            .client()
            .get_item()
            .table_name(TABLE)
            .key("pk", text(key.pk))
            .key("sk", text(key.sk));
        let item = found.send().await.expect("it can be read").item.expect("it is there");
        item.iter().map(|(name, value)| name.len() + size_of(value)).sum()
    }
}

/// The bytes of a value: text and bytes as they are, and what numbers of a few digits come to.
fn size_of(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        _ => 2,
    }
}

/// Bytes of a note that every lead has.
const NOTE: usize = 40;

const FIFTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

/// What the second question of a client that was offline costs.
async fn feed_cost(ground: &Ground) -> Cost {
    let (table, now) = (ground.world.platform.table(), ground.world.platform.now());
    let person = ground.admin.user;
    let all = NonZeroU32::new(5_000).expect("a limit");
    let whole = table.changes_for::<Lead>(&ground.grant, person, None, all, now);
    let begun = whole.await.expect("all there is").next;
    let part = table.changes_for::<Lead>(&ground.grant, person, Some(&begun), FIFTY, now);
    let (cost, feed) = ground.cost(part).await;
    assert_eq!(feed.expect("what changed").records.len(), 50);
    cost
}

/// What it costs to remember that a client asked and was told so many records.
async fn asked_cost(ground: &Ground, told: u32) -> Cost {
    let (table, now, person) = (ground.world.platform.table(), ground.world.platform.now(), ground.admin.user);
    let id = SyncRunId::at(now, ground.world.platform.random());
    let run = SyncRun { told, ..SyncRun::new(id, "lead", SyncMode::Incremental, now, person) };
    let (cost, done) = ground.cost(table.sync_ran(&ground.grant, person, &run)).await;
    done.expect("it is remembered");
    cost
}

/// What figures cost: of the organization, of one person, of now.
async fn figure_costs(ground: &Ground) -> [(&'static str, Cost); 3] {
    let (table, grant) = (ground.world.platform.table().clone(), &ground.grant);
    let today = ground.world.platform.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (by_day, rows) = ground.cost(table.counts_by_day(grant, "leads_created", today, today)).await;
    assert_eq!(rows.expect("figures").len(), 1);
    let id = domain::Membership::id_of(ground.admin.user);
    let member: domain::Membership = table.get(grant, id).await.expect("a member");
    let own = grant.of(&member).expect("in reach");
    let (of_person, rows) = ground.cost(table.counts_by_day(&own, domain::lead::WORKED, today, today)).await;
    assert!(!rows.expect("figures").is_empty());
    let (now, rows) = ground.cost(table.counts_now(grant, "leads_by_stage")).await;
    assert!(!rows.expect("figures").is_empty());
    [("counts by day", by_day), ("a person's counts by day", of_person), ("counts now", now)]
}

/// Every question of the table, asked once.
#[expect(clippy::too_many_lines, reason = "a line a question")]
async fn ask_everything(ground: &mut Ground) -> Vec<(&'static str, Cost)> {
    let mut costs = Vec::new();
    let table = ground.world.platform.table().clone();
    let (grant, now) = (ground.grant.clone(), ground.world.platform.now());
    let new = ground.lead(1);
    let lead = ground.store(new).await;
    ground.world.settle().await;

    let (cost, _) = ground.cost(table.get::<Lead>(&grant, lead.id)).await;
    costs.push(("get", cost));
    let (cost, _) = ground.cost(table.get_to_change::<Lead>(&grant, lead.id)).await;
    costs.push(("get to change", cost));
    for (name, slot, question, value) in [
        ("list of all", Slot::One, "all", String::new()),
        ("list of an owner", Slot::Two, "owner", ground.admin.user.to_string()),
        ("list of a stage", Slot::Three, "stage", Lead::branch_stage(ground.tenant.branch, "lead")),
    ] {
        let query = ListQuery::new(slot, question, value, FIFTY);
        let (cost, page) = ground.cost(table.list::<Lead>(&grant, &query, |_| true)).await;
        assert_eq!(page.expect("a page").records.len(), 50, "{name}");
        costs.push((name, cost));
    }
    let (cost, _) = ground.cost(table.list_size::<Lead>(&grant, "all", &[String::new()])).await;
    costs.push(("list size", cost));
    let (cost, _) = ground.cost(table.history(&grant, &lead, None, FIFTY)).await;
    costs.push(("history", cost));
    let claim = Lead::email_claim(lead.email.as_ref().expect("an address"));
    let (cost, holder) = ground.cost(table.holder::<Lead>(ground.tenant.organization, &claim)).await;
    assert_eq!(holder.expect("a claim"), Some(lead.id));
    costs.push(("claim", cost));
    let (cost, found) = ground.cost(table.search::<Lead>(&grant, "ash", None, FIFTY, |_| true)).await;
    assert_eq!(found.expect("a page").records.len(), 50);
    costs.push(("search", cost));
    let address = lead.email.as_ref().expect("an address").normalized();
    for (name, word) in [("search by address", address.as_str()), ("search by digits", "000999")] {
        let (cost, found) = ground.cost(table.search::<Lead>(&grant, word, None, FIFTY, |_| true)).await;
        assert_eq!(found.expect("a page").records.len(), usize::from(word == address), "{name}");
        costs.push((name, cost));
    }
    costs.extend(figure_costs(ground).await);
    let cost = Box::pin(feed_cost(ground)).await;
    costs.push(("feed", cost));
    for (name, told) in [("asked for nothing", 0), ("asked for something", 50)] {
        costs.push((name, Box::pin(asked_cost(ground, told)).await));
    }
    let due = async {
        for shard in 0..store::keys::DUE_SHARDS {
            table.due(shard, now, None, 100).await.expect("what is due");
        }
    };
    let (cost, ()) = ground.cost(due).await;
    costs.push(("due", cost));

    let id = JobId::at(now, ground.world.platform.random());
    let hash = format!("{:064}", ground.leads);
    let job = Job::import(
        id,
        ground.tenant.organization,
        None,
        ground.tenant.branch,
        "leads.csv".to_owned(),
        hash,
        ImportOptions::default(),
        now,
    );
    let mut transaction = table.transaction();
    transaction.push(&grant, Change::create(job, "job.created")).expect("a job");
    for number in 0..20 {
        let from = ChunkProgress { number, ..ChunkProgress::default() };
        let tally = Tally { created: 500, ..Tally::default() };
        transaction.advance_chunk::<RowProblem>(&grant, id, from, 500, true, tally, &[]).expect("a step");
    }
    transaction.commit().await.expect("it is stored");
    let (cost, chunks) = ground.cost(table.chunks(&grant, id)).await;
    assert_eq!(chunks.expect("chunks").len(), 20);
    costs.push(("chunks", cost));

    for (claims, name) in
        ["create without claims", "create with 1 claim", "create with 2 claims", "create with 3 claims"]
            .into_iter()
            .enumerate()
    {
        let change = ground.lead(claims);
        let (cost, lead) = ground.cost(ground.store(change)).await;
        let size = ground.size(&lead).await;
        assert!(size <= 1_024, "{name}: a lead of {size} bytes is not w = 1");
        costs.push((name, cost));
    }

    let patch = domain::lead::LeadPatch { city: Some(Some("Pune".parse().expect("a town"))), ..Default::default() };
    let change = lead.update(patch, &ground.pipeline, now).expect("a change");
    let (cost, lead) = ground.cost(ground.store(change)).await;
    costs.push(("change, same lists", cost));
    let next = "assessment".parse().expect("a stage");
    let change =
        lead.move_to(&next, &MoveContext { may_skip: false, reason: None }, &ground.pipeline, now).expect("a move");
    let (cost, lead) = ground.cost(ground.store(change)).await;
    costs.push(("stage change", cost));
    let change = lead.assign(None, None, &ground.pipeline, now);
    let (cost, _) = ground.cost(ground.store(change)).await;
    costs.push(("assignment", cost));

    let window = Window { name: "requests", limit: 1_000, seconds: 3_600 };
    let (cost, _) = ground.cost(table.count_uses(ground.tenant.organization, window, "someone", 10, now)).await;
    costs.push(("limit", cost));
    costs
}

#[tokio::test]
async fn each_question_costs_what_the_table_says_at_100_and_at_1000_leads() {
    let mut ground = Ground::new().await;
    ground.grow(100).await;
    let at_100 = Box::pin(ask_everything(&mut ground)).await;
    let expected: [(&str, Cost); 27] = [
        ("get", (1, 0.5, 0.0)),
        ("get to change", (1, 1.0, 0.0)),
        ("list of all", (1, 6.0, 0.0)),
        ("list of an owner", (1, 6.0, 0.0)),
        ("list of a stage", (1, 6.0, 0.0)),
        ("list size", (1, 0.5, 0.0)),
        ("history", (1, 0.5, 0.0)),
        ("claim", (1, 1.0, 0.0)),
        ("search", (2, 26.5, 0.0)),
        ("search by address", (2, 1.0, 0.0)),
        ("search by digits", (2, 1.0, 0.0)),
        ("counts by day", (1, 0.5, 0.0)),
        ("a person's counts by day", (1, 0.5, 0.0)),
        ("counts now", (1, 0.5, 0.0)),
        ("feed", (2, 27.0, 0.0)),
        ("asked for nothing", (1, 0.0, 1.0)),
        ("asked for something", (1, 0.0, 2.0)),
        ("due", (4, 2.0, 0.0)),
        ("chunks", (1, 1.0, 0.0)),
        ("create without claims", written(0.0, 0.0)),
        ("create with 1 claim", written(1.0, 0.0)),
        ("create with 2 claims", written(2.0, 0.0)),
        ("create with 3 claims", written(3.0, 0.0)),
        ("change, same lists", written(0.0, 0.0)),
        ("stage change", written(0.0, 1.0)),
        ("assignment", written(0.0, 1.0)),
        ("limit", (1, 0.0, 1.0)),
    ];
    assert_eq!(at_100, expected);
    let told = [written(1.0, 0.0), written(0.0, 0.0), written(0.0, 1.0)].map(|(_, _, units)| units.to_string());
    assert_eq!(told, ["9", "7", "8"], "as the documentation says");
    ground.grow(1_000).await;
    assert_eq!(Box::pin(ask_everything(&mut ground)).await, at_100);
}

#[tokio::test]
async fn an_event_enters_the_audit_chain_for_what_the_table_says() {
    let mut ground = Ground::new().await;
    ground.world.settle_audited().await;
    for _ in 0..10 {
        let lead = ground.lead(1);
        ground.store(lead).await;
    }
    let news: Vec<StreamImage> = ground.world.stream().await.iter().filter_map(StreamImage::from_stream).collect();
    let (table, now) = (ground.world.platform.table().clone(), ground.world.platform.now());
    let ((calls, read, written), added) = ground.cost(table.chain(&news, now)).await;
    assert_eq!((added.expect("a block"), calls, read), (10, 3, 11.0));
    // Ten marks, the head, and the block: about 350 bytes an entry.
    let block = (written - 2.0 * 10.0 * E - 2.0) / 2.0;
    assert!((3.0..=5.0).contains(&block), "a block of {block} KB");
    let (again, added) = ground.cost(table.chain(&news, now)).await;
    assert_eq!((added.expect("nothing"), again), (0, (1, 10.0, 0.0)));
}

#[tokio::test]
async fn a_request_costs_its_question_and_a_hundredth_of_a_write() {
    let mut ground = Ground::new().await;
    ground.grow(100).await;
    let lead = ground.lead(1);
    let lead = ground.store(lead).await;
    ground.world.settle().await;
    let router = leads::router(ground.world.app());
    // The first request reads the session and takes uses from its limit for the next 9,999.
    let warm = Ask::get("/leads/search/asha?city=Pune").by(&ground.admin).of(&router).await;
    warm.expect(200);
    let body = json!({"full_name": "Asha Example", "assigned_to": ground.admin.user, "custom_fields": {"note": "x".repeat(NOTE)}});
    let create = |key: &str| Ask::post("/leads", body.clone()).header("idempotency-key", key);
    create("warm").by(&ground.admin).of(&router).await.expect(201);
    let path = format!("/leads/{}", lead.id);
    let asks: [(&str, Ask, Cost); 10] = [
        ("get", Ask::get(&path), (1, 0.5, 0.0)),
        ("list 50 and its size", Ask::get("/leads?limit=50"), (2, 6.5, 0.0)),
        ("search", Ask::get("/leads/search/asha"), (2, 26.5, 0.0)),
        ("history", Ask::get(format!("{path}/history")), (2, 1.0, 0.0)),
        ("change", Ask::put(&path, json!({"city": "Pune"})), (2, 1.0, 7.0)),
        ("stage change", Ask::post(format!("{path}/status"), json!({"status": "assessment"})), (2, 1.0, 8.0)),
        ("assignment", Ask::post(format!("{path}/assign"), json!({"assigned_to": null})), (2, 1.0, 8.0)),
        ("create", Ask::post("/leads", body.clone()), (1, 0.0, 7.0)),
        // One write takes the key, two keep the answer, whose envelope and headers are more than 1 KB.
        ("create with a key", create("new"), (3, 0.0, 10.0)),
        // The key is refused and brings the answer with it; DynamoDB charges a refused write, the stand-in does not.
        ("the same again", create("new"), (1, 0.0, 0.0)),
    ];
    let (mut found, mut expected) = (Vec::new(), Vec::new());
    for (name, ask, cost) in asks {
        expected.push((name, cost));
        let (cost, answer) = ground.cost(ask.by(&ground.admin).of(&router)).await;
        assert!(answer.status.is_success(), "{name}: {answer:?}");
        found.push((name, cost));
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn live_updates_cost_what_the_table_says() {
    let mut ground = Ground::new().await;
    let table = ground.world.platform.table().clone();
    let (organization, now) = (ground.tenant.organization, ground.world.platform.now());
    let organizations = [organization].into();
    for somebody in [false, true] {
        let (cost, listening) = ground.cost(table.listening(&organizations, now)).await;
        assert_eq!((cost, listening.expect("the table").len()), ((1, 1.0, 0.0), usize::from(somebody)));
        let (cost, _) = ground.cost(table.listen(organization, now)).await;
        assert_eq!(cost, (1, 0.0, 1.0));
    }

    let (user, session) = (ground.admin.user, ground.admin.session);
    let rooms: BTreeSet<Room> = [Room::All].into();
    let ids: Vec<String> = (0..1_000).map(|number| format!("L0SM9cOF{number:07}=")).collect();
    for id in &ids {
        let connected_at = now;
        let connection = Connection { id: id.clone(), organization, user, session, connected_at, rooms: rooms.clone() };
        table.open_connection(&connection).await.expect("the table");
    }
    let (cost, hearers) = ground.cost(table.hearers(organization, &rooms, None, 1_000, now)).await;
    assert_eq!(hearers.expect("the table").hearers.len(), ids.len());
    assert_eq!(cost, (1, 32.0, 0.0));

    let new = ground.lead(1);
    let lead = ground.store(new).await;
    let told = Told {
        organization,
        event: "lead:created".to_owned(),
        id: EventId::at(now, [1; 10]),
        kind: Kind::Lead,
        subject: lead.id.to_string(),
        version: 1,
        at: now,
        changed: Vec::new(),
        before: Map::new(),
    };
    let (cost, _) = ground.cost(table.remember(std::slice::from_ref(&told), now)).await;
    assert_eq!(cost, (1, 0.0, 1.0));
    let (cost, page) = ground.cost(table.told_since(organization, &ToldFrom::Time(now), 100)).await;
    assert_eq!((cost, page.expect("the table").told), ((1, 1.0, 0.0), vec![told]));
    let (cost, _) = ground.cost(table.outlines(organization, &[lead.id.to_string()].into())).await;
    assert_eq!(cost, (1, 1.0, 0.0));
}

#[tokio::test]
async fn the_log_of_events_and_webhooks_cost_what_the_table_says() {
    use domain::webhook::{Attempt, EventPattern};
    use domain::{WebhookDelivery, WebhookEndpointId};
    use store::EventLogQuery;

    let mut ground = Ground::new().await;
    ground.grow(50).await;
    let table = ground.world.platform.table().clone();
    let changes: Vec<StreamImage> = ground.world.stream().await.iter().filter_map(StreamImage::from_stream).collect();
    let events = changes.iter().filter(|image| image.sk.starts_with(store::keys::EVENT) && image.old.is_none()).count();
    let now = ground.world.platform.now();
    let (cost, entered) = ground.cost(table.log_events(&changes, now)).await;
    assert_eq!((cost.2, entered.expect("the table")), (f64::from(u32::try_from(events).expect("few")), events));

    let lead: EventPattern = "lead.created".parse().expect("a type");
    let query = |pattern: Option<EventPattern>| EventLogQuery {
        pattern,
        actor: None,
        since: None,
        until: None,
        newest_first: true,
        cursor: None,
        limit: NonZeroU32::MIN.saturating_add(49),
    };
    let (cost, page) = ground.cost(table.logged_events(&ground.grant, &query(None))).await;
    let page = page.expect("the table");
    assert_eq!((cost, page.records.len()), ((2, 26.0, 0.0), 50));
    let (cost, filtered) = ground.cost(table.logged_events(&ground.grant, &query(Some(lead)))).await;
    assert_eq!((cost.0, filtered.expect("the table").records.len()), (2, 50));
    let event = page.records[0].clone();
    let (cost, found) = ground.cost(table.logged_event(&ground.grant, event.id)).await;
    assert_eq!((cost, found.expect("the event")), ((2, 1.0, 0.0), event.clone()));

    let endpoint = WebhookEndpointId::at(now, [1; 10]);
    let id = ground.world.platform.delivery_id(event.id, event.at, endpoint);
    let made = WebhookDelivery::of(&event, id, endpoint, now);
    let (cost, delivery) = Box::pin(ground.cost(table.commit(&ground.grant, made))).await;
    assert_eq!(cost, (1, 0.0, 4.0));
    let taken = delivery.expect("a delivery").taken(now + SignedDuration::from_secs(1));
    let (cost, delivery) = Box::pin(ground.cost(table.commit_unseen(&ground.grant, taken))).await;
    assert_eq!(cost, (1, 0.0, 5.0));
    let headers = Map::new();
    let attempt = Attempt { at: now, status: Some(200), error: None, duration_ms: 5, headers, body: None };
    let ended = delivery.expect("a delivery").tried(attempt, None, 0, now + SignedDuration::from_secs(2));
    let (cost, _) = Box::pin(ground.cost(table.commit_unseen(&ground.grant, ended))).await;
    assert_eq!(cost, (1, 0.0, 5.0));
}
