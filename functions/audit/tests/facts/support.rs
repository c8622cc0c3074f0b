//! An organization with its administrator, and what follows from what they do.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use domain::session::Device;
use domain::{Caller, Grant, SecurityEvent, SecurityEventId, SecurityKind, UserId};
use events::{StreamEvent, StreamRecord};
use serde_json::{Value, json};
use standins::Faults;
use store::StreamImage;
use testkit::{Answer, Ask, Person, TABLE, Tenant, World};

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) router: Router,
    pub(crate) leads: Router,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with_faults(Faults::none()).await
    }

    pub(crate) async fn with_faults(faults: Faults) -> Self {
        let world = World::with_faults(faults).await;
        let (tenant, admin) = world.an_admin().await;
        let (router, leads) = (audit::router(world.app()), leads::router(world.app()));
        Self { world, router, leads, tenant, admin }
    }

    pub(crate) fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").own()
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        ask.by(&self.admin).of(&self.router).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask(Ask::get(path)).await.data(200)
    }

    /// A lead of this name; its id.
    pub(crate) async fn a_lead(&self, name: &str) -> String {
        let lead = Ask::post("/leads", json!({"full_name": name})).by(&self.admin).of(&self.leads).await.data(201);
        lead["id"].as_str().expect("an id").to_owned()
    }

    /// Something that happened around signing in.
    pub(crate) async fn happened(
        &self,
        kind: SecurityKind,
        user: Option<UserId>,
        address: &str,
        rows: Option<u64>,
    ) -> SecurityEventId {
        let platform = &self.world.platform;
        let device = Device { user_agent: "A browser".into(), address: address.into() };
        let id = SecurityEventId::at(platform.now(), platform.random());
        let mut event = SecurityEvent::new(id, self.tenant.organization, kind, &device, platform.now());
        event.user = user;
        event.data.extend(rows.map(|rows| ("rows".to_owned(), rows.into())));
        platform.table().commit(&self.grant(), event.happened()).await.expect("it is remembered");
        id
    }

    /// What happened since the last call, as Lambda hands it over.
    pub(crate) async fn news(&self) -> StreamEvent {
        let records = self.world.stream().await.into_iter();
        StreamEvent { records: records.map(|dynamodb| StreamRecord { event_name: String::new(), dynamodb }).collect() }
    }

    pub(crate) async fn follow(&self, news: &StreamEvent) {
        let answer = events::handle(&self.world.platform, news.clone()).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    }

    /// Lets everything follow, as the functions do.
    pub(crate) async fn settle(&self) {
        loop {
            let news = self.news().await;
            if news.records.is_empty() {
                return;
            }
            self.follow(&news).await;
        }
    }

    /// Every item of the table whose sort key begins so, in the organization.
    pub(crate) async fn items(&self, begin: &str) -> Vec<Item> {
        let client = self.world.standins.dynamo.client();
        let tenant = store::keys::partition(self.tenant.organization, "");
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let page = client.scan().table_name(TABLE).set_exclusive_start_key(start).send().await.expect("a scan");
            items.extend(page.items.unwrap_or_default().into_iter().filter(|item| {
                let text = |name: &str| item[name].as_s().expect("a key").clone();
                text("pk").starts_with(&tenant) && text("sk").starts_with(begin)
            }));
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }

    pub(crate) async fn put(&self, item: Item) {
        let client = self.world.standins.dynamo.client();
        client.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("it is put");
    }

    pub(crate) async fn remove(&self, item: &Item) {
        let client = self.world.standins.dynamo.client();
        let delete = client.delete_item().table_name(TABLE);
        delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.expect("it is gone");
    }

    pub(crate) async fn verified(&self) -> Value {
        self.get("/audit-logs/verify").await
    }
}

/// The changes of some news.
pub(crate) fn images(news: &[StreamRecord]) -> Vec<StreamImage> {
    news.iter().filter_map(|record| StreamImage::from_stream(&record.dynamodb)).collect()
}

pub(crate) fn text(item: &Item, name: &str) -> String {
    item[name].as_s().expect("a text").clone()
}

/// How many entries an organization's chain has, and how many events.
pub(crate) async fn counted(house: &House) -> (u64, u64) {
    let verified = house.verified().await;
    assert_eq!(verified["ok"], true, "{verified}");
    assert_eq!(verified["verified_entries"], verified["head"]["entries"]);
    (verified["verified_entries"].as_u64().expect("a number"), house.items("event#").await.len() as u64)
}
