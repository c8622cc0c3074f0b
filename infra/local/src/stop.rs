//! Telling everything that runs to stop.

use std::time::Duration;

use tokio::sync::watch;

/// Tells.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Is told.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stopper {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(crate) fn listen(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    pub(crate) fn tell(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    pub(crate) fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is told, or when nobody is left to tell it.
    pub(crate) async fn told(&mut self) {
        // An error means that the teller is gone, which says the same.
        let _ = self.0.wait_for(|told| *told).await;
    }

    /// Waits, and no longer than until it is told.
    pub(crate) async fn told_within(&mut self, pause: Duration) {
        // Either way the wait is over.
        let _ = tokio::time::timeout(pause, self.told()).await;
    }
}
