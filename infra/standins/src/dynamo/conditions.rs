use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::keys::Keys;

/// An attribute value that is text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text<'a> {
    #[serde(rename = "S", borrow)]
    pub(super) text: Cow<'a, str>,
}

/// How a sort key is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Below,
    AtMost,
    Above,
    AtLeast,
}

type Bounds<'a> = Vec<(Comparison, Cow<'a, str>)>;

/// A key condition whose values are all text.
pub(super) struct Conditions<'a> {
    /// The partition key's value.
    pub(super) partition: &'a str,
    /// The bounds of the sort key.
    pub(super) sort: Bounds<'a>,
}

type Names<'a> = HashMap<Cow<'a, str>, Cow<'a, str>>;
type Values<'a> = HashMap<Cow<'a, str>, Text<'a>>;

/// What one condition needs to be understood.
struct Reader<'a> {
    tokens: std::vec::IntoIter<&'a str>,
    names: &'a Names<'a>,
    values: &'a Values<'a>,
    used: HashSet<&'a str>,
}

impl<'a> Conditions<'a> {
    /// Reads an expression of the usual forms: the partition key equal to a value, and one comparison of the sort
    /// key. `None` for any other.
    pub(super) fn read(expression: &'a str, names: &'a Names<'a>, values: &'a Values<'a>, keys: &Keys) -> Option<Self> {
        let tokens = tokens(expression).into_iter();
        let mut reader = Reader { tokens, names, values, used: HashSet::new() };
        let first = reader.condition()?;
        let second = match reader.tokens.next() {
            None => None,
            Some(and) if and.eq_ignore_ascii_case("and") => Some(reader.condition()?),
            Some(_) => return None,
        };
        let all_used = reader.tokens.next().is_none() && reader.used.len() == names.len() + values.len();
        let ((hash, mut equal), sort) = match second {
            Some(second) if second.0 == keys.partition => (second, Some(first)),
            second => (first, second),
        };
        let ((Comparison::Equal, Cow::Borrowed(partition)), true) = (equal.pop()?, equal.is_empty()) else {
            return None;
        };
        let sort = match sort {
            Some((name, bounds)) if name == keys.sort => bounds,
            Some(_) => return None,
            None => Vec::new(),
        };
        let filled = !partition.is_empty() && sort.iter().all(|(_, value)| !value.is_empty());
        (all_used && hash == keys.partition && filled).then_some(Self { partition, sort })
    }
}

impl<'a> Reader<'a> {
    fn condition(&mut self) -> Option<(&'a str, Bounds<'a>)> {
        let first = self.tokens.next()?;
        if first == "begins_with" {
            self.expect("(")?;
            let name = self.tokens.next()?;
            let name = self.name(name)?;
            self.expect(",")?;
            let prefix = self.value()?;
            self.expect(")")?;
            // Nothing sorts above the last character there is.
            let above = format!("{prefix}\u{10FFFF}");
            return Some((
                name,
                vec![(Comparison::AtLeast, Cow::Borrowed(prefix)), (Comparison::Below, Cow::Owned(above))],
            ));
        }
        let name = self.name(first)?;
        let comparison = match self.tokens.next()? {
            "=" => Comparison::Equal,
            "<" => Comparison::Below,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Above,
            ">=" => Comparison::AtLeast,
            between if between.eq_ignore_ascii_case("between") => {
                let low = self.value()?;
                let and = self.tokens.next()?;
                let high = self.value()?;
                let bounds = vec![(Comparison::AtLeast, Cow::Borrowed(low)), (Comparison::AtMost, Cow::Borrowed(high))];
                return (and.eq_ignore_ascii_case("and") && low <= high).then_some((name, bounds));
            }
            _ => return None,
        };
        Some((name, vec![(comparison, Cow::Borrowed(self.value()?))]))
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        (self.tokens.next()? == token).then_some(())
    }

    /// A bare name that is a reserved word passes here; the engine would refuse it.
    fn name(&mut self, token: &'a str) -> Option<&'a str> {
        if token.starts_with('#') {
            self.used.insert(token);
            return self.names.get(token).map(|name| &**name);
        }
        Some(token)
    }

    fn value(&mut self) -> Option<&'a str> {
        let token = self.tokens.next()?;
        self.used.insert(token);
        self.values.get(token).map(|value| &*value.text)
    }
}

/// Words, and the signs between them.
fn tokens(expression: &str) -> Vec<&str> {
    let mut tokens = Vec::with_capacity(8);
    let mut rest = expression.trim_start();
    while !rest.is_empty() {
        let word = rest.find(|c: char| c.is_ascii_whitespace() || "=<>(),".contains(c)).unwrap_or(rest.len());
        let length = match word {
            0 if rest.starts_with("<=") || rest.starts_with(">=") || rest.starts_with("<>") => 2,
            0 => 1,
            word => word,
        };
        let (token, left) = rest.split_at(length);
        tokens.push(token);
        rest = left.trim_start();
    }
    tokens
}
