//! What a function works with: the table, and where it needs them files, queues and ways to reach people.

use std::sync::Arc;

use domain::automation::RunStep;
use domain::broadcast::BroadcastStep;
use domain::campaign::CampaignStep;
use domain::job::JobStep;
use domain::message::MessageStep;
use domain::provider_delivery::DeliveryStep;
use domain::realtime::Push;
use domain::webhook::WebhookStep;
use domain::{SlaPolicy, WebhookEndpoint, Workflow};
use jiff::Timestamp;
use providers::inbound::sns::SnsWeb;
use providers::{Mailer, Outside, PushService, Pusher, Reach, Sockets, TextSender, Vapid, VapidError, WebhookCaller};
use store::{Files, HashKey, KeyRing, Queue, Table};

use crate::recent::Recent;
use crate::{Clock, Entropy, Settings};

/// What a function works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Platform {
    settings: Arc<Settings>,
    table: Table,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    files: Option<Files>,
    jobs: Option<Queue<JobStep>>,
    messages: Option<Queue<MessageStep>>,
    broadcasts: Option<Queue<BroadcastStep>>,
    launches: Option<Queue<CampaignStep>>,
    automations: Option<Queue<RunStep>>,
    workflows: Recent<Vec<Workflow>>,
    policies: Recent<Vec<SlaPolicy>>,
    provider_inbox: Option<Queue<DeliveryStep>>,
    realtime: Option<Queue<Push>>,
    sockets: Option<Sockets>,
    mailer: Option<Mailer>,
    texts: Option<Arc<dyn TextSender>>,
    pusher: Option<Pusher>,
    webhooks: Option<Arc<dyn WebhookCaller>>,
    outside: Option<Outside>,
    sns: Option<Arc<dyn SnsWeb>>,
    reach: Reach,
    webhook_deliveries: Option<Queue<WebhookStep>>,
    endpoints: Recent<Vec<WebhookEndpoint>>,
}

