//! A small memory of what was read, bounded in number and time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// What was read a moment ago, each with the time until which it is believed.
#[derive(Debug)]
pub struct Cache<K, V> {
    capacity: usize,
    entries: Mutex<HashMap<K, (V, Timestamp)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// An empty one, of at most so many entries.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::new(HashMap::new()) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (V, Timestamp)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, where it is still good.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        self.lock().get(key).filter(|(_, until)| now < *until).map(|(value, _)| value.clone())
    }

    /// Remembers it until then. When it is full, what is over goes; if nothing is over, everything does: it is only a memory.
    pub fn put(&self, key: K, value: V, until: Timestamp) {
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

    /// Forgets everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Forgets one of them.
    pub fn remove(&self, key: &K) {
        self.lock().remove(key);
    }
}
