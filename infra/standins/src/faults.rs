//! Faults that tests inject between an SDK and a stand-in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call never arrives: a broken connection. The SDK tries again.
    Lost,
    /// The work is done and the answer is lost: a time-out after the commit. The SDK tries again.
    Unanswered,
    /// Refused for its rate, in the words of its service. The SDK tries again.
    Throttled,
    /// DynamoDB only: another transaction holds the item.
    Conflict,
    /// Batches of DynamoDB and SQS only: the second half is left undone.
    Partial,
    /// The caller dies before the call: neither it nor any later one arrives, until [`Faults::revive`].
    CrashBefore,
    /// The caller dies after the call: the work is done, and no later call arrives, until [`Faults::revive`].
    CrashAfter,
}

/// The service a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB.
    Dynamo,
    /// S3.
    S3,
    /// SQS.
    Sqs,
    /// SES.
    Ses,
    /// Push services.
    Push,
    /// The provider of text messages.
    Sms,
    /// Open WebSocket connections.
    Sockets,
}

/// One call, before it is made.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Where it goes.
    pub service: Service,
    /// The operation's API name, such as `TransactWriteItems`.
    pub operation: &'a str,
    /// Its place among all calls, from 1, retries of the SDK included.
    pub number: u64,
    /// Its place among the calls that change something, from 1; `None` for a read.
    pub write: Option<u64>,
}

type Decide = dyn Fn(&Call<'_>) -> Option<Fault> + Send + Sync;

struct Inner {
    decide: Box<Decide>,
    calls: AtomicU64,
    writes: AtomicU64,
    injected: AtomicU64,
    dead: AtomicBool,
}

/// Decides the fate of each call. Clones share one count, so one value given to several stand-ins numbers
/// the calls across all of them. Equal calls in equal order meet equal faults.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<Inner>>);

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("calls", &self.calls())
            .field("writes", &self.writes())
            .field("injected", &self.injected())
            .finish()
    }
}

impl Faults {
    /// Nothing goes wrong and nothing is counted.
    pub fn none() -> Self {
        Self(None)
    }

    /// Nothing goes wrong; calls are counted, so that a first run tells how many points there are to break.
    pub fn counting() -> Self {
        Self::decided_by(|_| None)
    }

    /// `decide` is asked for every call.
    pub fn decided_by(decide: impl Fn(&Call<'_>) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(Inner {
            decide: Box::new(decide),
            calls: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            injected: AtomicU64::new(0),
            dead: AtomicBool::new(false),
        })))
    }

    /// The caller dies just before write `nth` (from 1).
    pub fn crash_before_write(nth: u64) -> Self {
        Self::decided_by(move |call| (call.write == Some(nth)).then_some(Fault::CrashBefore))
    }

    /// The caller dies just after write `nth` (from 1).
    pub fn crash_after_write(nth: u64) -> Self {
        Self::decided_by(move |call| (call.write == Some(nth)).then_some(Fault::CrashAfter))
    }

    /// About `percent` of all calls meet one of `kinds`, chosen by `seed` and the number of the call alone.
    pub fn seeded(seed: u64, percent: u64, kinds: &'static [Fault]) -> Self {
        Self::decided_by(move |call| {
            let draw = mix(seed ^ mix(call.number));
            let kind = usize::try_from(mix(draw)).unwrap_or(usize::MAX) % kinds.len().max(1);
            (draw % 100 < percent).then(|| kinds.get(kind).copied()).flatten()
        })
    }

    /// Calls that arrived or were to arrive.
    pub fn calls(&self) -> u64 {
        self.0.as_ref().map_or(0, |inner| inner.calls.load(Ordering::SeqCst))
    }

    /// Those of them that change something.
    pub fn writes(&self) -> u64 {
        self.0.as_ref().map_or(0, |inner| inner.writes.load(Ordering::SeqCst))
    }

    /// Faults that struck. One that does not apply to its operation passes and is not counted.
    pub fn injected(&self) -> u64 {
        self.0.as_ref().map_or(0, |inner| inner.injected.load(Ordering::SeqCst))
    }

    /// Whether a crash has struck and [`Self::revive`] has not been called since.
    pub fn crashed(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.dead.load(Ordering::SeqCst))
    }

    /// Calls arrive again after a crash. The counts go on.
    pub fn revive(&self) {
        if let Some(inner) = &self.0 {
            inner.dead.store(false, Ordering::SeqCst);
        }
    }

    /// Counts a call and returns the fault to apply while answering it, or why it does not arrive.
    pub(crate) fn next(
        &self,
        service: Service,
        operation: &str,
        write: bool,
        applies: impl Fn(Fault) -> bool,
    ) -> Result<Option<Fault>, ConnectorError> {
        let Some(inner) = &self.0 else {
            return Ok(None);
        };
        if inner.dead.load(Ordering::SeqCst) {
            return Err(died());
        }
        let call = Call {
            service,
            operation,
            number: inner.calls.fetch_add(1, Ordering::SeqCst) + 1,
            write: write.then(|| inner.writes.fetch_add(1, Ordering::SeqCst) + 1),
        };
        let Some(fault) = (inner.decide)(&call).filter(|fault| applies(*fault)) else {
            return Ok(None);
        };
        inner.injected.fetch_add(1, Ordering::SeqCst);
        match fault {
            Fault::Lost => Err(ConnectorError::io("injected fault: connection lost".into())),
            Fault::CrashBefore => {
                inner.dead.store(true, Ordering::SeqCst);
                Err(died())
            }
            other => Ok(Some(other)),
        }
    }

    /// Lets the answer through, or loses it.
    pub(crate) fn finish(&self, fault: Option<Fault>, answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
        self.answered(fault).map(|()| answer)
    }

    /// Whether the caller hears of an answer.
    pub(crate) fn answered(&self, fault: Option<Fault>) -> Result<(), ConnectorError> {
        match (fault, &self.0) {
            (Some(Fault::Unanswered), _) => Err(ConnectorError::timeout("injected fault: no answer in time".into())),
            (Some(Fault::CrashAfter), Some(inner)) => {
                inner.dead.store(true, Ordering::SeqCst);
                Err(died())
            }
            _ => Ok(()),
        }
    }
}

/// Not of a kind the SDK would try again: the caller is dead.
fn died() -> ConnectorError {
    ConnectorError::other("injected fault: the caller died".into(), None)
}

/// `SplitMix64`, a bijection that scatters neighbouring numbers.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
