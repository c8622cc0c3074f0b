//! Functions and what calls them, put together as the template says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use runtime::{Clock as _, Entropy, Platform, Settings, SystemEntropy};
use serde_json::{Value, json};
use standins::Standins;
use store::{KeyRing, StoreError};
use web::App;

use crate::MovableClock;
use crate::duty::Duty;
use crate::error::StartError;
use crate::functions::{ALL, Clients, ClockWorker, Code, Registered};
use crate::gateway::Gateway;
use crate::invoke;
use crate::mappings::queue::QueueReader;
use crate::mappings::stream::{Following, StreamReader};
use crate::secrets::Secrets;
use crate::stop::Stop;
use crate::template::{Function, Template, account};

/// How often what has expired is removed. AWS promises a few days; tests and people want to see it.
const SWEEP: SignedDuration = SignedDuration::from_secs(30);

/// What works beside the API.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) queues: Vec<Arc<QueueReader>>,
    pub(crate) streams: Vec<Arc<StreamReader>>,
    pub(crate) duties: Vec<Arc<Duty>>,
    schedules: Vec<(Arc<Duty>, ClockWorker, Duration)>,
}

/// What functions are put together from.
pub(crate) struct Wiring<'a> {
    pub(crate) template: &'a Template,
    pub(crate) standins: &'a Standins,
    pub(crate) clients: Clients,
    pub(crate) secrets: Secrets,
    pub(crate) keys: KeyRing,
    pub(crate) clock: MovableClock,
    pub(crate) data: Option<&'a Path>,
    /// Where the WebSocket API is reached.
    pub(crate) sockets_at: String,
    /// Where the API is reached, with its stage.
    pub(crate) api_at: String,
}

impl Wiring<'_> {
    /// Adds every function to the gateway or to what works beside it.
    pub(crate) async fn wire(&self, gateway: &mut Gateway) -> Result<Work, StartError> {
        if let Some(function) = self
            .template
            .functions
            .iter()
            .find(|function| ALL.iter().all(|registered| registered.binary != function.binary))
        {
            return Err(StartError::NotRegistered(function.binary.clone()));
        }
        let mut work = Work::default();
        for registered in &ALL {
            let function = self.template.function(registered.binary);
            let function = function.ok_or(StartError::NotInTemplate(registered.binary))?;
            let platform = self.platform(registered, function).await?;
            only(registered, function)?;
            match registered.code {
                Code::Http { router, prepare, .. } => {
                    let failed = |cause| StartError::Prepare { function: registered.binary, cause };
                    prepare(platform.clone()).await.map_err(failed)?;
                    let keys = platform.table().signing_keys().await.map_err(|error| failed(error.to_string()))?;
                    gateway.add(function, router(App::new(platform, &keys)))?;
                }
                Code::Sockets(worker) => gateway.add_sockets(function, &worker(platform)),
                Code::Queue(worker) => {
                    for mapping in &function.queues {
                        let (client, worker) = (self.clients.sqs.clone(), worker(platform.clone()));
                        let reader =
                            QueueReader::open(mapping.clone(), client, worker, function.timeout, self.data).await;
                        work.queues.push(reader.map_err(StartError::io(format!("messages of {}", mapping.queue)))?);
                    }
                }
                Code::Stream(worker) => {
                    for mapping in &function.streams {
                        let table = self.template.tables.iter().find(|table| table.name == mapping.table);
                        let table = table.ok_or_else(|| StartError::NoTable(mapping.table.clone()))?;
                        let following = Following {
                            mapping: mapping.clone(),
                            partition_key: table.partition_key.clone(),
                            function: function.id.clone(),
                            worker: worker(platform.clone()),
                            timeout: function.timeout,
                            dynamo: self.standins.dynamo.clone(),
                            sqs: self.clients.sqs.clone(),
                            clock: self.clock.clone(),
                        };
                        work.streams.push(StreamReader::open(following, self.data).await?);
                    }
                }
                Code::Clock(worker) => {
                    for schedule in &function.schedules {
                        let duty = Duty::new(&schedule.name, schedule.every, self.clock.clone());
                        work.schedules.push((Arc::clone(&duty), worker(platform.clone()), function.timeout));
                        work.duties.push(duty);
                    }
                }
            }
        }
        Ok(work)
    }

    /// What a function works with: its own environment, and the clients that its `main` wires.
    async fn platform(&self, registered: &Registered, function: &Function) -> Result<Platform, StartError> {
        let resolved =
            function.environment.iter().map(|(name, value)| Ok((name.clone(), self.secrets.resolve(value)?)));
        let mut environment: BTreeMap<_, _> = resolved.collect::<Result<_, String>>().map_err(StartError::Secret)?;
        // The template names the addresses that API Gateway gives; here they are this machine's.
        for (name, at) in [("SAMPARK_SOCKETS", &self.sockets_at), ("SAMPARK_API_URL", &self.api_at)] {
            if let Some(address) = environment.get_mut(name).filter(|address| !address.is_empty()) {
                address.clone_from(at);
            }
        }
        let settings = Settings::from_map(&environment)
            .map_err(|cause| StartError::Settings { function: registered.binary, cause })?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clock = Arc::new(self.clock.clone());
        let sees_records = settings.data_key.is_some();
        let mut platform = Platform::new(settings, self.standins.dynamo.client(), clock, entropy);
        if sees_records {
            platform = platform.with_keys(self.keys.clone());
            let opened = platform.table().open_data_keys(platform.now()).await;
            let failed =
                |cause: StoreError| StartError::Prepare { function: registered.binary, cause: cause.to_string() };
            opened.map_err(failed)?;
        }
        Ok((registered.wire)(platform, &self.clients))
    }
}

