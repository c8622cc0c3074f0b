//! A platform in memory.

use std::sync::Arc;

use jiff::Timestamp;
use runtime::{Platform, Settings};
use serde_json::Value;
use standins::{Faults, Setup, Standins};
use store::{Due, KeyRing, StreamImage, keys};

use crate::{Keys, SeededEntropy, TABLE, TestClock, Webhooks, definition};

/// A platform in memory: the stand-ins, a clock that moves, a key that signs.
#[derive(Debug)]
pub struct World {
    /// The stand-ins.
    pub standins: Standins,
    /// The clock that everything reads.
    pub clock: TestClock,
    /// What functions work with.
    pub platform: Platform,
    /// The key that signs tokens.
    pub keys: Keys,
    /// The machines that webhooks tell.
    pub webhooks: Webhooks,
    checkpoint: std::sync::Mutex<Option<String>>,
}

const ISSUER: &str = "https://api.sampark.test";

impl World {
    /// An empty platform.
    pub async fn new() -> Self {
        Self::with_faults(Faults::none()).await
    }

    /// An empty platform whose outside calls fail as told, once it is set up.
    pub async fn with_faults(faults: Faults) -> Self {
        let clock = TestClock::default();
        let setup = Setup { faults, clock: Arc::new(clock.clone()), meter: true };
        let standins = Standins::memory_with(&setup).expect("stand-ins start");
        standins.dynamo.create_table(&definition()).await.expect("the table can be made");
        standins.s3.create_bucket("files").await.expect("the bucket can be made");
        let queue = async |name| {
            let made = standins.sqs.create_queue(&standins::sqs::Queue::named(name)).await;
            Some(made.expect("the queue can be made"))
        };
        let settings = Settings {
            table: TABLE.into(),
            hash_key: "test".into(),
            data_key: None,
            bucket: Some("files".into()),
            imports_queue: queue("imports").await,
            messages_queue: queue("messages").await,
            broadcasts_queue: queue("broadcasts").await,
            launches_queue: queue("launches").await,
            automations_queue: queue("automations").await,
            provider_inbox_queue: queue("provider-inbox").await,
            realtime_queue: queue("realtime").await,
            webhook_deliveries_queue: queue("webhook-deliveries").await,
            sockets: Some("https://sockets.sampark.test/v1".into()),
            signing_secret: Some("a secret of the tests, long enough to sign with".into()),
            signing_secret_previous: None,
            issuer: ISSUER.into(),
            app_url: Some("https://app.example".into()),
            api_url: Some("https://api.sampark.test/v1".into()),
            cors_origins: vec!["https://app.example".into()],
            // Tests ask more often than people.
            address_requests: Some(1_000_000),
            mail_from: Some("Sampark <no-reply@sampark.example>".into()),
            mail_events: Some("events".into()),
            push_secret: Some("a secret of the tests, long enough to push with".into()),
            push_subject: Some("mailto:post@sampark.example".into()),
            version: "test".into(),
        };
        let webhooks = Webhooks::default();
        let entropy = Arc::new(SeededEntropy::new(1));
        let platform = Platform::new(settings, standins.dynamo.client(), Arc::new(clock.clone()), entropy)
            .with_keys(KeyRing::fixed(&[7; 32]))
            .with_files(standins.s3.client("http://127.0.0.1:1"))
            .with_jobs(standins.sqs.client())
            .with_messages(standins.sqs.client())
            .with_broadcasts(standins.sqs.client())
            .with_launches(standins.sqs.client())
            .with_automations(standins.sqs.client())
            .with_provider_inbox(standins.sqs.client())
            .with_webhooks(Arc::new(webhooks.clone()))
            .with_webhook_deliveries(standins.sqs.client())
            .with_realtime(standins.sqs.client())
            .with_sockets(providers::Sockets::new(standins.sockets.client()))
            .with_mail(&standins.ses.client())
            .with_texts(Arc::new(standins.sms.clone()))
            .with_pushes(Arc::new(standins.push.clone()));
        let keys = Keys::seeded(1);
        platform.table().publish_signing_key(&keys.published).await.expect("the key can be published");
        Self { standins, clock, platform, keys, webhooks, checkpoint: std::sync::Mutex::new(None) }
    }

    /// An app for a function's router.
    pub fn app(&self) -> web::App {
        web::App::new(self.platform.clone(), std::slice::from_ref(&self.keys.published))
    }

    /// Who issues tokens here.
    pub fn issuer(&self) -> &str {
        &self.platform.settings().issuer
    }

    /// All that is due at a time.
    pub async fn due(&self, at: Timestamp) -> Vec<Due> {
        let mut due = Vec::new();
        for shard in 0..keys::DUE_SHARDS {
            let page = self.platform.table().due(shard, at, None, u16::MAX).await.expect("what is due");
            due.extend(page.due);
        }
        due
    }

    /// What the table's stream tells since the last call: the `dynamodb` member of each record.
    pub async fn stream(&self) -> Vec<Value> {
        let mut changes = Vec::new();
        loop {
            let from = self.checkpoint.lock().expect("no test panicked here").clone();
            let batch =
                self.standins.dynamo.read_stream(TABLE, from.as_deref(), 1_000).await.expect("the stream can be read");
            if batch.len == 0 {
                return changes;
            }
            *self.checkpoint.lock().expect("no test panicked here") = batch.checkpoint;
            let records = batch.records["Records"].as_array().expect("a batch has records");
            changes.extend(records.iter().map(|record| record["dynamodb"].clone()));
        }
    }

    /// Lets everything that follows from events happen: search terms, figures and feeds are up to date after.
    pub async fn settle(&self) {
        self.follow(false).await;
    }

    /// The same, and every event has entered its organization's audit chain.
    pub async fn settle_audited(&self) {
        self.follow(true).await;
    }

    async fn follow(&self, audited: bool) {
        loop {
            let images: Vec<StreamImage> = self.stream().await.iter().filter_map(StreamImage::from_stream).collect();
            if images.is_empty() {
                return;
            }
            for batch in images.chunks(100) {
                self.platform.table().project(batch).await.expect("a batch can be projected");
                self.platform.table().feed(batch, self.platform.now()).await.expect("a batch can be fed");
                self.platform.table().log_events(batch, self.platform.now()).await.expect("a batch can be logged");
                if audited {
                    self.platform.table().chain(batch, self.platform.now()).await.expect("a batch can be chained");
                }
            }
        }
    }
}
