//! A small memory of what was read, bounded in number and time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    capacity: usize,
    entries: Mutex<HashMap<K, (V, Timestamp)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::new(HashMap::new()) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (V, Timestamp)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        self.lock().get(key).filter(|(_, until)| now < *until).map(|(value, _)| value.clone())
    }

    /// When it is full, what is over goes; if nothing is over, everything does: it is only a memory.
    pub(crate) fn put(&self, key: K, value: V, until: Timestamp) {
        let mut entries = self.lock();
        if entries.len() >= self.capacity {
            let now = entries.values().map(|(_, until)| *until).min().unwrap_or(until);
            entries.retain(|_, (_, until)| *until > now);
            if entries.len() >= self.capacity {
                entries.clear();
            }
        }
        entries.insert(key, (value, until));
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn remove(&self, key: &K) {
        self.lock().remove(key);
    }
}
