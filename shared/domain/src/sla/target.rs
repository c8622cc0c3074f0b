//! What must happen to a lead and how soon, and how that is read.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::automation::{Step, SubjectKind};
use crate::calendar::Calendar;
use crate::pipeline::StageKey;
use crate::values::wire_enum;
use crate::{FieldInvalid, Invalid};

/// The longest that a target may leave, in seconds: 90 days, of work or of the clock.
pub const MAX_WITHIN: u32 = 90 * 86_400;
/// A target has at most so many escalations.
pub const MAX_ESCALATIONS: usize = 5;
/// An escalation has at most so many actions.
pub const MAX_ACTIONS: usize = 5;
/// A resolution names at most so many stages.
const MAX_STAGES: usize = 20;

wire_enum! {
    /// What must happen.
    #[derive(PartialOrd, Ord)]
    TargetKind, "unknown_target",
    /// Somebody responds: a call with the lead is over, answered or not, or a person moves it to another stage.
    FirstResponse = "first_response",
    /// The lead reaches a stage: one of those named, or else any in which it is won or lost.
    Resolution = "resolution",
}

wire_enum! {
    /// What of the time counts.
    Counting, "unknown_hours",
    /// The organization's business hours.
    Business = "business",
    /// All of it.
    AroundTheClock = "around_the_clock",
}

impl Counting {
    /// When so many seconds from then are over.
    pub fn after(self, from: Timestamp, seconds: u32, calendar: &Calendar) -> Timestamp {
        let seconds = SignedDuration::from_secs(seconds.into());
        match self {
            Self::Business => calendar.add(from, seconds),
            Self::AroundTheClock => from + seconds,
        }
    }

    /// How many seconds there are until then; below zero where it is past.
    pub fn left(self, now: Timestamp, until: Timestamp, calendar: &Calendar) -> i64 {
        match self {
            Self::Business => calendar.between(now, until).as_secs(),
            Self::AroundTheClock => until.duration_since(now).as_secs(),
        }
    }
}

wire_enum! {
    /// From when a target counts.
    StartsAt, "unknown_start",
    /// The lead arrives.
    Created = "created",
    /// It is given to somebody for the first time.
    Assigned = "assigned",
}

/// When an escalation is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// With the warning.
    Warning,
    /// So many seconds beyond the breach, counted as the target is.
    After(u32),
}

/// What is done where a target is not met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// When.
    pub when: When,
    /// What, in this order.
    pub actions: Vec<Step>,
}

impl Escalation {
    fn written(&self) -> Value {
        let actions: Vec<Value> = self.actions.iter().map(Step::written).collect();
        match self.when {
            When::Warning => json!({"at": "warning", "actions": actions}),
            When::After(seconds) => json!({"after": seconds, "actions": actions}),
        }
    }

    fn read(value: &Value, subject: SubjectKind, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        let mut reader = Reader::of(value)?;
        let when = match (reader.get("at"), reader.get("after")) {
            (Some(Value::String(text)), None) if text == "warning" => Some(When::Warning),
            (None, Some(_)) => reader.seconds("after", MAX_WITHIN).map(When::After),
            (None, None) => reader.refuse("after", Invalid::required()),
            (Some(_), Some(_)) => reader.refuse("after", Invalid::new("contradiction", "goes not together with at")),
            (Some(_), None) => reader.refuse("at", Invalid::new("unknown_value", "must be warning")),
        };
        let actions = reader.list("actions", MAX_ACTIONS, |value| Step::read(value, subject, zone));
        if actions.as_ref().is_none_or(Vec::is_empty)
            && reader.wrong.iter().all(|wrong| !wrong.field.starts_with("actions"))
        {
            reader.refuse::<()>("actions", Invalid::required());
        }
        match (when, actions) {
            (Some(when), Some(actions)) if reader.wrong.is_empty() => Ok(Self { when, actions }),
            _ => Err(reader.wrong),
        }
    }
}

/// What must happen, and how soon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What.
    pub kind: TargetKind,
    /// Within so many seconds.
    pub within: u32,
    /// What of the time counts.
    pub hours: Counting,
    /// From when.
    pub from: StartsAt,
    /// The stages that are a resolution; empty for any in which a lead is won or lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub until: Vec<StageKey>,
    /// The warning comes when so much of the time is over, 1 to 99; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at_percent: Option<u8>,
    /// What is done where it is not met, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<Escalation>,
}

impl Target {
    /// The target as people write it.
    pub fn written(&self) -> Value {
        let mut value = json!({
            "target": self.kind, "within": self.within, "hours": self.hours, "from": self.from,
            "warn_at_percent": self.warn_at_percent,
            "escalations": self.escalations.iter().map(Escalation::written).collect::<Vec<_>>(),
        });
        if self.kind == TargetKind::Resolution {
            value["until"] = json!(self.until);
        }
        value
    }

