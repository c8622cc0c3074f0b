//! What is done again and again, by the platform's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use runtime::Clock as _;

use crate::MovableClock;
use crate::stop::Stop;

/// Something to be done again and again.
#[derive(Debug)]
pub(crate) struct Duty {
    name: String,
    every: SignedDuration,
    clock: MovableClock,
    /// When it is due, in milliseconds since 1970.
    due: AtomicI64,
    busy: AtomicBool,
}

impl Duty {
    /// A duty that is due for the first time in `every`.
    pub(crate) fn new(name: impl Into<String>, every: SignedDuration, clock: MovableClock) -> Arc<Self> {
        let due = AtomicI64::new(clock.now().as_millisecond());
        let duty = Self { name: name.into(), every, clock, due, busy: AtomicBool::new(false) };
        duty.postpone();
        Arc::new(duty)
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is neither due nor being done.
    pub(crate) fn is_idle(&self) -> bool {
        !self.busy.load(Ordering::SeqCst) && !self.left().is_zero()
    }

    fn postpone(&self) {
        let every = i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX);
        self.due.store(self.clock.now().as_millisecond().saturating_add(every), Ordering::SeqCst);
    }

    fn left(&self) -> Duration {
        let left = self.due.load(Ordering::SeqCst) - self.clock.now().as_millisecond();
        Duration::from_millis(u64::try_from(left).unwrap_or_default())
    }

    /// Does it whenever it is due, until told to stop. After a move of the clock it is done once, however often
    /// it was due meanwhile.
    pub(crate) async fn run<F>(self: Arc<Self>, mut stop: Stop, work: impl Fn() -> F)
    where
        F: Future<Output = Result<(), String>>,
    {
        let mut moves = self.clock.moves();
        while !stop.is_told() {
            moves.mark_unchanged();
            let left = self.left();
            if left.is_zero() {
                self.busy.store(true, Ordering::SeqCst);
                self.postpone();
                if let Err(error) = work().await {
                    tracing::error!(error, duty = self.name, "failed");
                }
                self.busy.store(false, Ordering::SeqCst);
                continue;
            }
            tokio::select! {
                () = stop.told() => {}
                () = tokio::time::sleep(left) => {}
                // An error means that the clock is gone, and with it whoever could move it.
                _ = moves.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;
    use crate::stop::Stopper;

    #[tokio::test]
    async fn it_is_done_once_when_the_clock_is_moved_past_it() {
        let clock = MovableClock::starting_at(None);
        let duty = Duty::new("tick", SignedDuration::from_mins(1), clock.clone());
        let (stopper, times) = (Stopper::new(), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&times);
        let running = tokio::spawn(Arc::clone(&duty).run(stopper.listen(), move || {
            counted.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok(()))
        }));
        assert!(duty.is_idle());
        clock.advance(SignedDuration::from_hours(1)).expect("forward");
        assert!(!duty.is_idle(), "it is due from the moment the clock is moved");
        while !duty.is_idle() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(times.load(Ordering::SeqCst), 1);
        stopper.tell();
        running.await.expect("it stops");
    }
}
