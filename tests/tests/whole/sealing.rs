//! Personal fields at rest: nothing in the table shows them, and keys come and go.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use domain::lead::{Arrival, LeadDetails, LeadPatch};
use domain::message::{MessageTemplate, Recipient};
use domain::{
    Caller, Change, CustomFields, Grant, Lead, LeadId, LeadPipeline, Membership, Message, MessageId, OrganizationId,
    Record, User,
};
use http::Request;
use jiff::Timestamp;
use local::{Local, Options};
use runtime::KeyFile;
use serde_json::{Map, Value, json};
use store::keys::{self, attr};
use store::{CommitError, HashKey, KeyRing, KeyWrapper, ReadError, StoreError, StreamImage, Table};
use testkit::{SeededEntropy, TABLE, Tenant, World};

use crate::caller::HttpCaller;

type Item = HashMap<String, AttributeValue>;

/// Every item of a table, as it lies there.
async fn raw_items(client: &aws_sdk_dynamodb::Client, table: &str) -> Vec<Item> {
    let mut pages = client.scan().table_name(table).into_paginator().items().send();
    let mut items = Vec::new();
    while let Some(item) = pages.next().await {
        items.push(item.expect("an item"));
    }
    items
}

/// The bytes of an item, keys and all.
fn bytes_of(item: &Item) -> Vec<u8> {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone().into_bytes(),
        AttributeValue::B(bytes) => bytes.as_ref().to_vec(),
        other => format!("{other:?}").into_bytes(),
    };
    item.iter().flat_map(|(name, attribute)| [name.as_bytes().to_vec(), value(attribute)].concat()).collect()
}

const SECRETS: [&str; 15] = [
    "asha.private",
    "Asha.Private",
    "9876512345",
    "98765 12345",
    "abcpe1234f",
    "ABCPE1234F",
    "hidden.owner",
    "row.one",
    "9876522345",
    "moved.on",
    "9811198111",
    "not a-number 9833398333",
    "9833398333",
    "to.somebody",
    "code-424242",
];

