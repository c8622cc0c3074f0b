//! Events: what happened to a record, kept with it for ever and passed on to everything that follows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::record::Record;
use crate::{Actor, BranchId, EventId, OrganizationId, Origin, UserId};

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// `lead.created`: the kind of record, a dot, a verb in the past.
    pub kind: String,
    /// The tenant. With the subject and the version it is told by the event's key, so that it is not written twice.
    #[serde(skip, default = "crate::record::platform")]
    pub organization: OrganizationId,
    /// The kind of record.
    pub record: String,
    /// The record's id.
    #[serde(skip)]
    pub subject: String,
    /// The record's version after it.
    #[serde(skip)]
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// By which request; `None` where a worker or the clock acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Each field that changed; empty for a creation, whose record is the change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Why, in the actor's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What else is worth knowing, by event kind.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// The field as the API names it.
    pub field: String,
    /// Its value before; `null` where it had none.
    #[schema(value_type = Value)]
    pub before: Value,
    /// Its value after; `null` where it has none.
    #[schema(value_type = Value)]
    pub after: Value,
}

/// A step of a counter that follows from an event.
///
/// It is counted for the organization, for its branch and for its person, where it has them; one of a person without a
/// branch is counted for that person alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What is counted: `leads_created`.
    pub metric: String,
    /// The branch it is counted for; sums over branches make the organization's figure.
    pub branch: Option<BranchId>,
    /// The person it is counted for.
    pub owner: Option<UserId>,
    /// Per day (in UTC) or, for figures of "now", in one piece.
    pub day: Option<Date>,
    /// What the figure is broken down by: a source, a stage. Empty for the total.
    pub dimension: String,
    /// The step, up or down.
    pub by: i64,
    /// Steps of other numbers that stand beside the figure, by short names: the seconds of the calls that are counted,
    /// how many of them were in each half hour. They cost no write of their own.
    pub parts: BTreeMap<String, i64>,
}

/// A figure a day as a type: what a row of a metric says.
pub trait Counted: Sized {
    /// What is counted.
    const METRIC: &'static str;

    /// Reads a row: its day, what it is broken down by, its number and the numbers beside it. What is below 0 (a step
    /// down that came before the step up) reads 0. `None` for a row that says nothing known.
    fn read(day: Date, dimension: &str, number: u64, parts: &BTreeMap<String, u64>) -> Option<Self>;
}

impl Count {
    /// A step of a figure of "now": how many leads stand in a stage.
    pub fn gauge(metric: &str, branch: Option<BranchId>, dimension: impl Into<String>, by: i64) -> Self {
        Self {
            metric: metric.to_owned(),
            branch,
            owner: None,
            day: None,
            dimension: dimension.into(),
            by,
            parts: BTreeMap::new(),
        }
    }

    /// A step of a figure per day: how many leads came from a source.
    pub fn daily(metric: &str, branch: Option<BranchId>, at: Timestamp, dimension: impl Into<String>) -> Self {
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        Self { day: Some(day), ..Self::gauge(metric, branch, dimension, 1) }
    }

    /// The same for a person, too.
    #[must_use]
    pub fn of(mut self, owner: Option<UserId>) -> Self {
        self.owner = owner;
        self
    }

    /// With a step of a number beside it.
    #[must_use]
    pub fn and(mut self, part: impl Into<String>, by: i64) -> Self {
        self.parts.insert(part.into(), by);
        self
    }

    /// The same step, so many times; below zero it takes back what was counted.
    #[must_use]
    pub fn times(mut self, number: i64) -> Self {
        self.by *= number;
        self.parts.values_mut().for_each(|by| *by *= number);
        self
    }

    /// The steps that lead from what a record was counted in to what it is counted in now.
    pub fn steps(before: Vec<Self>, mut after: Vec<Self>) -> Vec<Self> {
        for gone in before {
            if let Some(same) = after.iter().position(|step| *step == gone) {
                after.remove(same);
            } else {
                after.push(gone.times(-1));
            }
        }
        after
    }
}

/// What a decision of the domain returns: a record before and after, and what happened.
#[derive(Debug, Clone)]
pub struct Change<R> {
    /// The record as it was read; `None` for a new one.
    pub before: Option<R>,
    /// The record as it shall be.
    pub after: R,
    /// `lead.created`.
    pub kind: &'static str,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// What else is worth knowing.
    pub data: Map<String, Value>,
    /// The counters that follow.
    pub counts: Vec<Count>,
}

impl<R: Record> Change<R> {
    /// A new record.
    pub fn create(after: R, kind: &'static str) -> Self {
        Self { before: None, after, kind, reason: None, data: Map::new(), counts: Vec::new() }
    }

    /// A changed one.
    pub fn update(before: R, after: R, kind: &'static str) -> Self {
        Self { before: Some(before), after, kind, reason: None, data: Map::new(), counts: Vec::new() }
    }

    /// A record deleted softly: restorable for [`crate::record::RESTORABLE_DAYS`], its claims free.
    pub fn delete(before: R, now: Timestamp, kind: &'static str) -> Self {
        let mut after = before.clone();
        after.meta_mut().deleted_at = Some(now);
        after.meta_mut().updated_at = now;
        Self::update(before, after, kind)
    }

    /// A deleted record brought back.
    pub fn restore(before: R, now: Timestamp, kind: &'static str) -> Self {
        let mut after = before.clone();
        after.meta_mut().deleted_at = None;
        after.meta_mut().updated_at = now;
        Self::update(before, after, kind)
    }

    /// With the actor's words.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// With one more thing worth knowing.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.data.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// With counters.
    #[must_use]
    pub fn counting(mut self, counts: impl IntoIterator<Item = Count>) -> Self {
        self.counts.extend(counts);
        self
    }

    /// This change and another of what it leads to, as one; of two things that happened the later gives its name.
    pub fn then<E>(self, next: impl FnOnce(R) -> Result<Self, E>) -> Result<Self, E> {
        let Self { before, after, kind, reason, data, counts } = self;
        let changed = before.as_ref().is_none_or(|before| !differences(before, &after).is_empty());
        let next = next(after)?;
        let moved = next.before.as_ref().is_none_or(|before| !differences(before, &next.after).is_empty());
        Ok(Self {
            before,
            after: next.after,
            kind: if moved || !changed { next.kind } else { kind },
            reason: next.reason.or(reason),
            data: data.into_iter().chain(next.data).collect(),
            counts: counts.into_iter().chain(next.counts).collect(),
        })
    }

    /// The fields that differ, by the names they are stored under.
    pub fn changes(&self) -> Vec<FieldChange> {
        self.before.as_ref().map_or_else(Vec::new, |before| differences(before, &self.after))
    }
}

/// The top-level fields in which two records differ.
pub fn differences<R: Record>(before: &R, after: &R) -> Vec<FieldChange> {
    let (Ok(Value::Object(mut old)), Ok(Value::Object(new))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return Vec::new();
    };
    let mut changes: Vec<FieldChange> = Vec::new();
    let hidden = |field: &str| field == "meta" || R::DERIVED.contains(&field);
    old.retain(|field, _| !hidden(field));
    for (field, after) in new {
        if hidden(&field) {
            continue;
        }
        let before = old.remove(&field).unwrap_or(Value::Null);
        if before != after {
            changes.push(FieldChange { field, before, after });
        }
    }
    changes.extend(old.into_iter().filter(|(_, before)| !before.is_null()).map(|(field, before)| FieldChange {
        field,
        before,
        after: Value::Null,
    }));
    changes
}
