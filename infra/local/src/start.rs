//! Starting and stopping a platform.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use providers::Sockets;
use runtime::{Entropy as _, KeyFile, SystemEntropy};
use standins::{Setup, Sqs, Standins};
use store::KeyRing;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::acting::{Acting, Feedback};
use crate::console::{self, Shown};
use crate::doubles::{self, Begun, Doubles};
use crate::error::StartError;
use crate::functions::Clients;
use crate::gateway::Gateway;
use crate::listener::{Front, listen};
use crate::secrets::Secrets;
use crate::stop::Stopper;
use crate::template::Template;
use crate::webhooks::{self, ShownWebhooks};
use crate::wiring::{Wiring, Work};
use crate::{MovableClock, Options, TEMPLATE, demo};

/// The key file in the data folder. Without it, personal fields in the folder's table cannot be read.
const KEY_FILE: &str = "data.key";

/// A platform that runs. Dropped, it stops at once, as if killed; [`Self::shutdown`] lets it finish.
pub struct Local {
    /// Where the API is reached: `http://127.0.0.1:3000`, without a stage.
    pub base_url: String,
    /// Where the S3 stand-in is reached.
    pub s3_url: String,
    /// Where the DynamoDB stand-in is reached.
    pub dynamo_url: String,
    /// The key file that wraps data keys, where data is kept.
    pub key_file: Option<PathBuf>,
    /// The platform's clock.
    pub clock: MovableClock,
    /// The services under it: the meter, the faults, the outbox.
    pub standins: Standins,
    /// The providers that organizations may be connected to here.
    pub doubles: Doubles,
    /// What it was made from.
    pub template: Template,
    pub(crate) work: Work,
    pub(crate) acting: Acting,
    front: Arc<Front>,
    stopper: Stopper,
    tasks: Vec<JoinHandle<()>>,
    /// Held as long as the data is in use.
    _lock: Option<File>,
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Local").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// What the template's parameters are on this machine.
fn parameters(address_requests: Option<u32>) -> BTreeMap<String, String> {
    // Frontends under development come from whatever port their tool took.
    let given = [("CorsOrigins", "*"), ("Version", "local"), ("DeletionProtection", "false")];
    let given = given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    given.chain(address_requests.map(|number| ("AddressRequests".to_owned(), number.to_string()))).collect()
}

impl Local {
    /// Starts a platform and returns when it answers.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { port, memory, data, demo: with_demo, meter, address_requests, webhooks_to_loopback, faults, now } =
            options;
        let data = (!memory).then_some(data.as_path());
        let lock = data.map(lock).transpose()?;
        let clock = match data {
            Some(data) => MovableClock::kept(data).map_err(StartError::io("the clock"))?,
            None => MovableClock::starting_at(now),
        };
        let setup = Setup { faults, clock: Arc::new(clock.clone()), meter };
        let standins = match data {
            Some(data) => Standins::open_with(data, &setup)?,
            None => Standins::memory_with(&setup)?,
        };
        let template = Template::read(TEMPLATE, &parameters(address_requests))?;
        provide(&template, &standins).await?;
        let key_file = data.map(|data| data.join(KEY_FILE));
        let keys = KeyRing::new(Arc::new(wrapper(key_file.as_deref())?));
        let secrets = Secrets::open(&template.secrets, data, &SystemEntropy).map_err(StartError::io("secrets"))?;

        let listener = bind(port, 0).await?;
        let s3 = bind(port, 1).await?;
        let dynamo = bind(port, 2).await?;
        let [base_url, s3_url, dynamo_url] = [address(&listener)?, address(&s3)?, address(&dynamo)?];

        let mut salt = [0; 8];
        SystemEntropy.fill(&mut salt);
        let stopper = Stopper::new();
        let stop = stopper.listen();
        let mut gateway = Gateway::new(&template, &clock, u64::from_be_bytes(salt), &standins.sockets, &stop);
        let socket_stage = template.socket_stage.as_deref().unwrap_or_default();
        let sockets_at = format!("{base_url}/{socket_stage}");
        let reach = webhooks::reach(webhooks_to_loopback);
        let told = ShownWebhooks::new(reach, standins.ses.outbox().clone()).map_err(StartError::io("webhooks"))?;
        let Begun { doubles, outside, tasks: serving } = doubles::begin(&standins, &setup, &stop).await?;
        let clients = Clients {
            sns: Arc::new(doubles.sns.clone()),
            pushes: Arc::new(standins.push.clone()),
            s3: standins.s3.client(&s3_url),
            sqs: standins.sqs.client(),
            ses: standins.ses.client(),
            texts: Arc::new(standins.sms.clone()),
            webhooks: Arc::new(told),
            reach,
            sockets: Sockets::new(standins.sockets.client()),
            outside,
        };
        let wiring = Wiring {
            template: &template,
            standins: &standins,
            clients,
            secrets,
            keys,
            clock: clock.clone(),
            data,
            sockets_at,
            api_at: format!("{base_url}/{}", template.stage),
        };
        let mut work = wiring.wire(&mut gateway).await?;

