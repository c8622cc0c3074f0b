use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use dynoxide::types::ConsumedCapacity;

/// Counts calls and the capacity units DynamoDB would have charged for them.
#[derive(Debug)]
pub struct Meter(Option<Mutex<BTreeMap<&'static str, Cost>>>);

/// What some calls cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// Calls made, refused ones included.
    pub calls: u64,
    /// Read capacity units, of the table and its indexes together.
    pub read_units: f64,
    /// Write capacity units, of the table and its indexes together.
    pub write_units: f64,
    /// The units of each index, by name, read and written alike; they are part of the two sums.
    pub indexes: BTreeMap<String, f64>,
}

/// What the calls of one operation cost.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationCost {
    /// The operation's API name.
    pub operation: &'static str,
    /// Its cost.
    pub cost: Cost,
}

impl Meter {
    /// A meter that counts.
    pub(crate) fn on() -> Self {
        Self(Some(Mutex::default()))
    }

    /// A meter that does nothing and costs nothing.
    pub(crate) fn off() -> Self {
        Self(None)
    }

    /// Forgets what was counted.
    pub fn reset(&self) {
        if let Some(costs) = &self.0 {
            costs.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// The cost of each operation called since the last reset, by name. Empty if the meter is off.
    pub fn snapshot(&self) -> Vec<OperationCost> {
        let Some(costs) = &self.0 else {
            return Vec::new();
        };
        let costs = costs.lock().unwrap_or_else(PoisonError::into_inner);
        costs.iter().map(|(operation, cost)| OperationCost { operation, cost: cost.clone() }).collect()
    }

    /// The cost of all calls since the last reset.
    pub fn totals(&self) -> Cost {
        let mut total = Cost::default();
        for OperationCost { operation: _, cost } in self.snapshot() {
            let Cost { calls, read_units, write_units, indexes } = cost;
            total.calls += calls;
            total.read_units += read_units;
            total.write_units += write_units;
            for (index, units) in indexes {
                *total.indexes.entry(index).or_default() += units;
            }
        }
        total
    }

    pub(crate) fn counts(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn call(&self, operation: &'static str) {
        self.with(operation, |cost| cost.calls += 1);
    }

    /// `writes` tells which sum units belong to that do not say so themselves.
    pub(crate) fn units<'a>(
        &self,
        operation: &'static str,
        writes: bool,
        consumed: impl Iterator<Item = &'a ConsumedCapacity>,
    ) {
        self.with(operation, |cost| {
            for capacity in consumed {
                match (capacity.read_capacity_units, capacity.write_capacity_units) {
                    (None, None) if writes => cost.write_units += capacity.capacity_units,
                    (None, None) => cost.read_units += capacity.capacity_units,
                    (read, write) => {
                        cost.read_units += read.unwrap_or_default();
                        cost.write_units += write.unwrap_or_default();
                    }
                }
                for (index, detail) in capacity.global_secondary_indexes.iter().flatten() {
                    *cost.indexes.entry(index.clone()).or_default() += detail.capacity_units;
                }
            }
        });
    }

    fn with(&self, operation: &'static str, change: impl FnOnce(&mut Cost)) {
        if let Some(costs) = &self.0 {
            let mut costs = costs.lock().unwrap_or_else(PoisonError::into_inner);
            change(costs.entry(operation).or_default());
        }
    }
}
