//! Messages in hand, remembered for the case that the process is killed.
//!
//! A message that was received stays hidden from others for its visibility timeout, twelve minutes for imports.
//! On AWS that is the price of a crash. Here the one reader of the queue is known to be dead when the next one
//! starts, so its messages are given back at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_sqs::Client;

/// The receipts of one queue's messages in hand.
#[derive(Debug)]
pub(super) struct Receipts {
    folder: Option<PathBuf>,
    batches: AtomicU64,
}

impl Receipts {
    /// Opens the receipts of a queue and gives back what a process before this one had in hand.
    pub(super) async fn open(data: Option<&Path>, queue: &str, url: &str, client: &Client) -> std::io::Result<Self> {
        let folder = data.map(|data| data.join("in-hand").join(queue));
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)?;
            for batch in std::fs::read_dir(folder)? {
                let file = batch?.path();
                for receipt in std::fs::read_to_string(&file)?.lines() {
                    let back = client.change_message_visibility().queue_url(url).receipt_handle(receipt);
                    if let Err(error) = back.visibility_timeout(0).send().await {
                        tracing::warn!(%error, queue, "a message in hand was not given back");
                    }
                }
                std::fs::remove_file(file)?;
            }
        }
        Ok(Self { folder, batches: AtomicU64::new(0) })
    }

    /// Remembers a batch until the returned value is gone.
    pub(super) fn keep<'a>(&self, receipts: impl Iterator<Item = &'a str>) -> std::io::Result<InHand> {
        let Some(folder) = &self.folder else { return Ok(InHand(None)) };
        let file = folder.join(self.batches.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::write(&file, receipts.collect::<Vec<_>>().join("\n"))?;
        Ok(InHand(Some(file)))
    }
}

/// A batch in hand.
pub(super) struct InHand(Option<PathBuf>);

impl Drop for InHand {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_deref().map(std::fs::remove_file) {
            tracing::warn!(%error, "a receipt was not forgotten");
        }
    }
}