        let (outbox, stage) = (standins.ses.outbox().clone(), template.stage.clone());
        let at = listener.local_addr().map_err(StartError::io("listener"))?;
        let inbox = template.function("provider-inbox").and_then(|function| function.queues.first());
        let queue = inbox.map(|mapping| Sqs::queue_url(&mapping.queue)).unwrap_or_default();
        standins.ses.publish_into(&standins.sqs, &queue);
        let feedback = Feedback { sqs: standins.sqs.clone(), queue };
        let acting = Acting::new(outbox.clone(), doubles.clone(), standins.ses.clone(), at, feedback);
        let console = console::router(Shown { outbox, acting: acting.clone(), clock: clock.clone(), stage });
        let front = Arc::new(Front { gateway, console, port: at.port() });

        let mut tasks = work.begin(&standins, &clock, &stop);
        tasks.extend(serving);
        tasks.push(tokio::spawn(listen(listener, Arc::clone(&front), stop.clone())));
        let (service, mut told) = (standins.s3.clone(), stop.clone());
        tasks.push(tokio::spawn(async move { over("s3", service.serve(s3, async move { told.told().await }).await) }));
        let (service, mut told) = (standins.dynamo.clone(), stop);
        tasks.push(tokio::spawn(async move {
            over("dynamodb", service.serve(dynamo, async move { told.told().await }).await);
        }));

        let local = Self {
            base_url,
            s3_url,
            dynamo_url,
            key_file,
            clock,
            standins,
            doubles,
            template,
            work,
            acting,
            front,
            stopper,
            tasks,
            _lock: lock,
        };
        if with_demo {
            demo::set_up(&local, data).await?;
        }
        Ok(local)
    }

    /// Answers a request as if it had come over the network from this machine. Its URI is a path.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = self.front.call(request.map(Full::new)).await.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                tracing::error!(%error, "an answer broke off");
                Bytes::new()
            }
        };
        Response::from_parts(parts, body)
    }

    /// Takes no more requests, finishes what is under way, and ends.
    pub async fn shutdown(mut self) {
        self.stopper.tell();
        for task in std::mem::take(&mut self.tasks) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task did not end well");
            }
        }
        self.front.gateway.hang_up().await;
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Makes the folder, for its owner only, and makes sure that nobody else works in it.
fn lock(data: &Path) -> Result<File, StartError> {
    let mut folder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(data).map_err(StartError::io(data.display().to_string()))?;
    let file = data.join("lock");
    let file = File::create(&file).map_err(StartError::io(file.display().to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(data.to_owned())),
        Err(std::fs::TryLockError::Error(cause)) => Err(StartError::Io { what: "lock".to_owned(), cause }),
    }
}

/// What wraps data keys in the place of KMS: a file in the folder, or a key that ends with the process.
fn wrapper(file: Option<&Path>) -> Result<KeyFile, StartError> {
    let entropy = Arc::new(SystemEntropy);
    match file {
        Some(file) => Ok(KeyFile::open(file, entropy)?),
        None => Ok(KeyFile::forgotten(entropy)),
    }
}

/// Makes the template's tables, queues and buckets where they are not yet.
async fn provide(template: &Template, standins: &Standins) -> Result<(), StartError> {
    for table in &template.tables {
        standins.dynamo.create_table(&table.definition).await?;
    }
    for queue in &template.queues {
        standins.sqs.create_queue(queue).await?;
    }
    for bucket in &template.buckets {
        standins.s3.create_bucket(bucket).await?;
    }
    Ok(())
}

/// Listens on this machine's own address only.
pub(crate) async fn bind(first: u16, nth: u16) -> Result<TcpListener, StartError> {
    let port = if first == 0 { 0 } else { first.saturating_add(nth) };
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(StartError::io(format!("port {port}")))
}

pub(crate) fn address(listener: &TcpListener) -> Result<String, StartError> {
    Ok(format!("http://{}", listener.local_addr().map_err(StartError::io("listener"))?))
}

pub(crate) fn over(service: &str, ended: std::io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(%error, service, "the listener ended");
    }
}
