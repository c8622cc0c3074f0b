//! Rests between the tries of whoever loses races.

use std::time::Duration;

/// Rests that double with each try that another writer won, up to a longest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rests {
    first: Duration,
    longest: Duration,
}

impl Rests {
    /// Between tries that read everything anew: 4 ms, and 256 ms at most.
    pub const RACES: Self = Self::new(Duration::from_millis(4), Duration::from_millis(256));

    /// From a first one to the longest.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// That after so many tries, from 0, in full.
    pub fn whole(self, tried: u32) -> Duration {
        self.first.saturating_mul(1 << tried.min(16)).min(self.longest)
    }

    /// A random part of it, so that those who met do not meet again.
    pub fn part(self, tried: u32, random: [u8; 2]) -> Duration {
        self.whole(tried) * u32::from(u16::from_le_bytes(random)) / (u32::from(u16::MAX) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_the_longest_and_a_part_is_never_more() {
        let millis = |tried| Rests::RACES.whole(tried).as_millis();
        assert_eq!([0, 1, 2, 6, 7, 31, u32::MAX].map(millis), [4, 8, 16, 256, 256, 256, 256]);
        for tried in [0, 3, 40] {
            let whole = Rests::RACES.whole(tried);
            assert_eq!(Rests::RACES.part(tried, [0, 0]), Duration::ZERO);
            assert_eq!(Rests::RACES.part(tried, [0, 128]), whole / 2);
            assert!(Rests::RACES.part(tried, [255, 255]) < whole);
        }
    }
}
