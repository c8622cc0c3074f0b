//! When everything that follows from a request has happened.

use std::time::Duration;

use tokio::time::Instant;

use crate::start::Local;

/// How long to wait for it.
const PATIENCE: Duration = Duration::from_mins(10);
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Work went on for ten minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("queues, stream or schedules were still at work after ten minutes")]
pub struct NotIdle;

impl Local {
    /// Waits until no message waits to be worked on, the stream is read to its end, nothing is due by the clock,
    /// and none of it is under way. A message that failed waits hidden for its next try and counts as no work;
    /// move the clock to bring it back.
    pub async fn idle(&self) -> Result<(), NotIdle> {
        let (deadline, writes) = (Instant::now() + PATIENCE, self.standins.dynamo.writes());
        while Instant::now() < deadline {
            let before = *writes.borrow();
            // Twice: what one part finished in between may be work for another that was looked at before.
            if self.nothing_to_do().await && self.nothing_to_do().await && *writes.borrow() == before {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(NotIdle)
    }

    async fn nothing_to_do(&self) -> bool {
        if !self.work.duties.iter().all(|duty| duty.is_idle()) {
            return false;
        }
        for queue in &self.work.queues {
            if !queue.is_idle().await {
                return false;
            }
        }
        for stream in &self.work.streams {
            if !stream.is_idle().await {
                return false;
            }
        }
        true
    }
}
