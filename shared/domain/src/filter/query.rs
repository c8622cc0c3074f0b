//! The query spelling: `status=lead`, `score[gte]=50`, `tags[in]=a,b`.

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::read::Reader;
use super::{Fields, Filter, Op};
use crate::{FieldInvalid, Invalid};

/// What a value with a comparison in it begins with.
const SIGNS: [char; 3] = ['>', '<', '!'];

pub(super) fn read<'a>(
    params: impl IntoIterator<Item = (&'a str, &'a str)>,
    fields: &Fields,
    zone: &TimeZone,
) -> Result<Filter, Vec<FieldInvalid>> {
    let mut reader = Reader::new(fields, zone);
    let mut all = Vec::new();
    let mut plain: IndexMap<&str, Vec<&str>> = IndexMap::new();

    for (key, value) in params {
        let value = value.trim();
        if value.is_empty() || value.eq_ignore_ascii_case("all") {
            continue;
        }
        match key.split_once('[') {
            None if !value.starts_with(SIGNS) => plain.entry(key).or_default().push(value),
            None => all.extend(reader.condition(key, key, Op::Eq, &Value::from(value))),
            Some((field, rest)) => match rest.strip_suffix(']').map(str::parse::<Op>) {
                None => reader.refuse(key, Invalid::new("malformed", "must read field[operator]=value")),
                Some(Err(unknown)) => reader.refuse(key, unknown),
                Some(Ok(op)) => {
                    let value = if op.takes_list() { list(value) } else { Value::from(value) };
                    all.extend(reader.condition(key, field, op, &value));
                }
            },
        }
    }
    for (field, values) in plain {
        all.extend(match values.as_slice() {
            [value] => reader.condition(field, field, Op::Eq, &Value::from(*value)),
            several => reader.condition(field, field, Op::In, &Value::from(several.to_vec())),
        });
    }
    super::json::checked(all, reader.wrong)
}

fn list(value: &str) -> Value {
    value.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
}
