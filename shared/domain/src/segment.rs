//! A segment: leads that belong together, by what they are like or one by one.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::automation::{Conditions, SubjectKind};
use crate::record::{List, Meta, Record, Slot};
use crate::{Change, FieldInvalid, Invalid, Label, LeadId, Note, OrganizationId, SegmentId, UserId};

/// An organization has at most so many segments.
pub const MAX_SEGMENTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(200 - 1);
/// A segment names at most so many leads one by one; more are chosen by a tag.
pub const MAX_LISTED: usize = 1_000;

/// Who belongs to a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whoever is like this when somebody looks.
    Criteria(Conditions),
    /// These, whatever becomes of them.
    Leads(BTreeSet<LeadId>),
}

impl Audience {
    /// Reads criteria: the filter grammar as an object, in which a list means one of these, or as an expression. Days are
    /// those of `zone`. Every wrong field is named.
    pub fn criteria(value: &Value, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        let spread = match value {
            Value::Object(object) => Value::Object(one_of(object)),
            other => other.clone(),
        };
        // A filter calls itself so where it is none.
        let conditions = Conditions::read(&spread, SubjectKind::Lead, zone)
            .map_err(|errors| errors.into_iter().map(|error| error.under("filter", "")).collect::<Vec<_>>())?;
        let past: Vec<FieldInvalid> = ["previous.status", "previous.assigned_to", "previous.priority"]
            .into_iter()
            .filter(|name| conditions.name(name))
            .map(|name| FieldInvalid::new(name, Invalid::new("no_change", "is known of changes only")))
            .collect();
        if !past.is_empty() {
            return Err(past);
        }
        if conditions.is_empty() {
            return Err(vec![FieldInvalid::new("", Invalid::required())]);
        }
        Ok(Self::Criteria(conditions))
    }

    /// Leads by their ids, each once.
    pub fn leads(ids: impl IntoIterator<Item = LeadId>) -> Result<Self, Invalid> {
        let ids: BTreeSet<LeadId> = ids.into_iter().collect();
        if ids.len() > MAX_LISTED {
            return Err(Invalid::new("too_many", "must be at most 1,000; choose more by a tag"));
        }
        Ok(Self::Leads(ids))
    }
}

/// `{"regions": ["north", "south"]}` as `{"regions": {"in": ["north", "south"]}}`.
fn one_of(object: &Map<String, Value>) -> Map<String, Value> {
    let spread = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("any" | "all", Value::Array(groups)) => {
            let groups = groups.iter().map(|group| match group {
                Value::Object(group) => Value::Object(one_of(group)),
                other => other.clone(),
            });
            (name.clone(), groups.collect())
        }
        (_, Value::Array(values)) => {
            (name.clone(), Value::Object(Map::from_iter([("in".to_owned(), Value::Array(values.clone()))])))
        }
        _ => (name.clone(), value.clone()),
    };
    object.iter().map(spread).collect()
}

/// Leads that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: SegmentId,
    /// What people call it.
    pub name: Label,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// Who belongs to it.
    pub audience: Audience,
    /// Who made it.
    pub created_by: UserId,
}

/// What is told of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentDetails {
    /// What people call it.
    pub name: Label,
    /// What it is for.
    pub description: Option<Note>,
    /// Who belongs to it.
    pub audience: Audience,
}

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct SegmentPatch {
    /// What people call it.
    pub name: Option<Label>,
    /// What it is for.
    pub description: Option<Option<Note>>,
    /// Who belongs to it.
    pub audience: Option<Audience>,
}

impl SegmentPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        let Self { name, description, audience } = self;
        [("name", name.is_some()), ("description", description.is_some()), ("audience", audience.is_some())]
            .into_iter()
            .filter_map(|(name, written)| written.then_some(name))
            .collect()
    }
}

impl Segment {
    /// A new one.
    pub fn create(
        id: SegmentId,
        organization: OrganizationId,
        details: SegmentDetails,
        created_by: UserId,
        now: Timestamp,
    ) -> Change<Self> {
        let SegmentDetails { name, description, audience } = details;
        let segment = Self { meta: Meta::new(organization, now), id, name, description, audience, created_by };
        Change::create(segment, "segment.created")
    }

    /// Changes what the patch names.
    pub fn update(self, patch: SegmentPatch, now: Timestamp) -> Change<Self> {
        let SegmentPatch { name, description, audience } = patch;
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.name = name.unwrap_or(after.name);
        after.description = description.unwrap_or(after.description);
        after.audience = audience.unwrap_or(after.audience);
        Change::update(self, after, "segment.updated")
    }

