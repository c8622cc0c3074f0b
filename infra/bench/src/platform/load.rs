//! Callers at once, fifty of them or one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::try_join_all;

use super::connection::Connection;
use super::operations::Operation;
use crate::cpu;
use crate::error::BenchError;
use crate::spread::Spread;

/// The most callers at once.
pub(super) const CLIENTS: usize = 50;
/// What is asked before it counts: connections, caches and the allocator get ready.
const WARM: Duration = Duration::from_millis(300);

/// What a load showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    /// Requests a second.
    pub(super) rate: f64,
    /// How long each took, for its caller.
    pub(super) spread: Spread,
    /// Processor time of the platform for each request, what follows from it in the background included.
    pub(super) cpu: Duration,
}

/// So many callers, up to [`CLIENTS`], ask for so long over loopback. They share one thread of their own.
pub(super) async fn load(
    address: SocketAddr,
    token: &str,
    operation: &Arc<Operation>,
    callers: usize,
    lasting: Duration,
) -> Result<Load, BenchError> {
    let (token, operation) = (token.to_owned(), Arc::clone(operation));
    let asking = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(BenchError::io("the callers' runtime"))?;
        runtime.block_on(all(address, &token, &operation, callers, lasting))
    });
    asking.await?
}

async fn all(
    address: SocketAddr,
    token: &str,
    operation: &Operation,
    callers: usize,
    lasting: Duration,
) -> Result<Load, BenchError> {
    let warm = Instant::now() + WARM;
    let end = warm + lasting;
    let callers = try_join_all((0..callers).map(|caller| one(address, token, operation, caller, warm, end)));
    let used = async {
        let used = || cpu::process().saturating_sub(cpu::thread());
        tokio::time::sleep_until(warm.into()).await;
        let before = used();
        tokio::time::sleep_until(end.into()).await;
        used().saturating_sub(before)
    };
    let (callers, used) = tokio::join!(callers, used);
    let spread: Spread = callers?.into_iter().flatten().collect();
    let requests = u32::try_from(spread.len()).unwrap_or(u32::MAX);
    Ok(Load { rate: f64::from(requests) / lasting.as_secs_f64(), cpu: used / requests.max(1), spread })
}

async fn one(
    address: SocketAddr,
    token: &str,
    operation: &Operation,
    caller: usize,
    warm: Instant,
    end: Instant,
) -> Result<Vec<Duration>, BenchError> {
    let failed = |cause| BenchError::Io { what: operation.name.to_owned(), cause };
    let mut connection = Connection::open(address).await.map_err(failed)?;
    let (mut taken, mut wire) = (Vec::new(), Vec::new());
    for turn in 0.. {
        // What is asked is sent: an operation may reckon with it.
        if Instant::now() >= end {
            break;
        }
        operation.ask(caller, turn).write(token, &mut wire);
        let begun = Instant::now();
        let (status, body) = connection.send(&wire).await.map_err(failed)?;
        if status != operation.status {
            let told = format!("{status}: {}", String::from_utf8_lossy(body));
            return Err(BenchError::answer(operation.name, told));
        }
        if begun >= warm {
            taken.push(begun.elapsed());
        }
    }
    Ok(taken)
}
