//! What a lead's signals are worth by one rule.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use super::{AtLeast, Measure, Progress, Signals, Within};
use crate::CustomFields;

impl Measure {
    pub(super) fn max(&self) -> i32 {
        let best = |points: &mut dyn Iterator<Item = i32>| points.fold(0, i32::max);
        match self {
            Self::Contact { phone, email, name } => {
                [phone, email, name].into_iter().map(|points| (*points).max(0)).sum()
            }
            Self::Source { points, otherwise } | Self::Choice { points, otherwise, .. } => {
                best(&mut points.values().copied().chain([*otherwise]))
            }
            Self::Number { steps, .. } | Self::Touches { steps } => best(&mut steps.iter().map(|step| step.points)),
            Self::Recency { steps } => best(&mut steps.iter().map(|step| step.points)),
            Self::Stage { points } | Self::Completeness { points, .. } => (*points).max(0),
        }
    }

    pub(super) fn points(&self, signals: &Signals<'_>) -> (i32, String) {
        match self {
            Self::Contact { phone, email, name } => {
                let known = [
                    (signals.has_phone, *phone, "phone"),
                    (signals.has_email, *email, "e-mail"),
                    (signals.has_name, *name, "name"),
                ];
                let known = known.into_iter().filter(|(known, ..)| *known);
                let words: Vec<_> = known.clone().map(|(_, _, word)| word).collect();
                let reason = if words.is_empty() { "no contact data".to_owned() } else { words.join(", ") };
                (known.map(|(_, points, _)| points).sum(), reason)
            }
            Self::Source { points, otherwise } => match signals.source.filter(|source| !source.trim().is_empty()) {
                None => (0, "source unknown".to_owned()),
                Some(source) => choose(source, points, *otherwise, "source"),
            },
            Self::Choice { fields, points, otherwise } => {
                match field(signals.custom_fields, fields).and_then(Value::as_str) {
                    None => (0, "not answered".to_owned()),
                    Some(answer) => choose(answer, points, *otherwise, "answer"),
                }
            }
            Self::Number { fields, steps } => match number(signals.custom_fields, fields) {
                None => (0, "unknown".to_owned()),
                Some(number) => climb(number, steps),
            },
            Self::Touches { steps } => climb(f64::from(signals.touches), steps),
            Self::Recency { steps } => match signals.last_activity_at {
                None => (0, "no activity".to_owned()),
                Some(last) => recent(last, signals.now, steps),
            },
            Self::Stage { points } => match signals.progress {
                Progress::Won => (*points, "customer".to_owned()),
                Progress::Lost => (0, "lost".to_owned()),
                Progress::Open { stage, of } => {
                    let of = i32::from(of).max(1);
                    let passed = (i32::from(stage) - 1).clamp(0, of);
                    (points.saturating_mul(passed) / of, format!("stage {stage} of {of}"))
                }
            },
            Self::Completeness { fields, points } => {
                let known =
                    fields.iter().filter(|name| field(signals.custom_fields, [name.as_str()]).is_some()).count();
                let of = i32::try_from(fields.len().max(1)).unwrap_or(i32::MAX);
                let share = points.saturating_mul(i32::try_from(known).unwrap_or(i32::MAX)) / of;
                (share, format!("{known} of {} answered", fields.len()))
            }
        }
    }
}

/// The points of a word, looked up without case and punctuation. The reason gives the rule's own
/// spelling, so nothing a visitor wrote gets into it.
fn choose(word: &str, points: &IndexMap<String, i32>, otherwise: i32, what: &str) -> (i32, String) {
    points
        .iter()
        .find(|(name, _)| same(name, word))
        .map_or_else(|| (otherwise, format!("another {what}")), |(name, points)| (*points, name.clone()))
}

fn climb(number: f64, steps: &[AtLeast]) -> (i32, String) {
    steps.iter().rev().find(|step| number >= f64::from(step.at_least)).map_or_else(
        || (0, steps.first().map_or_else(String::new, |first| format!("below {}", first.at_least))),
        |step| (step.points, format!("{} or more", step.at_least)),
    )
}

fn recent(last: Timestamp, now: Timestamp, steps: &[Within]) -> (i32, String) {
    let seconds = now.as_second().saturating_sub(last.as_second());
    steps
        .iter()
        .find(|step| seconds <= i64::from(step.hours) * 3_600)
        .map_or_else(|| (0, "long ago".to_owned()), |step| (step.points, format!("within {} hours", step.hours)))
}

/// The first of these fields that is answered. Imports bring placeholders for "not answered";
/// `Select` is what an untouched choice exports as.
fn field(fields: &CustomFields, names: impl IntoIterator<Item = impl AsRef<str>>) -> Option<&Value> {
    names.into_iter().find_map(|name| {
        let (_, value) = fields.iter().find(|(key, _)| same(key, name.as_ref()))?;
        let answered = match value {
            Value::Null => false,
            Value::String(text) => {
                let text = text.trim();
                !["", "-", "select", "n/a", "na"].iter().any(|blank| text.eq_ignore_ascii_case(blank))
            }
            _ => true,
        };
        answered.then_some(value)
    })
}

fn number(fields: &CustomFields, names: &[String]) -> Option<f64> {
    names.iter().find_map(|name| {
        let number = match field(fields, [name.as_str()])? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite())
    })
}

/// `Total Visits`, `total_visits` and `TotalVisits` are the same name.
fn same(one: &str, other: &str) -> bool {
    plain(one).eq(plain(other))
}

pub(super) fn plain(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}