    /// Puts leads on its list, and takes others off. `Err` where it has no list, or too long a one.
    pub fn relist(self, add: &[LeadId], remove: &[LeadId], now: Timestamp) -> Result<Change<Self>, Unlisted> {
        let Audience::Leads(known) = &self.audience else { return Err(Unlisted::NoList) };
        let kept = known.iter().filter(|id| !remove.contains(id)).chain(add).copied();
        let audience = Audience::leads(kept).map_err(Unlisted::TooLong)?;
        Ok(self.update(SegmentPatch { audience: Some(audience), ..SegmentPatch::default() }, now))
    }

    /// Deletes it softly.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "segment.deleted")
    }

    /// Brings it back as it was.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "segment.restored")
    }
}

/// A list was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlisted {
    /// Who belongs to it is found by criteria.
    #[error("it has criteria, and no list")]
    NoList,
    /// There would be too many.
    #[error("{0}")]
    TooLong(Invalid),
}

impl Record for Segment {
    const KIND: &'static str = "segment";
    type Id = SegmentId;

    fn id(&self) -> SegmentId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Audience, Vec<FieldInvalid>> {
        Audience::criteria(value, &TimeZone::UTC)
    }

    fn asked(value: &Value) -> Value {
        match read(value).expect("criteria") {
            Audience::Criteria(conditions) => conditions.written(),
            Audience::Leads(_) => panic!("a list"),
        }
    }

    #[test]
    fn both_products_words_are_one_grammar() {
        assert_eq!(
            asked(&json!({"qualification": "MBBS", "experience": ">2"})),
            json!({"custom_fields.qualification": {"eq": "MBBS"}, "custom_fields.experience": {"gt": "2"}})
        );
        assert_eq!(
            asked(&json!({"policy_types": ["auto", "health"], "renewal_window": "30_days"})),
            json!({
                "custom_fields.policy_types": {"in": ["auto", "health"]},
                "custom_fields.renewal_window": {"eq": "30_days"},
            })
        );
        assert_eq!(asked(&json!("score > 50 && city == 'Pune'")), json!("score > 50 && city == 'Pune'"));
        let nested = json!({"any": [{"city": ["Pune", "Nagpur"]}, {"score": {"gte": 50}}]});
        assert_eq!(asked(&nested)["any"][0]["city"]["in"], json!(["Pune", "Nagpur"]));
    }

    #[test]
    fn what_is_no_criteria_is_named() {
        let fields = |value: &Value| {
            let wrong = read(value).expect_err("it is wrong");
            wrong.into_iter().map(|one| (one.field, one.invalid.code)).collect::<Vec<_>>()
        };
        assert_eq!(fields(&json!({})), [(String::new(), "required")]);
        assert_eq!(fields(&json!(5)), [(String::new(), "not_conditions")]);
        assert_eq!(fields(&json!({"score": "high"}))[0].0, "score");
        assert_eq!(fields(&json!({"previous.status": "lead"})), [("previous.status".to_owned(), "no_change")]);
    }

    proptest! {
        /// Whatever is put on a list and taken off, it is the set of what was put last.
        #[test]
        fn a_list_is_a_set(steps in prop::collection::vec((0..20_u8, any::<bool>()), 1..60)) {
            let id = |n: u8| LeadId::at(Timestamp::UNIX_EPOCH, [n; 10]);
            let details = SegmentDetails {
                name: "Few".parse().expect("a name"),
                description: None,
                audience: Audience::leads([]).expect("a list"),
            };
            let (segment, user) = (SegmentId::at(Timestamp::UNIX_EPOCH, [1; 10]), UserId::at(Timestamp::UNIX_EPOCH, [2; 10]));
            let mut segment = Segment::create(segment, OrganizationId::PLATFORM, details, user, Timestamp::UNIX_EPOCH).after;
            let mut expected = BTreeSet::new();
            for (n, adds) in steps {
                let (add, remove) = if adds { (vec![id(n)], vec![]) } else { (vec![], vec![id(n)]) };
                segment = segment.relist(&add, &remove, Timestamp::UNIX_EPOCH).expect("a list").after;
                let _ = if adds { expected.insert(id(n)) } else { expected.remove(&id(n)) };
                prop_assert_eq!(&segment.audience, &Audience::Leads(expected.clone()));
            }
        }

        #[test]
        fn nothing_that_people_write_breaks_the_reader(field in "[a-z_.]{0,20}", value in "\\PC{0,30}") {
            let _ = read(&json!({&field: &value}));
            let _ = read(&json!({&field: [&value, 1, null, [&value]]}));
            let _ = read(&json!({"any": [{&field: {"in": &value}}, &value]}));
            let _ = read(&json!(value));
        }
    }
}
