//! A clock that moves when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Stands still until it is moved. Clones share their time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

/// 2026-11-20, 10:00 UTC.
const BEGIN: i64 = 1_795_168_800_000_000;

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN)))
    }
}

impl TestClock {
    /// Moves forward.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).expect("a test's time fits");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Now.
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).expect("a test's time fits")
    }
}

impl runtime::Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.timestamp()
    }
}

impl standins::Clock for TestClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.timestamp().as_second()).expect("after 1970")
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit an f64's 53 bits")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.timestamp().as_microsecond() as f64 / 1e6
    }
}
