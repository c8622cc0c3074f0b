//! Seconds in each status.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{AgentStatus, SECONDS};
use crate::Counted;

/// Seconds that somebody was in a status on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondsCounted {
    /// The day, in UTC.
    pub day: Date,
    /// The status.
    pub status: AgentStatus,
    /// The seconds.
    pub seconds: u64,
}

impl Counted for SecondsCounted {
    const METRIC: &'static str = SECONDS;

    fn read(day: Date, dimension: &str, number: u64, _: &BTreeMap<String, u64>) -> Option<Self> {
        Some(Self { day, status: dimension.parse().ok()?, seconds: number })
    }
}

/// Seconds in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatusSeconds {
    /// Taking calls.
    pub available: u64,
    /// In a call.
    pub on_call: u64,
    /// Writing down what a call came to.
    pub wrap_up: u64,
    /// Resting.
    #[serde(rename = "break")]
    pub on_break: u64,
    /// Not there.
    pub offline: u64,
}

impl StatusSeconds {
    /// Adds to one of them.
    pub const fn add(&mut self, status: AgentStatus, seconds: u64) {
        let place = match status {
            AgentStatus::Available => &mut self.available,
            AgentStatus::OnCall => &mut self.on_call,
            AgentStatus::WrapUp => &mut self.wrap_up,
            AgentStatus::Break => &mut self.on_break,
            AgentStatus::Offline => &mut self.offline,
        };
        *place = place.saturating_add(seconds);
    }

    /// All of them.
    pub const fn sum(self) -> u64 {
        let Self { available, on_call, wrap_up, on_break, offline } = self;
        available + on_call + wrap_up + on_break + offline
    }
}
