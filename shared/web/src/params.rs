//! Query parameters: read once, decoded, bounded.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::{FieldInvalid, Invalid};
use percent_encoding::percent_decode_str;

use crate::Problem;

/// At most so many parameters.
const MAX: usize = 100;

/// The parameters of a query, in their order.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Parses what stands behind the question mark.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        if pairs.len() > MAX {
            return Err(Problem::bad_request("too_many_parameters", "A query may have 100 parameters at most."));
        }
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| Problem::bad_request("bad_query", "The query is not UTF-8."))
        };
        pairs
            .into_iter()
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The first value of a parameter; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Those that are not named in `reserved`: the filters.
    pub fn others<'a>(&'a self, reserved: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(name, _)| !reserved.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A whole number; what is no number is added to `wrong`.
    pub fn number(&self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<u32> {
        let text = self.get(name)?;
        text.parse()
            .map_err(|_| {
                wrong.push(FieldInvalid::new(name, Invalid::new("not_whole_number", "must be a whole number")));
            })
            .ok()
    }

    /// True or false; what is neither is added to `wrong`.
    pub fn flag(&self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<bool> {
        match self.get(name)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                wrong.push(FieldInvalid::new(name, Invalid::new("not_boolean", "must be true or false")));
                None
            }
        }
    }

    /// A value with a type of its own; what is none is added to `wrong`.
    pub fn parsed<T: std::str::FromStr<Err = Invalid>>(&self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
        self.get(name)?.parse().map_err(|invalid| wrong.push(FieldInvalid::new(name, invalid))).ok()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}
