//! Event source mappings: queues and the table's stream call the workers.

mod checkpoint;
mod deliver;
pub mod filter;
pub(crate) mod queue;
mod receipts;
pub(crate) mod stream;

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts calls under way.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(AtomicUsize);

/// One call under way.
pub(crate) struct Call<'a>(&'a UnderWay);

impl UnderWay {
    pub(crate) fn begin(&self) -> Call<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Call(self)
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
