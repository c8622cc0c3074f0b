//! CloudFormation's intrinsic functions, conditions and parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use serde_norway::Value as Yaml;

use super::TemplateError;
use super::account::{self, NUMBER, STACK};

/// How deep conditions may refer to conditions and values may nest.
const DEPTH: usize = 64;

/// Turns the template's values into plain ones.
pub(super) struct Resolver<'a> {
    document: &'a Yaml,
    parameters: BTreeMap<String, String>,
}

impl<'a> Resolver<'a> {
    /// `given` replace the parameters' defaults.
    pub(super) fn new(document: &'a Yaml, given: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let mut parameters = BTreeMap::new();
        for (name, definition) in members(document.get("Parameters")) {
            let value = match given.get(name) {
                Some(value) => value.clone(),
                None => definition
                    .get("Default")
                    .and_then(scalar)
                    .ok_or_else(|| TemplateError::lacks(format!("parameter {name}"), "a default"))?,
            };
            parameters.insert(name.to_owned(), value);
        }
        match given.keys().find(|name| !parameters.contains_key(*name)) {
            Some(name) => Err(TemplateError::Undefined(format!("parameter {name}"))),
            None => Ok(Self { document, parameters }),
        }
    }

    /// The resources, in the template's order.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&'a str, &'a Yaml)> {
        members(self.document.get("Resources"))
    }

    /// Whether the resource's condition, if it has one, holds.
    pub(super) fn stands(&self, resource: &Yaml) -> Result<bool, TemplateError> {
        resource.get("Condition").and_then(Yaml::as_str).map_or(Ok(true), |name| self.condition(name, 0))
    }

    pub(super) fn type_of(&self, id: &str) -> Result<&'a str, TemplateError> {
        let resource = self.document.get("Resources").and_then(|resources| resources.get(id));
        let resource = resource.ok_or_else(|| TemplateError::Undefined(id.to_owned()))?;
        resource.get("Type").and_then(Yaml::as_str).ok_or_else(|| TemplateError::lacks(id, "Type"))
    }

    /// The properties of a resource, all values plain.
    pub(super) fn properties(&self, id: &str, resource: &Yaml) -> Result<Map<String, Value>, TemplateError> {
        self.object(id, resource.get("Properties"))
    }

    /// What `Globals` says of a kind of resource.
    pub(super) fn globals(&self, kind: &str) -> Result<Map<String, Value>, TemplateError> {
        self.object("Globals", self.document.get("Globals").and_then(|globals| globals.get(kind)))
    }

    fn object(&self, place: &str, value: Option<&Yaml>) -> Result<Map<String, Value>, TemplateError> {
        match value.map(|value| self.value(place, value, 0)).transpose()?.flatten() {
            Some(Value::Object(object)) => Ok(object),
            None => Ok(Map::new()),
            Some(_) => Err(TemplateError::bad(place, "not a mapping")),
        }
    }

    /// A plain value; `None` for `AWS::NoValue`.
    fn value(&self, place: &str, value: &Yaml, depth: usize) -> Result<Option<Value>, TemplateError> {
        if depth > DEPTH {
            return Err(TemplateError::bad(place, "nested too deep"));
        }
        Ok(Some(match value {
            Yaml::Null => Value::Null,
            Yaml::Bool(bool) => Value::Bool(*bool),
            Yaml::Number(_) | Yaml::String(_) => {
                serde_json::to_value(value).map_err(|error| TemplateError::bad(place, error))?
            }
            Yaml::Sequence(items) => Value::Array(self.items(place, items, depth)?),
            Yaml::Mapping(_) => {
                let mut object = Map::new();
                for (name, member) in members(Some(value)) {
                    if name == "Ref" || name.starts_with("Fn::") {
                        return Err(TemplateError::unknown(place, format!("the long form {name}; write it as a tag")));
                    }
                    if let Some(member) = self.value(&format!("{place}.{name}"), member, depth + 1)? {
                        object.insert(name.to_owned(), member);
                    }
                }
                Value::Object(object)
            }
            Yaml::Tagged(tagged) => {
                let tag = tagged.tag.to_string();
                return self.call(place, tag.trim_start_matches('!'), &tagged.value, depth + 1);
            }
        }))
    }

    fn items(&self, place: &str, items: &[Yaml], depth: usize) -> Result<Vec<Value>, TemplateError> {
        let items = items.iter().map(|item| self.value(place, item, depth + 1));
        items.filter_map(Result::transpose).collect()
    }

    fn call(&self, place: &str, function: &str, argument: &Yaml, depth: usize) -> Result<Option<Value>, TemplateError> {
        let bad = || TemplateError::bad(place, format!("!{function} takes other arguments"));
        let list = || argument.as_sequence().map(Vec::as_slice).ok_or_else(bad);
        let text = |value: &Yaml| match self.value(place, value, depth)? {
            Some(Value::String(text)) => Ok(text),
            _ => Err(bad()),
        };
        Ok(Some(match function {
            "Ref" => match argument.as_str().ok_or_else(bad)? {
                "AWS::NoValue" => return Ok(None),
                name => Value::String(self.reference(name)?),
            },
            "GetAtt" => Value::String(self.attribute(place, argument.as_str().ok_or_else(bad)?)?),
            "Sub" => Value::String(self.substitute(place, argument.as_str().ok_or_else(bad)?)?),
            "If" => match list()? {
                [condition, then, otherwise] => {
                    let holds = self.condition(condition.as_str().ok_or_else(bad)?, depth)?;
                    return self.value(place, if holds { then } else { otherwise }, depth);
                }
                _ => return Err(bad()),
            },
            "Equals" | "Not" | "And" | "Or" | "Condition" => Value::Bool(self.holds(place, function, argument, depth)?),
            "Join" => match list()? {
                [separator, Yaml::Sequence(items)] => {
                    let items = items.iter().map(text).collect::<Result<Vec<_>, _>>()?;
                    Value::String(items.join(&text(separator)?))
                }
                _ => return Err(bad()),
            },
            "Split" => match list()? {
                [separator, whole] => {
                    let (separator, whole) = (text(separator)?, text(whole)?);
                    whole.split(separator.as_str()).map(|part| Value::String(part.to_owned())).collect()
                }
                _ => return Err(bad()),
            },
            "Select" => match list()? {
                [index, from] => {
                    let index = index.as_u64().and_then(|index| usize::try_from(index).ok()).ok_or_else(bad)?;
                    let from = self.value(place, from, depth)?;
                    let chosen = from.as_ref().and_then(Value::as_array).and_then(|from| from.get(index));
                    chosen.cloned().ok_or_else(bad)?
                }
                _ => return Err(bad()),
            },
            unknown => return Err(TemplateError::unknown(place, format!("!{unknown}"))),
        }))
    }

    fn reference(&self, name: &str) -> Result<String, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        Ok(match name {
            "AWS::Region" => standins::REGION.to_owned(),
            "AWS::AccountId" => NUMBER.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::StackName" => STACK.to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            // SAM names the stage it makes beside an API.
            _ => match name.strip_suffix(".Stage") {
                Some(api) => account::name(api),
                None => account::reference(self.type_of(name)?, name),
            },
        })
    }

    fn attribute(&self, place: &str, path: &str) -> Result<String, TemplateError> {
        let (id, attribute) = path.split_once('.').ok_or_else(|| TemplateError::bad(place, path))?;
        let found = account::attribute(self.type_of(id)?, id, attribute);
        found.ok_or_else(|| TemplateError::unknown(place, format!("the attribute {path}")))
    }

    fn substitute(&self, place: &str, text: &str) -> Result<String, TemplateError> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| TemplateError::bad(place, "an open ${"))?;
            resolved.push_str(before);
            match name.strip_prefix('!') {
                Some(literal) => resolved.extend(["${", literal, "}"]),
                None if self.parameters.contains_key(name) || name.starts_with("AWS::") => {
                    resolved.push_str(&self.reference(name)?);
                }
                None if name.contains('.') => resolved.push_str(&self.attribute(place, name)?),
                None => resolved.push_str(&self.reference(name)?),
            }
            rest = after;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    fn condition(&self, name: &str, depth: usize) -> Result<bool, TemplateError> {
        let place = format!("condition {name}");
        let condition = self.document.get("Conditions").and_then(|conditions| conditions.get(name));
        match condition.ok_or_else(|| TemplateError::Undefined(place.clone()))? {
            Yaml::Tagged(tagged) => {
                let tag = tagged.tag.to_string();
                self.holds(&place, tag.trim_start_matches('!'), &tagged.value, depth + 1)
            }
            _ => Err(TemplateError::bad(place, "not a condition")),
        }
    }

    fn holds(&self, place: &str, function: &str, argument: &Yaml, depth: usize) -> Result<bool, TemplateError> {
        if depth > DEPTH {
            return Err(TemplateError::bad(place, "nested too deep"));
        }
        let list = argument.as_sequence().map(Vec::as_slice).unwrap_or_default();
        let one = |value: &Yaml| match value {
            Yaml::Tagged(tagged) => {
                self.holds(place, tagged.tag.to_string().trim_start_matches('!'), &tagged.value, depth + 1)
            }
            _ => Err(TemplateError::bad(place, "not a condition")),
        };
        match (function, list) {
            ("Condition", _) => self.condition(argument.as_str().unwrap_or_default(), depth + 1),
            ("Equals", [left, right]) => Ok(self.value(place, left, depth)? == self.value(place, right, depth)?),
            ("Not", [negated]) => Ok(!one(negated)?),
            ("And", [_, ..]) => list.iter().try_fold(true, |all, next| Ok(all & one(next)?)),
            ("Or", [_, ..]) => list.iter().try_fold(false, |any, next| Ok(any | one(next)?)),
            _ => Err(TemplateError::unknown(place, format!("the condition !{function}"))),
        }
    }
}

/// The members of a mapping whose names are text.
fn members(value: Option<&Yaml>) -> impl Iterator<Item = (&str, &Yaml)> {
    let members = value.and_then(Yaml::as_mapping).into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.as_str()?, value)))
}

fn scalar(value: &Yaml) -> Option<String> {
    match value {
        Yaml::String(text) => Some(text.clone()),
        Yaml::Number(number) => Some(number.to_string()),
        Yaml::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}
