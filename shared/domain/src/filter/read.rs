//! From field, operator and written value to a condition: what all spellings have in common.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Condition, FieldType, Fields, Literal, MAX_CONDITIONS, Node, Op, Test};
use crate::date_range::{date, start_of_day};
use crate::{FieldInvalid, Invalid};

const MAX_LIST: usize = 100;
const MAX_TEXT_CHARS: usize = 500;

/// Reads conditions and collects what is wrong with them.
pub(super) struct Reader<'a> {
    fields: &'a Fields,
    zone: &'a TimeZone,
    conditions: usize,
    pub(super) wrong: Vec<FieldInvalid>,
}

/// A point or a stretch of time: what a written instant or day means.
enum Moment {
    Instant(Timestamp),
    /// From the first (included) to the second (excluded).
    Day(Timestamp, Timestamp),
}

impl<'a> Reader<'a> {
    pub(super) const fn new(fields: &'a Fields, zone: &'a TimeZone) -> Self {
        Self { fields, zone, conditions: 0, wrong: Vec::new() }
    }

    pub(super) fn refuse(&mut self, path: &str, invalid: Invalid) {
        self.wrong.push(FieldInvalid::new(path, invalid));
    }

    /// Counts a condition; false, with one refusal, for the first beyond the bound and all after it.
    pub(super) fn has_room(&mut self, path: &str) -> bool {
        self.conditions += 1;
        if self.conditions == MAX_CONDITIONS + 1 {
            self.refuse(path, Invalid::new("too_many_conditions", "must be one of at most 50 conditions"));
        }
        self.conditions <= MAX_CONDITIONS
    }

    /// One condition; `path` is how the caller named it.
    pub(super) fn condition(&mut self, path: &str, field: &str, op: Op, value: &Value) -> Option<Node> {
        if !self.has_room(path) {
            return None;
        }
        let Some(kind) = self.fields.type_of(field) else {
            self.refuse(path, Invalid::new("unknown_field", "is not a field to filter by"));
            return None;
        };
        self.test(field, kind, op, value).map_err(|invalid| self.refuse(path, invalid)).ok()
    }

    fn test(&self, field: &str, kind: FieldType, op: Op, value: &Value) -> Result<Node, Invalid> {
        let is = |test| Ok(Node::Is(Condition { field: field.to_owned(), test }));
        let (op, value) = written_comparison(kind, op, value);
        let value = value.as_ref();
        if !kind.allows(op) {
            return Err(Invalid::new("operator_not_allowed", "has an operator that this field does not know"));
        }
        match (op, value) {
            (Op::Eq, Value::Null) => return is(Test::Exists(false)),
            (Op::Ne, Value::Null) => return is(Test::Exists(true)),
            _ => {}
        }
        if kind == FieldType::Timestamp && op != Op::Exists {
            return self.time(field, op, value);
        }
        let one = || literal(kind, value);
        is(match op {
            Op::Eq => Test::Eq(one()?),
            Op::Ne => Test::Ne(one()?),
            Op::Gt => Test::Gt(one()?),
            Op::Gte => Test::Gte(one()?),
            Op::Lt => Test::Lt(one()?),
            Op::Lte => Test::Lte(one()?),
            Op::In => Test::In(several(kind, value)?),
            Op::Nin => Test::Nin(several(kind, value)?),
            Op::Between => {
                let (low, high) = pair(value)?;
                let (low, high) = (literal(kind, low)?, literal(kind, high)?);
                if reversed(&low, &high) {
                    return Err(range_reversed());
                }
                Test::Between(low, high)
            }
            Op::Contains => Test::Contains(text(value)?),
            Op::StartsWith => Test::StartsWith(text(value)?),
            Op::Exists => Test::Exists(boolean(value)?),
        })
    }

    /// A condition on an instant. A day becomes the stretch from its first instant to the next day's.
    fn time(&self, field: &str, op: Op, value: &Value) -> Result<Node, Invalid> {
        let is = |test: Test| Node::Is(Condition { field: field.to_owned(), test });
        let at = |instant: &Timestamp| Literal::Timestamp(*instant);
        let within = |from: &Timestamp, until: &Timestamp| vec![is(Test::Gte(at(from))), is(Test::Lt(at(until)))];
        if op == Op::Between {
            let (low, high) = pair(value)?;
            let (low, high) = (self.moment(low)?, self.moment(high)?);
            let (Moment::Instant(from) | Moment::Day(from, _)) = &low;
            let (Moment::Instant(until) | Moment::Day(_, until)) = &high;
            if from > until {
                return Err(range_reversed());
            }
            return Ok(match high {
                Moment::Instant(_) => is(Test::Between(at(from), at(until))),
                Moment::Day(..) => Node::All(within(from, until)),
            });
        }
        Ok(match (op, &self.moment(value)?) {
            (Op::Ne, Moment::Instant(instant)) => is(Test::Ne(at(instant))),
            (Op::Ne, Moment::Day(from, next)) => {
                // A record without the time is not of that day either.
                let outside = [Test::Lt(at(from)), Test::Gte(at(next)), Test::Exists(false)];
                Node::Any(outside.map(is).into())
            }
            (Op::Gt, Moment::Instant(instant)) => is(Test::Gt(at(instant))),
            (Op::Gte, Moment::Instant(from) | Moment::Day(from, _)) | (Op::Gt, Moment::Day(_, from)) => {
                is(Test::Gte(at(from)))
            }
            (Op::Lte, Moment::Instant(instant)) => is(Test::Lte(at(instant))),
            (Op::Lt, Moment::Instant(until) | Moment::Day(until, _)) | (Op::Lte, Moment::Day(_, until)) => {
                is(Test::Lt(at(until)))
            }
            (_, Moment::Instant(instant)) => is(Test::Eq(at(instant))),
            (_, Moment::Day(from, next)) => Node::All(within(from, next)),
        })
    }

