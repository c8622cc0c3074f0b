//! Stand-ins for AWS, shared by tests and by the local platform: [`Dynamo`], [`S3`], [`Sqs`], [`Ses`],
//! [`Sockets`]; and for a provider of text messages, [`Sms`], and the push services of browsers, [`Push`]. Beside them are
//! doubles of providers that are asked over HTTP, on a loopback listener: [`twilio`], [`msg91`], [`whatsapp`], [`graph`]; a mail server, [`smtp`]; and a topic that
//! SES tells of mails, [`sns`].
//!
//! Each gives the ordinary SDK client (`.client()`) with the service in place of the network: no socket, no
//! process, no container. Opened on a folder they keep their data there, and what was acknowledged survives
//! `kill -9`; in memory they end with the test. A [`Setup`] adds a clock that tests move, [`Faults`] that strike
//! between the SDK and the service, and a [`Meter`](dynamo::Meter) of capacity units.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let standins = standins::Standins::memory()?;
//! standins.sqs.create_queue(&standins::sqs::Queue::named("imports")).await?;
//! let queues = standins.sqs.client().list_queues().send().await.unwrap();
//! assert_eq!(queues.queue_urls().len(), 1);
//! # Ok::<_, standins::Error>(()) }).unwrap();
//! ```

mod credentials;
pub mod dynamo;
mod error;
mod faults;
pub mod graph;
mod http;
pub mod msg91;
pub mod outbox;
mod provider;
pub mod push;
pub mod s3;
pub mod ses;
pub mod sms;
pub mod smtp;
pub mod sns;
pub mod sockets;
mod sqlite;
pub mod sqs;
mod telling;
pub mod twilio;
pub mod whatsapp;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use credentials::{ACCESS_KEY, REGION, SECRET_KEY};
pub use dynamo::Dynamo;
pub use dynoxide::storage_backend::{Clock, ManualClock, SystemClock};
pub use error::Error;
pub use faults::{Call, Fault, Faults, Service};
pub use outbox::Outbox;
pub use provider::{Callback, Trouble};
pub use push::Push;
pub use s3::S3;
pub use ses::Ses;
pub use sms::Sms;
pub use sockets::Sockets;
pub use sqs::Sqs;
pub use telling::{Act, Telling, Untold};

/// The first back-off of a client's retries. The service is in the same process and needs no rest.
const BACKOFF: Duration = Duration::from_millis(1);

/// What the stand-ins of one platform share.
#[derive(Clone)]
pub struct Setup {
    /// What goes wrong; nothing by default.
    pub faults: Faults,
    /// Where time comes from; the machine's clock by default. Expiry, visibility and stream order follow it.
    pub clock: Arc<dyn Clock>,
    /// Whether DynamoDB's calls are metered; they are not by default.
    pub meter: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { faults: Faults::none(), clock: SystemClock::arc(), meter: false }
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("faults", &self.faults).field("meter", &self.meter).finish_non_exhaustive()
    }
}

/// All the stand-ins of one platform. Clones share them.
#[derive(Clone, Debug)]
pub struct Standins {
    /// DynamoDB.
    pub dynamo: Dynamo,
    /// S3.
    pub s3: S3,
    /// SQS.
    pub sqs: Sqs,
    /// SES, and with it the [`Outbox`].
    pub ses: Ses,
    /// A provider of text messages, into the same outbox.
    pub sms: Sms,
    /// A push service, with devices of its own, into the same outbox.
    pub push: Push,
    /// Open WebSocket connections.
    pub sockets: Sockets,
}

impl Standins {
    /// Stand-ins that end with the value.
    pub fn memory() -> Result<Self, Error> {
        Self::memory_with(&Setup::default())
    }

    /// [`Self::memory`] with faults, a clock or a meter.
    pub fn memory_with(setup: &Setup) -> Result<Self, Error> {
        let outbox = Outbox::memory(&setup.clock)?;
        Ok(Self {
            dynamo: Dynamo::memory(setup)?,
            s3: S3::temporary(setup)?,
            sqs: Sqs::memory(setup)?,
            ses: Ses::new(outbox.clone(), setup),
            sms: Sms::new(outbox.clone(), setup),
            push: Push::new(outbox, setup),
            sockets: Sockets::new(setup),
        })
    }

    /// Stand-ins that keep their data in a folder, made if it is not there. One process at a time.
    pub fn open(data: &Path) -> Result<Self, Error> {
        Self::open_with(data, &Setup::default())
    }

    /// [`Self::open`] with faults, a clock or a meter.
    pub fn open_with(data: &Path, setup: &Setup) -> Result<Self, Error> {
        std::fs::create_dir_all(data)?;
        let outbox = Outbox::file(&data.join("outbox.db"), &setup.clock)?;
        Ok(Self {
            dynamo: Dynamo::file(&data.join("dynamo.db"), setup)?,
            s3: S3::folder(&data.join("s3"), setup)?,
            sqs: Sqs::file(&data.join("sqs.db"), setup)?,
            ses: Ses::new(outbox.clone(), setup),
            sms: Sms::new(outbox.clone(), setup),
            push: Push::new(outbox, setup),
            sockets: Sockets::new(setup),
        })
    }
}
