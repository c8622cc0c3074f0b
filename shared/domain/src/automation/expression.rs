//! Conditions as an expression, in the words of the Common Expression Language:
//!
//! `source == "facebook" && (score >= 50 || !has(email)) && status in ["lead", "meeting"] && city.startsWith("Pu")`
//!
//! It becomes the object form, so that there is one meaning and one bound on size. There are no loops and no functions
//! beside `has`, `contains` and `startsWith`; `!` stands before what has an opposite.

use serde_json::{Map, Number, Value, json};

use crate::Invalid;

/// An expression has at most so many characters.
pub const MAX_CHARS: usize = 2_000;
/// And so many brackets and exclamation marks within one another.
const MAX_DEPTH: usize = 16;

/// Reads an expression as the object of conditions that means the same.
pub(super) fn read(text: &str) -> Result<Value, Invalid> {
    if text.chars().count() > MAX_CHARS {
        return Err(Invalid::new("too_long", "must have at most 2,000 characters"));
    }
    let mut reader = Reader { text, at: 0, depth: 0 };
    let node = reader.any()?;
    reader.space();
    if reader.at < text.len() { Err(reader.lost()) } else { Ok(node) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn lost(&self) -> Invalid {
        let place = self.text[..self.at].chars().count() + 1;
        Invalid::new("bad_expression", format!("is not understood from character {place} on"))
    }

    /// Takes a sign, with the space before it.
    fn take(&mut self, sign: &str) -> bool {
        self.space();
        let there = self.rest().starts_with(sign);
        if there {
            self.at += sign.len();
        }
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), Invalid> {
        if self.take(sign) { Ok(()) } else { Err(self.lost()) }
    }

    fn any(&mut self) -> Result<Value, Invalid> {
        let mut nodes = vec![self.all()?];
        while self.take("||") {
            nodes.push(self.all()?);
        }
        Ok(group("any", nodes))
    }

    fn all(&mut self) -> Result<Value, Invalid> {
        let mut nodes = vec![self.one()?];
        while self.take("&&") {
            nodes.push(self.one()?);
        }
        Ok(group("all", nodes))
    }

    fn one(&mut self) -> Result<Value, Invalid> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Invalid::new("too_deep", "must nest at most 16 levels"));
        }
        let node = if self.take("!") {
            let node = self.one()?;
            opposite(&node).ok_or_else(|| {
                Invalid::new("no_opposite", "has an ! before a comparison: write the opposite comparison instead")
            })?
        } else if self.take("(") {
            let node = self.any()?;
            self.expect(")")?;
            node
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn condition(&mut self) -> Result<Value, Invalid> {
        let path = self.path()?;
        if path == "has" && self.take("(") {
            let path = self.path()?;
            self.expect(")")?;
            return Ok(json!({ path: {"exists": true} }));
        }
        if self.take("(") {
            let called = [(".contains", "contains"), (".startsWith", "starts_with")];
            let found = called.iter().find_map(|(name, op)| Some((path.strip_suffix(name)?.to_owned(), *op)));
            let (path, op) = found.ok_or_else(|| self.lost())?;
            let value = self.literal()?;
            self.expect(")")?;
            return Ok(json!({ path: {op: value} }));
        }
        for (sign, op) in [("==", "eq"), ("!=", "ne"), (">=", "gte"), ("<=", "lte"), (">", "gt"), ("<", "lt")] {
            if self.take(sign) {
                return Ok(json!({ path: {op: self.literal()?} }));
            }
        }
        self.space();
        let rest = self.rest().strip_prefix("in").filter(|rest| rest.starts_with([' ', '[', '\t', '\n']));
        if rest.is_none() {
            return Err(self.lost());
        }
        self.at += 2;
        self.expect("[")?;
        let mut values = vec![self.literal()?];
        while self.take(",") {
            values.push(self.literal()?);
        }
        self.expect("]")?;
        Ok(json!({ path: {"in": values} }))
    }

    /// Names with dots between them.
    fn path(&mut self) -> Result<String, Invalid> {
        self.space();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let path: &str = &self.rest()[..self.rest().find(|c| !is_name(c)).unwrap_or(self.rest().len())];
        let first = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !path.split('.').all(first) {
            return Err(self.lost());
        }
        self.at += path.len();
        Ok(path.to_owned())
    }

    fn literal(&mut self) -> Result<Value, Invalid> {
        self.space();
        for (word, value) in [("true", json!(true)), ("false", json!(false)), ("null", Value::Null)] {
            let rest = self.rest().strip_prefix(word);
            if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
                self.at += word.len();
                return Ok(value);
            }
        }
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.number(),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Value, Invalid> {
        let (mut text, mut escaped) = (String::new(), false);
        for (place, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => {
                    text.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                c if c == quote => {
                    self.at += place + c.len_utf8();
                    return Ok(Value::from(text));
                }
                c => text.push(c),
            }
        }
        Err(self.lost())
    }

    fn number(&mut self) -> Result<Value, Invalid> {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
        let digits = &self.rest()[..self.rest().find(|c| !is_digit(c)).unwrap_or(self.rest().len())];
        let whole = digits.parse::<i64>().ok().map(Number::from);
        let number = whole.or_else(|| digits.parse().ok().and_then(Number::from_f64)).ok_or_else(|| self.lost())?;
        self.at += digits.len();
        Ok(Value::Number(number))
    }
}

/// One node is itself; the parts of several stay apart, as one object can ask for a field once.
fn group(word: &str, mut nodes: Vec<Value>) -> Value {
    if nodes.len() == 1 { nodes.remove(0) } else { json!({ word: nodes }) }
}

/// What holds exactly where this does not; `None` for comparisons, which a missing value meets neither way.
fn opposite(node: &Value) -> Option<Value> {
    let (key, value) = node.as_object().and_then(|object: &Map<String, Value>| object.iter().next())?;
    if let ("any" | "all", Value::Array(items)) = (key.as_str(), value) {
        let items: Vec<Value> = items.iter().map(opposite).collect::<Option<_>>()?;
        let word = if key == "any" { "all" } else { "any" };
        return Some(json!({ word: items }));
    }
    let (op, value) = value.as_object()?.iter().next()?;
    let (op, value) = match op.as_str() {
        "eq" => ("ne", value.clone()),
        "ne" => ("eq", value.clone()),
        "in" => ("nin", value.clone()),
        "nin" => ("in", value.clone()),
        "exists" => ("exists", json!(!value.as_bool()?)),
        _ => return None,
    };
    Some(json!({ key: {op: value} }))
}
