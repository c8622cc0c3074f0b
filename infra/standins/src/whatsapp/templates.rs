//! The templates of an account: their words, and where each stands.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::graph::page;
use crate::provider::Response;

/// A template's name and its language.
type Key = (String, String);

pub(super) struct Templates {
    bodies: HashMap<Key, String>,
    /// Where each stands that is not approved, in Meta's words: the state, and why it was rejected.
    judged: Mutex<HashMap<Key, (String, String)>>,
}

impl Templates {
    pub(super) fn of(bodies: HashMap<Key, String>) -> Self {
        Self { bodies, judged: Mutex::default() }
    }

    /// Meta judges one anew: what its webhook tells of it.
    pub(super) fn judge(&self, name: &str, language: &str, event: &str, reason: &str) -> Value {
        let key = (name.to_owned(), language.to_owned());
        let stands = (event.to_owned(), reason.to_owned());
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(key, stands);
        json!({
            "event": event,
            "message_template_id": 1_689_556_908_129_832_u64,
            "message_template_name": name,
            "message_template_language": language,
            "reason": reason,
            "message_template_category": "UTILITY",
        })
    }

    /// Where a template stands, and why.
    fn stands(&self, key: &Key) -> (String, String) {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.get(key).cloned().unwrap_or_else(|| ("APPROVED".to_owned(), "NONE".to_owned()))
    }

    /// A page of the templates with `name` as a part of theirs, in the order of their names, with the place behind it.
    pub(super) fn listed(&self, query: &str) -> Response {
        let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "name");
        let part = asked.map(|(_, part)| part).unwrap_or_default();
        let known: BTreeMap<_, _> = self.bodies.keys().map(|key| (key, self.stands(key))).collect();
        let named = known.into_iter().filter(|((name, _), _)| name.contains(&*part));
        let told = named.map(|((name, language), (status, reason))| {
            json!({"name": name, "language": language, "status": status, "rejected_reason": reason, "id": "1"})
        });
        page(query, told)
    }

    /// The words of a message over a template.
    pub(super) fn filled(&self, template: &Value) -> Result<String, u32> {
        let name = template["name"].as_str().ok_or(131_008_u32)?;
        let language = template["language"]["code"].as_str().ok_or(131_008_u32)?;
        let key = (name.to_owned(), language.to_owned());
        let body = self.bodies.get(&key).ok_or(132_001_u32)?;
        match self.stands(&key).0.as_str() {
            "APPROVED" | "REINSTATED" => {}
            "PAUSED" => return Err(132_015),
            "DISABLED" => return Err(132_016),
            _ => return Err(132_001),
        }
        let components = template["components"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut values = Vec::new();
        for component in components {
            let parameters = component["parameters"].as_array().ok_or(131_008_u32)?;
            match component["type"].as_str() {
                Some("body") => {
                    let text = |parameter: &Value| parameter["text"].as_str().map(str::to_owned).ok_or(131_009_u32);
                    values = parameters.iter().map(text).collect::<Result<_, _>>()?;
                }
                Some("header") => {}
                Some("button") if component["index"].is_string() && component["sub_type"].is_string() => {}
                _ => return Err(100),
            }
        }
        fill(body, &values).ok_or(132_000)
    }
}

/// A body with what stands in its places, in their order; `None` where there are more or fewer.
fn fill(body: &str, values: &[String]) -> Option<String> {
    let (mut filled, mut rest, mut values) = (String::new(), body, values.iter());
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        filled.push_str(values.next()?);
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    filled.push_str(rest);
    values.next().is_none().then_some(filled)
}
