//! Takes fields out of a patch and remembers what was wrong with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::{FieldInvalid, Invalid};

/// No list of a patch is longer.
pub(super) const MAX_ENTRIES: usize = 200;

/// A patch that is being read.
pub(super) struct Reader {
    patch: Map<String, Value>,
    wrong: Vec<FieldInvalid>,
}

impl Reader {
    /// At its beginning.
    pub(super) const fn new(patch: Map<String, Value>) -> Self {
        Self { patch, wrong: Vec::new() }
    }

    /// What a field becomes: itself where the patch does not name it. `null` is refused.
    pub(super) fn kept<T: FromStr<Err = Invalid>>(&mut self, name: &str, known: T) -> T {
        let Some(value) = self.patch.shift_remove(name) else { return known };
        let read = match value {
            Value::Null => Err(Invalid::required()),
            value => text(value).and_then(|text| text.parse()),
        };
        self.read(name, read).unwrap_or(known)
    }

    /// The same of a field that may be empty: `null` clears.
    pub(super) fn open<T: FromStr<Err = Invalid>>(&mut self, name: &str, known: Option<T>) -> Option<T> {
        match self.patch.shift_remove(name) {
            None => known,
            Some(Value::Null) => None,
            Some(value) => {
                let read = text(value).and_then(|text| text.parse());
                self.read(name, read)
            }
        }
    }

    /// The same of a number.
    pub(super) fn number(&mut self, name: &str, known: Option<u16>) -> Option<u16> {
        match self.patch.shift_remove(name) {
            None => known,
            Some(Value::Null) => None,
            Some(value) => {
                let number = value.as_u64().and_then(|number| u16::try_from(number).ok()).filter(|number| *number > 0);
                let read = number.ok_or_else(|| Invalid::new("out_of_range", "must be a number from 1 to 65535"));
                self.read(name, read)
            }
        }
    }

    /// The same of an object, whole: `null` empties it.
    pub(super) fn entries<K: Ord, V>(
        &mut self,
        name: &str,
        known: BTreeMap<K, V>,
        read: impl Fn(&str, Value) -> Result<(K, V), Invalid>,
    ) -> BTreeMap<K, V> {
        let entries = match self.patch.shift_remove(name) {
            None => return known,
            Some(Value::Null) => return BTreeMap::new(),
            Some(Value::Object(entries)) if entries.len() <= MAX_ENTRIES => entries,
            Some(Value::Object(_)) => {
                self.refuse(name, Invalid::new("too_many", "must have at most 200 entries"));
                return known;
            }
            Some(_) => {
                self.refuse(name, Invalid::new("not_object", "must be an object"));
                return known;
            }
        };
        let mut all = BTreeMap::new();
        for (place, (key, value)) in entries.into_iter().enumerate() {
            // Keys may be people's numbers, so it is the place that is named.
            let read = read(&key, value);
            if let Some((key, value)) = self.read(&format!("{name}.{place}"), read) {
                all.insert(key, value);
            }
        }
        all
    }

    pub(super) fn refuse(&mut self, name: &str, invalid: Invalid) {
        self.wrong.push(FieldInvalid::new(name, invalid));
    }

    fn read<T>(&mut self, name: &str, read: Result<T, Invalid>) -> Option<T> {
        read.map_err(|invalid| self.refuse(name, invalid)).ok()
    }

    /// All that was wrong, with what nobody asked for.
    pub(super) fn finish(self) -> Result<(), Vec<FieldInvalid>> {
        let Self { patch, mut wrong } = self;
        let unknown =
            |name: String| FieldInvalid::new(shown(&name), Invalid::new("unknown_setting", "is no setting of it"));
        wrong.extend(patch.into_iter().take(MAX_ENTRIES).map(|(name, _)| unknown(name)));
        if wrong.is_empty() { Ok(()) } else { Err(wrong.into_iter().map(|one| one.within("settings")).collect()) }
    }
}

/// A value that must be text.
pub(super) fn text(value: Value) -> Result<String, Invalid> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Invalid::new("not_text", "must be text")),
    }
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}
