//! Many measurements, and what lies in their middle and at their end.

use std::time::Duration;

/// Durations in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread(Vec<Duration>);

impl FromIterator<Duration> for Spread {
    fn from_iter<T: IntoIterator<Item = Duration>>(measured: T) -> Self {
        let mut measured: Vec<_> = measured.into_iter().collect();
        measured.sort_unstable();
        Self(measured)
    }
}

impl Spread {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The shortest duration that `percent` of all do not exceed; nothing of nothing.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }
}

/// The number in the middle; nothing of nothing.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_measurements() {
        let spread: Spread = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!([50, 95, 99, 100].map(|percent| spread.percentile(percent).as_millis()), [100, 190, 198, 200]);
        assert_eq!(Spread::default().percentile(99), Duration::ZERO);
    }
}
