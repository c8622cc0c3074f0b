//! What was read of organizations a moment ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::OrganizationId;
use jiff::Timestamp;

/// So many organizations are remembered at a time.
const MOST: usize = 1_000;

/// What is known of each organization, and until when it is good.
type Known<T> = HashMap<OrganizationId, (Timestamp, Arc<T>)>;

/// What was read of organizations a moment ago. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Recent<T>(Arc<Mutex<Known<T>>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Recent<T> {
    /// What is known, where it is still good.
    pub(crate) fn get(&self, of: OrganizationId, now: Timestamp) -> Option<Arc<T>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&of).filter(|(until, _)| now < *until).map(|(_, value)| Arc::clone(value))
    }

    /// Remembers it until then.
    pub(crate) fn put(&self, of: OrganizationId, value: Arc<T>, until: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(of, (until, value));
    }
}
