//! Figures by what they are broken down by.

use std::collections::BTreeMap;

/// Sums by dimension: leads by source, entries by stage. None is below 0: a figure that steps down
/// before the step up has arrived reads 0 meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(BTreeMap<String, u64>);

impl Figures {
    /// One of them; 0 where there is none.
    pub fn of(&self, dimension: &str) -> u64 {
        self.0.get(dimension).copied().unwrap_or(0)
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.0.values().fold(0, |total, n| total.saturating_add(*n))
    }

    /// Those above 0, by dimension.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().filter(|(_, n)| **n > 0).map(|(dimension, n)| (dimension.as_str(), *n))
    }
}

impl FromIterator<(String, i64)> for Figures {
    /// Adds up the steps and counts of each dimension, over days and branches.
    fn from_iter<I: IntoIterator<Item = (String, i64)>>(iter: I) -> Self {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for (dimension, n) in iter {
            let sum = sums.entry(dimension).or_default();
            *sum = sum.saturating_add(n);
        }
        Self(sums.into_iter().map(|(dimension, n)| (dimension, u64::try_from(n).unwrap_or(0))).collect())
    }
}
