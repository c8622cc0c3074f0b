//! What the handler of a provider needs to know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Provider;
use crate::values::wire_enum;
use crate::{BranchId, FieldInvalid, Invalid, Label, Phone, Region, UserId};

/// A telephone system tells of at most so many numbers of people.
const MAX_AGENTS: usize = 200;

wire_enum! {
    /// What becomes of calls from numbers that no lead has.
    UnknownCallers, "unknown_choice",
    /// They are kept as calls.
    Keep = "keep",
    /// Whoever called becomes a lead.
    Lead = "lead",
}

/// What a provider's handler needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationSettings {
    /// Of one that tells of calls.
    Telephony(Telephony),
}

/// Whose calls are whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telephony {
    /// Whose calls those are that no number tells and whose lead is nobody's.
    #[serde(rename = "agentId")]
    pub agent: UserId,
    /// Where calls belong that are with no lead.
    pub branch_id: BranchId,
    /// The people by the numbers they are called at or call from.
    #[serde(default)]
    pub agents: BTreeMap<Phone, UserId>,
    /// What becomes of calls from numbers that no lead has.
    pub unknown_callers: UnknownCallers,
    /// The source of the leads they become.
    pub source: Label,
}

impl Telephony {
    /// With nothing set but who gets what is nobody's.
    pub fn new(agent: UserId, branch_id: BranchId) -> Self {
        let (agents, unknown_callers) = (BTreeMap::new(), UnknownCallers::Keep);
        Self { agent, branch_id, agents, unknown_callers, source: Label::known("Phone") }
    }

    /// The person of a number.
    pub fn agent_of(&self, number: Option<&Phone>) -> Option<UserId> {
        self.agents.get(number?).copied()
    }
}

impl IntegrationSettings {
    /// What a new connection is set to where nobody says otherwise: `agent` and `branch` are those of who makes it.
    pub fn of(provider: Provider, agent: UserId, branch: BranchId) -> Self {
        match provider {
            Provider::Telephony | Provider::Twilio => Self::Telephony(Telephony::new(agent, branch)),
        }
    }

    /// The settings of one that tells of calls.
    pub const fn telephony(&self) -> &Telephony {
        match self {
            Self::Telephony(telephony) => telephony,
        }
    }

    /// As they look from outside.
    pub fn shown(&self) -> Value {
        match self {
            Self::Telephony(telephony) => serde_json::to_value(telephony).unwrap_or_default(),
        }
    }

    /// The people and the branch that they name, for whoever must know whether they are there.
    pub fn names(&self) -> (Vec<UserId>, BranchId) {
        match self {
            Self::Telephony(telephony) => {
                let mut people: Vec<UserId> = telephony.agents.values().copied().chain([telephony.agent]).collect();
                people.sort_unstable();
                people.dedup();
                (people, telephony.branch_id)
            }
        }
    }

    /// A merge update: each field of the patch replaces ours, every wrong one is named; `agents` is replaced whole.
    pub fn merged(&self, patch: Map<String, Value>) -> Result<Self, Vec<FieldInvalid>> {
        let mut reader = Reader { patch, wrong: Vec::new() };
        let merged = match self {
            Self::Telephony(known) => {
                let known = known.clone();
                Self::Telephony(Telephony {
                    agent: reader.parsed("agentId").unwrap_or(known.agent),
                    branch_id: reader.parsed("branch_id").unwrap_or(known.branch_id),
                    agents: reader.agents().unwrap_or(known.agents),
                    unknown_callers: reader.parsed("unknown_callers").unwrap_or(known.unknown_callers),
                    source: reader.parsed("source").unwrap_or(known.source),
                })
            }
        };
        let Reader { patch, mut wrong } = reader;
        let unknown = |name: String| FieldInvalid::new(name, Invalid::new("unknown_setting", "is no setting of it"));
        wrong.extend(patch.into_iter().take(MAX_AGENTS).map(|(name, _)| unknown(shown(&name))));
        if wrong.is_empty() { Ok(merged) } else { Err(wrong.into_iter().map(|one| one.within("settings")).collect()) }
    }
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Takes fields out of a patch and remembers what was wrong with them.
struct Reader {
    patch: Map<String, Value>,
    wrong: Vec<FieldInvalid>,
}

impl Reader {
    fn parsed<T: std::str::FromStr<Err = Invalid>>(&mut self, name: &str) -> Option<T> {
        let read = match self.patch.shift_remove(name)? {
            Value::String(text) => text.parse(),
            Value::Null => Err(Invalid::required()),
            _ => Err(Invalid::new("not_text", "must be text")),
        };
        read.map_err(|invalid| self.wrong.push(FieldInvalid::new(name, invalid))).ok()
    }

    /// `{"+91…": "usr_…"}`; `null` clears.
    fn agents(&mut self) -> Option<BTreeMap<Phone, UserId>> {
        let entries = match self.patch.shift_remove("agents")? {
            Value::Null => return Some(BTreeMap::new()),
            Value::Object(entries) if entries.len() <= MAX_AGENTS => entries,
            Value::Object(_) => {
                self.wrong.push(FieldInvalid::new("agents", Invalid::new("too_many", "must have at most 200 numbers")));
                return None;
            }
            _ => {
                let invalid = Invalid::new("not_object", "must be an object of numbers and the people they belong to");
                self.wrong.push(FieldInvalid::new("agents", invalid));
                return None;
            }
        };
        let mut agents = BTreeMap::new();
        for (place, (number, user)) in entries.into_iter().enumerate() {
            let mut refuse = |invalid| self.wrong.push(FieldInvalid::new(format!("agents.{place}"), invalid));
            let number = Phone::parse(&number, Region::default());
            let user = user.as_str().ok_or_else(|| Invalid::new("not_text", "must be text")).and_then(str::parse);
            match (number, user) {
                (Ok(number), Ok(user)) => drop(agents.insert(number, user)),
                (Err(invalid), _) | (_, Err(invalid)) => refuse(invalid),
            }
        }
        Some(agents)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn what_a_patch_names_is_set_and_the_rest_stays() {
        let user = UserId::at(Timestamp::UNIX_EPOCH, [1; 10]);
        let settings = IntegrationSettings::of(Provider::Twilio, user, BranchId::at(Timestamp::UNIX_EPOCH, [2; 10]));
        let merged = settings.merged(map(&json!({"agents": {"98765 43210": user}, "unknown_callers": "lead"})));
        let telephony = merged.expect("settings").telephony().clone();
        let number: Phone = "+919876543210".parse().expect("a number");
        assert_eq!((telephony.agent_of(Some(&number)), telephony.agent), (Some(user), user));
        assert_eq!(telephony.unknown_callers, UnknownCallers::Lead);
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let settings = IntegrationSettings::of(
            Provider::Twilio,
            UserId::at(Timestamp::UNIX_EPOCH, [1; 10]),
            BranchId::at(Timestamp::UNIX_EPOCH, [2; 10]),
        );
        let patch = json!({"agentId": 5, "agents": {"12": "x"}, "source": null, "colour": "red"});
        let wrong = settings.merged(map(&patch)).expect_err("it is wrong");
        let mut fields: Vec<&str> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["settings.agentId", "settings.agents.0", "settings.colour", "settings.source"]);
    }
}
