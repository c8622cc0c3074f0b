//! What was done, summed up: in a range, against the one before, and by the day.

use domain::agent::Did;
use domain::date_range::DateRange;
use domain::funnel::Percent;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::figures::{Days, within};

/// What was done in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Summary {
    leads: LeadSums,
    calls: CallSums,
    reminders: ReminderSums,
}

/// Leads in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadSums {
    /// Those that came; to a person also from somebody else.
    total: u64,
    /// Those that were converted, for the first time.
    converted: u64,
    /// Those that were lost, for the first time.
    lost: u64,
    /// The converted, of those that came.
    conversion_rate: Percent,
}

/// Calls that were over in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallSums {
    total: u64,
    /// Those that were answered.
    connected: u64,
    /// The answered, of all.
    connect_rate: Percent,
    /// Those whose outcome is `converted`.
    converted: u64,
    /// The converted, of the answered.
    conversion_rate: Percent,
    talk_seconds: u64,
    /// The seconds of an answered call.
    average_seconds: u64,
}

/// Reminders that were completed in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReminderSums {
    completed: u64,
    /// When they were due, or before.
    on_time: u64,
    late: u64,
    /// Those on time, of the completed.
    on_time_rate: Percent,
}

/// Per cent against the range before of equal length; 0 where there was nothing before. Changes of rates are of the rate
/// itself: from 20 % to 25 % is 25.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names that the dashboards have for changes")]
pub(crate) struct Changes {
    leads_change: Percent,
    converted_change: Percent,
    conversion_change: Percent,
    calls_change: Percent,
    connected_change: Percent,
    connect_rate_change: Percent,
    talk_seconds_change: Percent,
    reminders_change: Percent,
    on_time_change: Percent,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Day {
    /// In UTC.
    #[schema(value_type = String, format = Date)]
    date: Date,
    leads: u64,
    converted: u64,
    lost: u64,
    calls: u64,
    connected: u64,
    talk_seconds: u64,
    reminders_on_time: u64,
    reminders_late: u64,
}

impl From<Did> for Summary {
    fn from(did: Did) -> Self {
        let Did { calls, connected, calls_converted, talk_seconds, leads, converted, lost, on_time, late } = did;
        Self {
            leads: LeadSums { total: leads, converted, lost, conversion_rate: Percent::share(converted, leads) },
            calls: CallSums {
                total: calls,
                connected,
                connect_rate: Percent::share(connected, calls),
                converted: calls_converted,
                conversion_rate: Percent::share(calls_converted, connected),
                talk_seconds,
                average_seconds: average(talk_seconds, connected),
            },
            reminders: ReminderSums {
                completed: did.reminders(),
                on_time,
                late,
                on_time_rate: Percent::share(on_time, did.reminders()),
            },
        }
    }
}

/// Rounded to whole ones; of nothing, 0.
pub(crate) fn average(sum: u64, number: u64) -> u64 {
    sum.saturating_add(number / 2).checked_div(number).unwrap_or(0)
}

impl Changes {
    /// Of a range against the one before.
    pub(crate) fn of(days: &Days, range: DateRange) -> Self {
        let (now, before) = (within(days, range), within(days, range.previous()));
        let share = |part: fn(Did) -> u64, whole: fn(Did) -> u64| {
            Percent::change_of_share((part(now), whole(now)), (part(before), whole(before)))
        };
        Self {
            leads_change: Percent::change(now.leads, before.leads),
            converted_change: Percent::change(now.converted, before.converted),
            conversion_change: share(|did| did.converted, |did| did.leads),
            calls_change: Percent::change(now.calls, before.calls),
            connected_change: Percent::change(now.connected, before.connected),
            connect_rate_change: share(|did| did.connected, |did| did.calls),
            talk_seconds_change: Percent::change(now.talk_seconds, before.talk_seconds),
            reminders_change: Percent::change(now.reminders(), before.reminders()),
            on_time_change: share(|did| did.on_time, Did::reminders),
        }
    }
}

/// Each day of a range, those on which nothing was done too.
pub(crate) fn daily(days: &Days, range: DateRange) -> Vec<Day> {
    let day = |date| {
        let Did { calls, connected, calls_converted: _, talk_seconds, leads, converted, lost, on_time, late } =
            days.get(&date).copied().unwrap_or_default();
        Day {
            date,
            leads,
            converted,
            lost,
            calls,
            connected,
            talk_seconds,
            reminders_on_time: on_time,
            reminders_late: late,
        }
    };
    range.iter().map(day).collect()
}