    fn moment(&self, value: &Value) -> Result<Moment, Invalid> {
        let invalid = || Invalid::new("not_a_time", "must be an RFC 3339 time or a date, such as 2026-01-31");
        let text = value.as_str().map(str::trim).ok_or_else(invalid)?;
        if let Ok(day) = date(text) {
            let next = day.tomorrow().ok().and_then(|next| start_of_day(next, self.zone));
            let start = start_of_day(day, self.zone);
            return start.zip(next).map(|(start, next)| Moment::Day(start, next)).ok_or_else(invalid);
        }
        text.parse().map(Moment::Instant).map_err(|_| invalid())
    }
}

/// Takes a comparison out of the value: `">2"` on a number is `gt` `2`.
fn written_comparison(kind: FieldType, op: Op, value: &Value) -> (Op, std::borrow::Cow<'_, Value>) {
    use std::borrow::Cow;
    let written = value.as_str().filter(|_| op == Op::Eq).and_then(|text| {
        let text = text.trim();
        [(">=", Op::Gte), ("<=", Op::Lte), ("!=", Op::Ne), (">", Op::Gt), ("<", Op::Lt)]
            .into_iter()
            .filter(|(_, op)| kind.is_ordered() || *op == Op::Ne)
            .find_map(|(sign, op)| text.strip_prefix(sign).map(|rest| (op, rest.trim())))
            .filter(|(_, rest)| !rest.is_empty())
    });
    match written {
        Some((op, rest)) => (op, Cow::Owned(Value::from(rest))),
        None => (op, Cow::Borrowed(value)),
    }
}

fn literal(kind: FieldType, value: &Value) -> Result<Literal, Invalid> {
    match kind {
        FieldType::Text | FieldType::TextList => text(value).map(Literal::Text),
        FieldType::Id => text(value).map(Literal::Id),
        FieldType::Number => number(value).map(Literal::Number),
        FieldType::Boolean => boolean(value).map(Literal::Boolean),
        FieldType::Date => {
            let day = value.as_str().ok_or_else(|| Invalid::new("not_a_date", "must be a date, such as 2026-01-31"))?;
            date(day.trim()).map(Literal::Date)
        }
        FieldType::Timestamp => {
            // Instants are read by `Reader::time`, which knows the zone.
            Err(Invalid::new("operator_not_allowed", "has an operator that this field does not know"))
        }
        FieldType::Free => match value {
            Value::Number(_) => number(value).map(Literal::Number),
            Value::Bool(value) => Ok(Literal::Boolean(*value)),
            _ => text(value).map(Literal::Text),
        },
    }
}

fn several(kind: FieldType, value: &Value) -> Result<Vec<Literal>, Invalid> {
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() || items.len() > MAX_LIST {
        return Err(Invalid::new("list_length", "must be a list of 1 to 100 values"));
    }
    items.iter().map(|item| literal(kind, item)).collect()
}

fn pair(value: &Value) -> Result<(&Value, &Value), Invalid> {
    match value.as_array().map(Vec::as_slice) {
        Some([low, high]) => Ok((low, high)),
        _ => Err(Invalid::new("not_a_pair", "must be a list of two values")),
    }
}

fn reversed(low: &Literal, high: &Literal) -> bool {
    match (low, high) {
        (Literal::Number(low), Literal::Number(high)) => low > high,
        (Literal::Date(low), Literal::Date(high)) => low > high,
        _ => false,
    }
}

fn range_reversed() -> Invalid {
    Invalid::new("range_reversed", "must have its lower value first")
}

fn text(value: &Value) -> Result<String, Invalid> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(Invalid::new("not_text", "must be a text"));
        }
    };
    if text.is_empty() {
        return Err(Invalid::required());
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(Invalid::new("too_long", "must have at most 500 characters"));
    }
    Ok(text)
}

fn number(value: &Value) -> Result<f64, Invalid> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite()).ok_or_else(|| Invalid::new("not_a_number", "must be a number"))
}

fn boolean(value: &Value) -> Result<bool, Invalid> {
    let written = |text: &str| match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    value
        .as_bool()
        .or_else(|| value.as_str().and_then(written))
        .ok_or_else(|| Invalid::new("not_a_boolean", "must be true or false"))
}
