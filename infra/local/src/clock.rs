//! The platform's clock: the machine's, moved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use runtime::{Clock, SystemClock};
use tokio::sync::watch;

/// The furthest the clock may be from the machine's: ten years of 365 days.
const FURTHEST: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// A clock that runs as the machine's does and can be moved forward. Everything of one platform tells the
/// time by it: functions, queues, the table's expiry, schedules. Clones share it.
#[derive(Clone, Debug)]
pub struct MovableClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How far ahead of the machine's clock it is, in milliseconds.
    ahead: AtomicI64,
    /// Where that is remembered, so that a restart does not turn time back.
    kept_in: Option<PathBuf>,
    moved: watch::Sender<()>,
}

/// The clock cannot be moved so.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// Tokens, leases and queues would meet their own past.
    #[error("the clock moves forward only")]
    Backward,
    /// Further than ten years from the machine's clock.
    #[error("the clock moves ten years at most")]
    TooFar,
    /// The new time could not be remembered.
    #[error("the clock's file: {0}")]
    File(#[from] std::io::Error),
}

impl MovableClock {
    /// A clock that starts at `now`, or tells the machine's time.
    pub fn starting_at(now: Option<Timestamp>) -> Self {
        let ahead = now.map_or(0, |now| now.as_millisecond() - SystemClock.now().as_millisecond());
        Self::over(ahead, None)
    }

    /// A clock as far ahead as it was left in this folder.
    pub fn kept(folder: &Path) -> std::io::Result<Self> {
        let file = folder.join("clock");
        let ahead = match crate::files::read(&file)? {
            Some(text) => text.trim().parse().map_err(std::io::Error::other)?,
            None => 0,
        };
        Ok(Self::over(ahead, Some(file)))
    }

    fn over(ahead: i64, kept_in: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { ahead: AtomicI64::new(ahead), kept_in, moved: watch::Sender::new(()) }))
    }

    /// Moves the clock forward and returns the new time.
    pub fn advance(&self, by: SignedDuration) -> Result<Timestamp, ClockError> {
        if by.is_negative() {
            return Err(ClockError::Backward);
        }
        let by = i64::try_from(by.as_millis()).map_err(|_| ClockError::TooFar)?;
        let ahead = self.0.ahead.load(Ordering::SeqCst).checked_add(by).ok_or(ClockError::TooFar)?;
        if SignedDuration::from_millis(ahead) > FURTHEST {
            return Err(ClockError::TooFar);
        }
        if let Some(file) = &self.0.kept_in {
            crate::files::replace(file, ahead.to_string().as_bytes())?;
        }
        self.0.ahead.store(ahead, Ordering::SeqCst);
        self.0.moved.send_replace(());
        Ok(self.now())
    }

    /// Moves the clock forward to `now`.
    pub fn set(&self, now: Timestamp) -> Result<Timestamp, ClockError> {
        self.advance(now.duration_since(self.now()))
    }

    /// How far it is ahead of the machine's clock.
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_millis(self.0.ahead.load(Ordering::SeqCst))
    }

    /// Changes whenever the clock is moved.
    pub(crate) fn moves(&self) -> watch::Receiver<()> {
        self.0.moved.subscribe()
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().saturating_add(self.ahead()).unwrap_or(Timestamp::MAX)
    }
}

impl standins::Clock for MovableClock {
    fn now_unix_secs(&self) -> u64 {
        self.now().as_second().try_into().unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 have 51 bits")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.now().as_microsecond() as f64 / 1_000_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_forward_only() {
        let clock = MovableClock::starting_at("2026-11-20T06:30:00Z".parse().ok());
        let before = clock.now();
        let after = clock.advance(SignedDuration::from_hours(1)).expect("forward");
        assert!(after.duration_since(before) >= SignedDuration::from_hours(1));
        assert!(matches!(clock.set(before), Err(ClockError::Backward)));
        assert!(matches!(clock.advance(SignedDuration::MAX), Err(ClockError::TooFar)));
    }

    #[test]
    fn a_restart_does_not_turn_it_back() {
        let folder = tempfile::tempdir().expect("a folder");
        MovableClock::kept(folder.path()).expect("opens").advance(SignedDuration::from_hours(48)).expect("forward");
        let again = MovableClock::kept(folder.path()).expect("opens");
        assert_eq!(again.ahead(), SignedDuration::from_hours(48));
    }
}
