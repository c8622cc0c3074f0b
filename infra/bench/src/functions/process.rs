//! A function as Lambda would run it: a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use super::runtime_api::{RuntimeApi, Said};
use crate::cpu;
use crate::error::BenchError;

/// No function takes longer for anything that is measured.
const PATIENCE: Duration = Duration::from_secs(20);

/// A function that waits for an event. Dropped, it is killed.
pub(super) struct Running {
    name: String,
    api: RuntimeApi,
    child: Child,
    pid: u32,
    waits: oneshot::Sender<Bytes>,
    /// From its start to its first poll.
    pub(super) started: Duration,
}

/// How an event was answered.
pub(super) struct Answered {
    pub(super) took: Duration,
    pub(super) answer: Bytes,
}

impl Running {
    /// Starts a binary with nothing but this environment, and waits for its first poll.
    pub(super) async fn start(binary: &Path, environment: &BTreeMap<String, String>) -> Result<Self, BenchError> {
        let name = binary.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut api = RuntimeApi::open().await?;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let begun = Instant::now();
        let child = command.spawn().map_err(BenchError::io(binary.display().to_string()))?;
        let pid = child.id().ok_or_else(|| BenchError::TooLong(name.clone()))?;
        let (at, waits) = polls(&name, &mut api).await?;
        Ok(Self { name, api, child, pid, waits, started: at - begun })
    }

    /// Gives it an event; it is ready for the next one when this returns.
    pub(super) async fn invoke(self, event: Bytes) -> Result<(Self, Answered), BenchError> {
        let Self { name, mut api, child, pid, waits, started } = self;
        let begun = Instant::now();
        // Where nobody waits any more, no answer comes either.
        let _ = waits.send(event);
        let (at, answer) = match says(&name, &mut api).await? {
            (at, Said::Answers(answer)) => (at, answer),
            (_, Said::Fails(cause)) => return Err(BenchError::answer(name, String::from_utf8_lossy(&cause))),
            (_, Said::Polls(_)) => {
                return Err(BenchError::answer(name, "it asked for an event before it had answered one"));
            }
        };
        let (_, waits) = polls(&name, &mut api).await?;
        Ok((Self { name, api, child, pid, waits, started }, Answered { took: at - begun, answer }))
    }

    pub(super) fn cpu(&self) -> Duration {
        cpu::of(self.pid)
    }

    pub(super) fn resident(&self) -> f64 {
        cpu::resident(self.pid)
    }
}

async fn polls(name: &str, api: &mut RuntimeApi) -> Result<(Instant, oneshot::Sender<Bytes>), BenchError> {
    match says(name, api).await? {
        (at, Said::Polls(waits)) => Ok((at, waits)),
        (_, Said::Answers(what) | Said::Fails(what)) => Err(BenchError::answer(name, String::from_utf8_lossy(&what))),
    }
}

async fn says(name: &str, api: &mut RuntimeApi) -> Result<(Instant, Said), BenchError> {
    let said = tokio::time::timeout(PATIENCE, api.said.recv()).await.ok().flatten();
    said.ok_or_else(|| BenchError::TooLong(format!("the function {name}")))
}