/// Refuses to have a function called by what it cannot answer.
fn only(registered: &Registered, function: &Function) -> Result<(), StartError> {
    let Function { routes, sockets, queues, streams, schedules, .. } = function;
    let calls = [
        (!routes.is_empty(), matches!(registered.code, Code::Http { .. }), "requests"),
        (!sockets.is_empty(), matches!(registered.code, Code::Sockets(_)), "connections"),
        (!queues.is_empty(), matches!(registered.code, Code::Queue(_)), "queues"),
        (!streams.is_empty(), matches!(registered.code, Code::Stream(_)), "streams"),
        (!schedules.is_empty(), matches!(registered.code, Code::Clock(_)), "schedules"),
    ];
    match calls.into_iter().find(|(called, answers, _)| called != answers) {
        Some((_, _, calls)) => Err(StartError::Mismatch { function: registered.binary, calls }),
        None => Ok(()),
    }
}

impl Work {
    /// Starts all of it.
    pub(crate) fn begin(
        &mut self,
        standins: &Standins,
        clock: &MovableClock,
        stop: &Stop,
    ) -> Vec<tokio::task::JoinHandle<()>> {
        let mut tasks = Vec::new();
        for queue in &self.queues {
            tasks.push(tokio::spawn(Arc::clone(queue).run(stop.clone())));
        }
        for stream in &self.streams {
            tasks.push(tokio::spawn(Arc::clone(stream).run(stop.clone())));
        }
        for (duty, worker, timeout) in self.schedules.drain(..) {
            let clock = clock.clone();
            let name = duty.name().to_owned();
            tasks.push(tokio::spawn(duty.run(stop.clone(), move || {
                let call = invoke::call(timeout, worker(scheduled(&name, clock.now())));
                async move { call.await.map_err(|error| error.to_string()) }
            })));
        }
        let sweep = Duty::new("expiry", SWEEP, clock.clone());
        self.duties.push(Arc::clone(&sweep));
        let dynamo = standins.dynamo.clone();
        tasks.push(tokio::spawn(sweep.run(stop.clone(), move || {
            let dynamo = dynamo.clone();
            async move { dynamo.sweep_ttl().await.map(drop).map_err(|error| error.to_string()) }
        })));
        tasks
    }
}

/// What `EventBridge` Scheduler tells a function of which the template says no more.
///
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html>
fn scheduled(schedule: &str, now: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": format!("{schedule}-{}", now.as_millisecond()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": account::NUMBER,
        "time": now.round(Unit::Second).unwrap_or(now).to_string(),
        "region": standins::REGION,
        "resources": [account::arn("scheduler", &format!("schedule/default/{}", account::name(schedule)))],
        "detail": "{}",
    })
}
