//! How well an agent does, 0 to 100, and why.

use serde::Serialize;

use crate::funnel::Percent;

/// Calls a day that count as full volume where nobody says otherwise.
pub const DEFAULT_DAILY_TARGET: u32 = 40;

/// A part of a whole; of nothing, it is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The part; what exceeds the whole does not count.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

/// What an agent did in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Calls that were answered, of all.
    pub connected: Share,
    /// Leads that were converted, of those worked on.
    pub converted: Share,
    /// Reminders completed on time, of all that were.
    pub on_time: Share,
    /// Calls, of those aimed at.
    pub volume: Share,
}

/// One part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Part {
    /// `connect_rate`, `conversion`, `on_time_reminders` or `call_volume`.
    pub name: &'static str,
    /// The share reached, in per cent.
    pub value: Percent,
    /// What the full share is worth.
    pub weight: u8,
    /// What it came to.
    pub points: Percent,
}

/// A score with its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Performance {
    /// 0 to 100: the points of the parts, rounded.
    #[schema(maximum = 100)]
    pub score: u8,
    /// What it is made of.
    pub parts: Vec<Part>,
}

impl Share {
    /// A part of a whole.
    pub const fn of(part: u64, whole: u64) -> Self {
        Self { part, whole }
    }

    /// In thousandths, 0 to 1,000.
    fn thousandths(self) -> u32 {
        let part = u128::from(self.part.min(self.whole)) * 1_000;
        part.checked_div(self.whole.into()).and_then(|share| u32::try_from(share).ok()).unwrap_or(0)
    }
}

impl Work {
    /// The parts' names, shares and weights; the weights add up to 100.
    const fn parts(self) -> [(&'static str, Share, u8); 4] {
        [
            ("connect_rate", self.connected, 30),
            ("conversion", self.converted, 30),
            ("on_time_reminders", self.on_time, 20),
            ("call_volume", self.volume, 20),
        ]
    }

    /// How well it went.
    pub fn performance(self) -> Performance {
        let points = |share: Share, weight: u8| u64::from(share.thousandths()) * u64::from(weight);
        let sum: u64 = self.parts().into_iter().map(|(_, share, weight)| points(share, weight)).sum();
        let parts = self.parts().map(|(name, share, weight)| Part {
            name,
            value: Percent::share(share.thousandths().into(), 1_000),
            weight,
            points: Percent::share(points(share, weight), 100_000),
        });
        Performance { score: u8::try_from((sum + 500) / 1_000).unwrap_or(100), parts: parts.into() }
    }
}