/// A function asks for something that its `main` did not wire: a fault of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this function has no {0}")]
pub struct NotWired(pub &'static str);

impl Platform {
    /// The table alone; enough for most functions.
    pub fn new(
        settings: Settings,
        dynamo: aws_sdk_dynamodb::Client,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let table = Table::new(dynamo, settings.table.clone(), HashKey::new(&settings.hash_key));
        Self {
            settings: Arc::new(settings),
            table,
            clock,
            entropy,
            files: None,
            jobs: None,
            messages: None,
            broadcasts: None,
            launches: None,
            automations: None,
            workflows: Recent::default(),
            policies: Recent::default(),
            provider_inbox: None,
            realtime: None,
            sockets: None,
            mailer: None,
            texts: None,
            pusher: None,
            webhooks: None,
            outside: None,
            sns: None,
            reach: Reach::PUBLIC,
            webhook_deliveries: None,
            endpoints: Recent::default(),
        }
    }

    /// With the data keys under which personal fields are sealed.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyRing) -> Self {
        self.table = self.table.with_keys(keys);
        self
    }

    /// With files, where the settings name a bucket.
    #[must_use]
    pub fn with_files(mut self, s3: aws_sdk_s3::Client) -> Self {
        self.files = self.settings.bucket.as_ref().map(|bucket| Files::new(s3, bucket));
        self
    }

    /// With the queue of jobs, where the settings name it.
    #[must_use]
    pub fn with_jobs(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.jobs = self.settings.imports_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of messages, where the settings name it.
    #[must_use]
    pub fn with_messages(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.messages = self.settings.messages_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of broadcasts, where the settings name it.
    #[must_use]
    pub fn with_broadcasts(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.broadcasts = self.settings.broadcasts_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of campaigns, where the settings name it.
    #[must_use]
    pub fn with_launches(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.launches = self.settings.launches_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of automations, where the settings name it.
    #[must_use]
    pub fn with_automations(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.automations = self.settings.automations_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of what providers tell, where the settings name it.
    #[must_use]
    pub fn with_provider_inbox(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.provider_inbox = self.settings.provider_inbox_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of what is told at once, where the settings name it.
    #[must_use]
    pub fn with_realtime(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.realtime = self.settings.realtime_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With the queue of webhooks, where the settings name it.
    #[must_use]
    pub fn with_webhook_deliveries(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.webhook_deliveries = self.settings.webhook_deliveries_queue.as_ref().map(|url| Queue::new(sqs, url));
        self
    }

    /// With other addresses that webhooks may ask than the public internet's.
    #[must_use]
    pub const fn with_reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// With the open connections of the WebSocket API.
    #[must_use]
    pub fn with_sockets(mut self, sockets: Sockets) -> Self {
        self.sockets = Some(sockets);
        self
    }

    /// With mail, where the settings name a sender.
    #[must_use]
    pub fn with_mail(mut self, ses: &aws_sdk_ses::Client) -> Self {
        self.mailer = self.settings.mail_from.as_ref().map(|from| match &self.settings.mail_events {
            Some(events) => Mailer::telling(ses, from, events),
            None => Mailer::new(ses, from),
        });
        self
    }

    /// With text messages, through this provider.
    #[must_use]
    pub fn with_texts(mut self, texts: Arc<dyn TextSender>) -> Self {
        self.texts = Some(texts);
        self
    }

    /// With pushes to devices, through this service, where the settings name a secret that a key can be made of.
    #[must_use]
    pub fn with_pushes(mut self, service: Arc<dyn PushService>) -> Self {
        self.pusher = match self.vapid() {
            Some(Ok(vapid)) => Some(Pusher::new(vapid, service)),
            Some(Err(error)) => {
                tracing::error!(%error, "nothing is pushed");
                None
            }
            None => None,
        };
        self
    }

    /// The key of pushes that the settings tell; there need be none.
    pub fn vapid(&self) -> Option<Result<Vapid, VapidError>> {
        let Settings { push_secret, push_subject, issuer, .. } = self.settings();
        Some(Vapid::from_secret(push_secret.as_deref()?, push_subject.as_deref().unwrap_or(issuer)))
    }

    /// With webhooks, through this client.
    #[must_use]
    pub fn with_webhooks(mut self, webhooks: Arc<dyn WebhookCaller>) -> Self {
        self.webhooks = Some(webhooks);
        self
    }

    /// With the providers that organizations are connected to.
    #[must_use]
    pub fn with_outside(mut self, outside: Outside) -> Self {
        self.outside = Some(outside);
        self
    }

    /// With Amazon SNS, whose certificates and subscriptions lie at its own addresses.
    #[must_use]
    pub fn with_sns(mut self, sns: Arc<dyn SnsWeb>) -> Self {
        self.sns = Some(sns);
        self
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The table.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The files.
    pub fn files(&self) -> Result<&Files, NotWired> {
        self.files.as_ref().ok_or(NotWired("files"))
    }

    /// The queue of jobs.
    pub fn jobs(&self) -> Result<&Queue<JobStep>, NotWired> {
        self.jobs.as_ref().ok_or(NotWired("queue of jobs"))
    }

    /// The queue of messages.
    pub fn messages(&self) -> Result<&Queue<MessageStep>, NotWired> {
        self.messages.as_ref().ok_or(NotWired("queue of messages"))
    }

    /// The queue of broadcasts.
    pub fn broadcasts(&self) -> Result<&Queue<BroadcastStep>, NotWired> {
        self.broadcasts.as_ref().ok_or(NotWired("queue of broadcasts"))
    }

    /// The queue of campaigns.
    pub fn launches(&self) -> Result<&Queue<CampaignStep>, NotWired> {
        self.launches.as_ref().ok_or(NotWired("queue of campaigns"))
    }

    /// The queue of automations.
    pub fn automations(&self) -> Result<&Queue<RunStep>, NotWired> {
        self.automations.as_ref().ok_or(NotWired("queue of automations"))
    }

    /// The automations of organizations that may be set going, as they were read a moment ago.
    pub(crate) const fn workflows(&self) -> &Recent<Vec<Workflow>> {
        &self.workflows
    }

    /// The queue of what providers tell.
    pub fn provider_inbox(&self) -> Result<&Queue<DeliveryStep>, NotWired> {
        self.provider_inbox.as_ref().ok_or(NotWired("queue of what providers tell"))
    }

    /// The service levels of organizations, as they were read a moment ago.
    pub(crate) const fn policies(&self) -> &Recent<Vec<SlaPolicy>> {
        &self.policies
    }

    /// The queue of what is told at once.
    pub fn realtime(&self) -> Result<&Queue<Push>, NotWired> {
        self.realtime.as_ref().ok_or(NotWired("queue of what is told at once"))
    }

    /// The open connections.
    pub fn sockets(&self) -> Result<&Sockets, NotWired> {
        self.sockets.as_ref().ok_or(NotWired("open connections"))
    }

    /// The mail.
    pub fn mailer(&self) -> Result<&Mailer, NotWired> {
        self.mailer.as_ref().ok_or(NotWired("mail"))
    }

    /// The provider of text messages; there need be none.
    pub fn texts(&self) -> Option<&dyn TextSender> {
        self.texts.as_deref()
    }

    /// What pushes to devices; there need be none.
    pub const fn pusher(&self) -> Option<&Pusher> {
        self.pusher.as_ref()
    }

    /// What tells machines elsewhere.
    pub fn webhooks(&self) -> Result<&dyn WebhookCaller, NotWired> {
        self.webhooks.as_deref().ok_or(NotWired("webhooks"))
    }

    /// What the providers that organizations are connected to are asked with.
    pub fn outside(&self) -> Result<&Outside, NotWired> {
        self.outside.as_ref().ok_or(NotWired("providers"))
    }

    /// Amazon SNS.
    pub fn sns(&self) -> Result<&dyn SnsWeb, NotWired> {
        self.sns.as_deref().ok_or(NotWired("SNS"))
    }

    /// The addresses that webhooks may ask.
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// The queue of webhooks.
    pub fn webhook_deliveries(&self) -> Result<&Queue<WebhookStep>, NotWired> {
        self.webhook_deliveries.as_ref().ok_or(NotWired("queue of webhooks"))
    }

    /// The webhook endpoints of organizations that are told, as they were read a moment ago.
    pub(crate) const fn endpoints(&self) -> &Recent<Vec<WebhookEndpoint>> {
        &self.endpoints
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}
