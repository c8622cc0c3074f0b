//! What was done, as it was counted.

use std::ops::AddAssign;

use super::{Share, Work};
use crate::CallOutcome;
use crate::call::CallsCounted;
use crate::lead::{LeadsCounted, Worked};
use crate::reminder::RemindersCounted;

/// What somebody, or many together, did in some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Did {
    /// Calls that were over.
    pub calls: u64,
    /// Those of them that were answered.
    pub connected: u64,
    /// Those that the outcome calls converted.
    pub calls_converted: u64,
    /// The seconds talked.
    pub talk_seconds: u64,
    /// Leads that came to them.
    pub leads: u64,
    /// Leads that were converted.
    pub converted: u64,
    /// Leads that were lost.
    pub lost: u64,
    /// Reminders that were completed when they were due or before.
    pub on_time: u64,
    /// Reminders that were completed later.
    pub late: u64,
}

impl Did {
    /// Of the leads held open, those that were converted and the calls aimed at: what a score is made of.
    pub const fn work(self, open: u64, target: u64) -> Work {
        Work {
            connected: Share::of(self.connected, self.calls),
            converted: Share::of(self.converted, open.saturating_add(self.converted)),
            on_time: Share::of(self.on_time, self.reminders()),
            volume: Share::of(self.calls, target),
        }
    }

    /// Reminders that were completed.
    pub const fn reminders(self) -> u64 {
        self.on_time.saturating_add(self.late)
    }
}

impl AddAssign for Did {
    fn add_assign(&mut self, more: Self) {
        let Self { calls, connected, calls_converted, talk_seconds, leads, converted, lost, on_time, late } = more;
        for (sum, more) in [
            (&mut self.calls, calls),
            (&mut self.connected, connected),
            (&mut self.calls_converted, calls_converted),
            (&mut self.talk_seconds, talk_seconds),
            (&mut self.leads, leads),
            (&mut self.converted, converted),
            (&mut self.lost, lost),
            (&mut self.on_time, on_time),
            (&mut self.late, late),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

impl std::iter::Sum for Did {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |mut sum, more| {
            sum += more;
            sum
        })
    }
}

impl From<&CallsCounted> for Did {
    fn from(counted: &CallsCounted) -> Self {
        let number = counted.number;
        Self {
            calls: number,
            connected: if counted.connected() { number } else { 0 },
            calls_converted: if counted.outcome == Some(CallOutcome::Converted) { number } else { 0 },
            talk_seconds: counted.seconds,
            ..Self::default()
        }
    }
}

impl From<&LeadsCounted> for Did {
    fn from(counted: &LeadsCounted) -> Self {
        let number = counted.number;
        match &counted.what {
            Worked::Given { .. } => Self { leads: number, ..Self::default() },
            Worked::Entered(_) => Self::default(),
            Worked::Won(_) => Self { converted: number, ..Self::default() },
            Worked::Lost(_) => Self { lost: number, ..Self::default() },
        }
    }
}

impl From<&RemindersCounted> for Did {
    fn from(counted: &RemindersCounted) -> Self {
        let number = counted.number;
        if counted.late {
            Self { late: number, ..Self::default() }
        } else {
            Self { on_time: number, ..Self::default() }
        }
    }
}