/// Does what brings personal fields into the table, over the API where there is a way.
async fn live(local: &Local) -> (HttpCaller, Value) {
    let mut caller = HttpCaller::of(&local.base_url);
    let (email, password) = ("hidden.owner@example.com", "correct horse battery");
    let registration = json!({
        "organization_name": "Example Ltd", "first_name": "Asha", "last_name": "Example", "email": email, "password": password,
    });
    caller.post("/v1/auth/register", registration).await.expect(201);
    let owner = caller.post("/v1/auth/login", json!({"email": email, "password": password})).await.data(200);
    caller.sign_in(&owner);

    let lead = json!({
        "full_name": "Asha Example", "email": "Asha.Private@example.com", "phone": "98765 12345",
        "custom_fields": {"PAN": "ABCPE1234F"},
    });
    let token = owner["access_token"].as_str().expect("a token");
    let create = || {
        let request = Request::post("/v1/leads").header("host", "localhost").header("idempotency-key", "once");
        let request =
            request.header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
        request.body(Bytes::from(lead.to_string())).expect("a request")
    };
    let first = local.call(create()).await;
    assert_eq!(first.status(), 201, "{:?}", first.body());
    let again = local.call(create()).await;
    assert_eq!((again.status(), again.body()), (first.status(), first.body()), "the kept answer");
    let created: Value = serde_json::from_slice(first.body()).expect("JSON");
    let id = created["data"]["id"].as_str().expect("an id");
    let change = json!({"email": "moved.on@example.com", "phone": "9811198111"});
    caller.put(&format!("/v1/leads/{id}"), change).await.expect(200);

    let file = "Name,Email,Phone\nRow One,row.one@example.com,9876522345\nRow Two,,not a-number 9833398333\n";
    let job = caller.upload("/v1/leads/import", "leads.csv", file.as_bytes()).await.data(202);
    let path = format!("/v1/jobs/{}", job["id"].as_str().expect("an id"));
    local.idle().await.expect("the import ends");
    let job = caller.get(&path).await.data(200);
    assert_eq!((&job["totals"]["created"], &job["totals"]["rejected"]), (&json!(1), &json!(1)), "{job}");
    let told = caller.get(&format!("{path}/errors")).await;
    assert!(told.text().contains("9833398333"), "who imports is told of the cell: {}", told.text());
    (caller, created["data"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_in_the_table_shows_an_address_a_number_or_a_free_field() {
    let local = Local::start(Options::default()).await.expect("the platform starts");
    let (caller, lead) = live(&local).await;
    let name = local.template.tables[0].name.clone();
    let items = raw_items(&local.standins.dynamo.client(), &name).await;
    assert!(items.len() > 40, "{}", items.len());
    for item in &items {
        let bytes = bytes_of(item);
        for secret in SECRETS {
            let shown = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!shown, "{secret} in {:?} {:?}", item.get(attr::PK), item.get(attr::SK));
        }
    }
    let sealed = items.iter().filter(|item| item.contains_key(attr::SEALED)).count();
    assert!(sealed >= 7, "leads, their event, the owner, the membership, an answer, a row's error: {sealed}");

    // Whoever may, still sees and finds everything.
    let id = lead["id"].as_str().expect("an id");
    let read = caller.get(&format!("/v1/leads/{id}")).await.data(200);
    assert_eq!(
        (&read["email"], &read["phone"], &read["custom_fields"]["PAN"]),
        (&json!("moved.on@example.com"), &json!("+919811198111"), &json!("ABCPE1234F"))
    );
    for words in ["9811198111", "919811198111", "8111", "moved.on@example.com", "Moved.On@example.com"] {
        let found = caller.get(&format!("/v1/leads/search/{words}")).await.data(200);
        assert_eq!(
            (found["leads"].as_array().map(Vec::len), &found["leads"][0]["id"]),
            (Some(1), &lead["id"]),
            "{words}"
        );
    }
    for filter in ["email=moved.on@example.com", "phone=%2B919811198111"] {
        let found = caller.get(&format!("/v1/leads?{filter}")).await.data(200);
        assert_eq!(found["leads"][0]["id"], id, "{filter}");
    }
    assert!(caller.get("/v1/leads?limit=50").await.expect(200).text().contains("row.one@example.com"));
    let history = caller.get(&format!("/v1/leads/{id}/history")).await.expect(200).text();
    for shown in ["Asha.Private@example.com", "moved.on@example.com", "+919876512345", "+919811198111"] {
        assert!(history.contains(shown), "{shown}: {history}");
    }
    local.shutdown().await;
}

/// A world with an organization, and leads made by hand.
struct Ground {
    world: World,
    tenant: Tenant,
    grant: Grant,
    pipeline: LeadPipeline,
}

impl Ground {
    async fn new() -> Self {
        let world = World::new().await;
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").own();
        let id = LeadPipeline::id_of(tenant.organization);
        let pipeline = world.platform.table().get(&grant, id).await.expect("a pipeline");
        Self { world, tenant, grant, pipeline }
    }

    fn now(&self) -> Timestamp {
        self.world.platform.now()
    }

    fn lead(&self, email: &str) -> Change<Lead> {
        let details = LeadDetails { email: Some(email.parse().expect("an address")), ..LeadDetails::default() };
        self.lead_of(details)
    }

    fn lead_of(&self, details: LeadDetails) -> Change<Lead> {
        let arrival = Arrival {
            id: LeadId::at(self.now(), self.world.platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to: None,
            pipeline: &self.pipeline.pipeline,
            now: self.now(),
        };
        Lead::create(details, arrival).expect("a lead")
    }

    async fn store(&self, table: &Table, email: &str) -> Lead {
        Box::pin(table.commit(&self.grant, self.lead(email))).await.expect("it is stored")
    }

    /// The table as a function of its own sees it, its keys wrapped like this.
    fn table(&self, wrapper: &Arc<KeyFile>) -> Table {
        let wrapper: Arc<dyn KeyWrapper> = Arc::clone(wrapper) as _;
        Table::new(self.world.standins.dynamo.client(), TABLE, HashKey::new("test")).with_keys(KeyRing::new(wrapper))
    }

    async fn raw(&self, pk: &str) -> Item {
        let client = self.world.standins.dynamo.client();
        let asked = client.get_item().table_name(TABLE).key(attr::PK, text(pk)).key(attr::SK, text(keys::RECORD));
        asked.send().await.expect("an answer").item.expect("an item")
    }

    async fn put(&self, item: Item) {
        let client = self.world.standins.dynamo.client();
        client.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("it is put");
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn wrapper(seed: u64) -> Arc<KeyFile> {
    Arc::new(KeyFile::forgotten(Arc::new(SeededEntropy::new(seed))))
}

fn pk<R: Record>(record: &R) -> String {
    keys::partition(record.meta().organization, &record.id().to_string())
}

/// The version of the data key that sealed an item.
fn version(item: &Item) -> u16 {
    let sealed = item[attr::SEALED].as_b().expect("bytes").as_ref();
    u16::from_be_bytes([sealed[1], sealed[2]])
}

#[tokio::test]
async fn every_record_with_personal_fields_reads_back_what_was_written() {
    let ground = Ground::new().await;
    let (table, now) = (ground.world.platform.table(), ground.now());
    let email: domain::EmailAddress = "to.somebody@example.com".parse().expect("an address");
    let id = MessageId::at(now, ground.world.platform.random());
    let to = Recipient::Email(email.clone());
    let values = json!({"code": "code-424242"});
    let queued = Message::queue(id, ground.tenant.organization, to, MessageTemplate::SignInCode, values, now);
    let message = table.commit(&ground.grant, queued).await.expect("it is queued");
    assert_eq!(table.get::<Message>(&ground.grant, id).await.expect("there"), message);

    let everyone = Caller::system(OrganizationId::PLATFORM, "test").own();
    let user = domain::UserId::at(now, ground.world.platform.random());
    let user = User {
        phone: Some("+919876512345".parse().expect("a number")),
        ..User::new(user, email, "A".into(), "B".into(), now)
    };
    let membership = Membership::new(ground.tenant.organization, &user, domain::Role::Admin, Vec::new(), now);
    let user = table.commit(&everyone, Change::create(user, "user.created")).await.expect("a user");
    let membership =
        table.commit(&ground.grant, Change::create(membership, "membership.created")).await.expect("a member");
    assert_eq!(table.get::<User>(&everyone, user.id).await.expect("there"), user);
    assert_eq!(table.get::<Membership>(&ground.grant, membership.id).await.expect("there"), membership);

    let mut free = Map::new();
    free.insert("PAN".to_owned(), "ABCPE1234F".into());
    let details = LeadDetails {
        phone: Some("+919876512345".parse().expect("a number")),
        custom_fields: CustomFields::new(free).expect("fields"),
        ..LeadDetails::default()
    };
    let lead = Box::pin(table.commit(&ground.grant, ground.lead_of(details))).await.expect("a lead");
    assert_eq!(table.get::<Lead>(&ground.grant, lead.id).await.expect("there"), lead);

    for item in raw_items(&ground.world.standins.dynamo.client(), TABLE).await {
        let bytes = bytes_of(&item);
        for secret in SECRETS {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} in {item:?}");
        }
    }
}

#[tokio::test]
async fn what_is_sealed_does_not_open_in_another_record_or_another_tenant() {
    let ground = Ground::new().await;
    let table = ground.world.platform.table();
    let (one, two) = (ground.store(table, "one@example.com").await, ground.store(table, "two@example.com").await);
    let stranger = ground.world.a_tenant("Other Ltd").await;
    let there = Caller::system(stranger.organization, "test").own();

    let (stolen, mut other) = (ground.raw(&pk(&one)).await, ground.raw(&pk(&two)).await);
    other.insert(attr::SEALED.to_owned(), stolen[attr::SEALED].clone());
    ground.put(other).await;
    let read = table.get::<Lead>(&ground.grant, two.id).await;
    assert!(matches!(read, Err(ReadError::Store(StoreError::Unreadable { .. }))), "{read:?}");

    let mut moved = stolen;
    moved.insert(attr::PK.to_owned(), text(&keys::partition(stranger.organization, &one.id.to_string())));
    ground.put(moved).await;
    let read = table.get::<Lead>(&there, one.id).await;
    assert!(matches!(read, Err(ReadError::Store(StoreError::Unreadable { .. }))), "{read:?}");
    assert_eq!(table.get::<Lead>(&ground.grant, one.id).await.expect("there"), one);
}

#[tokio::test]
async fn a_new_key_seals_what_is_written_from_now_on_and_the_old_one_opens_the_rest() {
    let ground = Ground::new().await;
    let file = wrapper(3);
    let table = ground.table(&file);
    table.open_data_keys(ground.now()).await.expect("the first key");
    let old = ground.store(&table, "old@example.com").await;
    let running = ground.table(&file);
    running.open_data_keys(ground.now()).await.expect("the same key");
    assert_eq!(running.get::<Lead>(&ground.grant, old.id).await.expect("there"), old);

    assert_eq!(table.rotate_data_key(ground.now()).await.expect("a new key"), 2);
    let new = ground.store(&table, "new@example.com").await;
    assert_eq!((version(&ground.raw(&pk(&old)).await), version(&ground.raw(&pk(&new)).await)), (1, 2));
    assert_eq!(table.get::<Lead>(&ground.grant, old.id).await.expect("there"), old);

    // A function that runs already meets the new key, and one that starts meets the old one.
    assert_eq!(running.keys().versions(), [1]);
    assert_eq!(running.get::<Lead>(&ground.grant, new.id).await.expect("there"), new);
    assert_eq!(running.keys().versions(), [1, 2]);
    let fresh = ground.table(&file);
    fresh.open_data_keys(ground.now()).await.expect("the newest key");
    assert_eq!(fresh.keys().versions(), [2]);
    let patch = LeadPatch { city: Some(Some("Pune".parse().expect("a town"))), ..LeadPatch::default() };
    let read = fresh.get_to_change::<Lead>(&ground.grant, old.id).await.expect("there");
    let change = read.update(patch, &ground.pipeline.pipeline, ground.now()).expect("a change");
    Box::pin(fresh.commit(&ground.grant, change)).await.expect("it is stored");
    assert_eq!(version(&ground.raw(&pk(&old)).await), 2, "its next write seals it anew");
}

#[tokio::test]
async fn who_follows_the_stream_sees_sealed_changes_and_keys_it_has_not_met() {
    let ground = Ground::new().await;
    let file = wrapper(3);
    let table = ground.table(&file);
    table.open_data_keys(ground.now()).await.expect("the first key");
    let lead = ground.store(&table, "one@example.com").await;
    let follower = ground.table(&file);
    follower.open_data_keys(ground.now()).await.expect("the same key");
    table.rotate_data_key(ground.now()).await.expect("a new key");
    let email = Some(Some("two@example.com".parse().expect("an address")));
    let city = Some(Some("Pune".parse().expect("a town")));
    let patch = LeadPatch { email, city, ..LeadPatch::default() };
    let change = lead.update(patch, &ground.pipeline.pipeline, ground.now()).expect("a change");
    Box::pin(table.commit(&ground.grant, change)).await.expect("it is stored");

    let images: Vec<StreamImage> = ground.world.stream().await.iter().filter_map(StreamImage::from_stream).collect();
    let update = || {
        let mut events = images.iter().filter_map(|image| image.new_event(follower.keys()));
        events.find(|event| event.as_ref().map_or(true, |event| event.kind == "lead.updated"))
    };
    assert!(matches!(update(), Some(Err(StoreError::Unreadable { .. }))), "its key is not open yet");
    follower.learn_data_keys(&images).await.expect("it opens");
    let event = update().expect("an event").expect("it reads");
    let changes: Vec<_> =
        event.changes.iter().map(|change| (change.field.as_str(), &change.before, &change.after)).collect();
    assert_eq!(
        changes,
        [("city", &Value::Null, &json!("Pune")), ("email", &json!("one@example.com"), &json!("two@example.com"))]
    );
}

#[tokio::test]
async fn functions_that_start_at_once_share_one_key() {
    let ground = Ground::new().await;
    let file = wrapper(3);
    let tables: Vec<Table> = (0..4).map(|_| ground.table(&file)).collect();
    let now = ground.now();
    let starts = tables.iter().map(|table| table.open_data_keys(now));
    for started in futures::future::join_all(starts).await {
        started.expect("it starts");
    }
    let lead = ground.store(&tables[0], "one@example.com").await;
    for table in &tables {
        assert_eq!(table.keys().versions(), [1]);
        assert_eq!(table.get::<Lead>(&ground.grant, lead.id).await.expect("there"), lead);
    }
}

#[tokio::test]
async fn another_machines_key_file_is_an_error() {
    let ground = Ground::new().await;
    ground.table(&wrapper(3)).open_data_keys(ground.now()).await.expect("the first key");
    let opened = ground.table(&wrapper(4)).open_data_keys(ground.now()).await;
    assert!(matches!(opened, Err(StoreError::Broken { .. })), "{opened:?}");
}

#[tokio::test]
async fn without_a_key_nothing_is_written_in_the_clear() {
    let ground = Ground::new().await;
    let table = Table::new(ground.world.standins.dynamo.client(), TABLE, HashKey::new("test"));
    let before = raw_items(&ground.world.standins.dynamo.client(), TABLE).await.len();
    let stored = Box::pin(table.commit(&ground.grant, ground.lead("one@example.com"))).await;
    assert!(matches!(stored, Err(CommitError::Store(StoreError::Broken { .. }))), "{stored:?}");
    assert_eq!(raw_items(&ground.world.standins.dynamo.client(), TABLE).await.len(), before);
}

#[tokio::test]
async fn bytes_of_another_making_are_an_error() {
    let ground = Ground::new().await;
    let table = ground.world.platform.table();
    let lead = ground.store(table, "one@example.com").await;
    for sealed in [vec![], vec![1], vec![9; 80], vec![1; 80]] {
        let mut item = ground.raw(&pk(&lead)).await;
        item.insert(attr::SEALED.to_owned(), AttributeValue::B(Blob::new(sealed)));
        ground.put(item).await;
        let read = table.get::<Lead>(&ground.grant, lead.id).await;
        assert!(matches!(read, Err(ReadError::Store(StoreError::Unreadable { .. }))), "{read:?}");
    }
}