    /// Reads one. Every wrong field is named.
    pub fn read(value: &Value, subject: SubjectKind, zone: &TimeZone) -> Result<Self, Vec<FieldInvalid>> {
        let mut reader = Reader::of(value)?;
        let kind: Option<TargetKind> = reader.word("target", None);
        let within = reader.seconds("within", MAX_WITHIN);
        if within == Some(0) {
            reader.refuse::<()>("within", Invalid::new("out_of_range", "must be at least 1"));
        }
        let hours = reader.word("hours", Some(Counting::Business));
        let from = reader.word("from", Some(StartsAt::Created));
        let until = reader.list("until", MAX_STAGES, |value| {
            let text = value.as_str().ok_or_else(|| Invalid::new("not_text", "must be text"));
            text.and_then(str::parse::<StageKey>).map_err(|invalid| vec![FieldInvalid::new("", invalid)])
        });
        if kind == Some(TargetKind::FirstResponse) && until.as_ref().is_some_and(|stages| !stages.is_empty()) {
            reader.refuse::<()>("until", Invalid::new("no_stages", "belongs to a resolution"));
        }
        let warn_at_percent = match reader.get("warn_at_percent") {
            None => None,
            Some(value) => {
                let percent = value.as_u64().and_then(|number| u8::try_from(number).ok());
                let percent = percent.filter(|percent| (1..=99).contains(percent));
                percent.or_else(|| reader.refuse("warn_at_percent", Invalid::new("out_of_range", "must be 1 to 99")))
            }
        };
        let escalations = reader.list("escalations", MAX_ESCALATIONS, |value| Escalation::read(value, subject, zone));
        let mut escalations = escalations.unwrap_or_default();
        if warn_at_percent.is_none() && escalations.iter().any(|escalation| escalation.when == When::Warning) {
            let invalid = Invalid::new("required", "is required where an escalation comes with the warning");
            reader.refuse::<()>("warn_at_percent", invalid);
        }
        escalations.sort_by_key(|escalation| match escalation.when {
            When::Warning => None,
            When::After(seconds) => Some(seconds),
        });
        match (kind, within, hours, from) {
            (Some(kind), Some(within), Some(hours), Some(from)) if reader.wrong.is_empty() => {
                let until = until.unwrap_or_default();
                Ok(Self { kind, within, hours, from, until, warn_at_percent, escalations })
            }
            _ => Err(reader.wrong),
        }
    }
}

struct Reader<'v> {
    object: &'v Map<String, Value>,
    wrong: Vec<FieldInvalid>,
}

impl<'v> Reader<'v> {
    fn of(value: &'v Value) -> Result<Self, Vec<FieldInvalid>> {
        let refused = || vec![FieldInvalid::new("", Invalid::new("not_object", "must be an object"))];
        value.as_object().map(|object| Self { object, wrong: Vec::new() }).ok_or_else(refused)
    }

    /// A field that is there and not null.
    fn get(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn refuse<T>(&mut self, field: &str, invalid: Invalid) -> Option<T> {
        self.wrong.push(FieldInvalid::new(field, invalid));
        None
    }

    fn seconds(&mut self, name: &str, most: u32) -> Option<u32> {
        let Some(value) = self.get(name) else { return self.refuse(name, Invalid::required()) };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most);
        let message = format!("must be a whole number of seconds, at most {most}");
        number.or_else(|| self.refuse(name, Invalid::new("out_of_range", message)))
    }

    fn word<T: std::str::FromStr<Err = Invalid>>(&mut self, name: &str, usual: Option<T>) -> Option<T> {
        let read = match (self.get(name), usual) {
            (None, Some(usual)) => Ok(usual),
            (None, None) => Err(Invalid::required()),
            (Some(Value::String(text)), _) => text.parse(),
            (Some(_), _) => Err(Invalid::new("not_text", "must be text")),
        };
        read.map_or_else(|invalid| self.refuse(name, invalid), Some)
    }

    fn list<T>(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(&Value) -> Result<T, Vec<FieldInvalid>>,
    ) -> Option<Vec<T>> {
        let values = match self.get(name) {
            None => return Some(Vec::new()),
            Some(Value::Array(values)) if values.len() <= most => values,
            Some(Value::Array(_)) => {
                return self.refuse(name, Invalid::new("too_many", format!("must be at most {most}")));
            }
            Some(_) => return self.refuse(name, Invalid::new("not_list", "must be a list")),
        };
        let mut all = Vec::new();
        for (place, value) in values.iter().enumerate() {
            match read(value) {
                Ok(one) => all.push(one),
                Err(errors) => {
                    self.wrong.extend(errors.into_iter().map(|error| error.within(&format!("{name}.{place}"))));
                }
            }
        }
        (all.len() == values.len()).then_some(all)
    }
}
