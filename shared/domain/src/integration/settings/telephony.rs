//! Of those that tell of calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::intake::{Intake, Strangers};
use super::reader::{Reader, text};
use crate::values::wire_text;
use crate::{Invalid, Line, Phone, Region, UserId};

/// Whose calls are whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telephony {
    /// Where calls belong that no number tells of and whose lead is nobody's.
    #[serde(flatten)]
    pub intake: Intake,
    /// The people by the numbers they are called at or call from.
    #[serde(default)]
    pub agents: BTreeMap<Phone, UserId>,
    /// What becomes of calls from numbers that no lead has.
    pub unknown_callers: Strangers,
}

impl Telephony {
    /// With nothing set but who gets what is nobody's.
    pub const fn new(intake: Intake) -> Self {
        Self { intake, agents: BTreeMap::new(), unknown_callers: Strangers::Keep }
    }

    /// The person of a number.
    pub fn agent_of(&self, number: Option<&Phone>) -> Option<UserId> {
        self.agents.get(number?).copied()
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            intake: self.intake.merged(reader),
            agents: reader.entries("agents", self.agents, person),
            unknown_callers: reader.kept("unknown_callers", self.unknown_callers),
        }
    }
}

fn person(number: &str, user: Value) -> Result<(Phone, UserId), Invalid> {
    Ok((Phone::parse(number, Region::default())?, text(user)?.parse()?))
}

/// So the id of a messaging service begins, which has so many characters; no name has.
const SERVICE: (&str, usize) = ("MG", 34);

/// Calls as [`Telephony`] has them, and text messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twilio {
    /// Of its calls; where people belong who are no lead yet, of those who write as well.
    #[serde(flatten)]
    pub calls: Telephony,
    /// What becomes of those who write and are no lead.
    #[serde(default = "kept")]
    pub unknown_senders: Strangers,
    /// The account that sends text messages.
    #[serde(default)]
    pub account_sid: Option<TwilioAccount>,
    /// Who they come from: a number of the account, a short code, a name, or a messaging service (`MG…`).
    #[serde(default)]
    pub sender: Option<Line<34>>,
}

/// As calls have it; connections that are older than this setting are so too.
const fn kept() -> Strangers {
    Strangers::Keep
}

impl Twilio {
    /// With nothing set but who gets what is nobody's.
    pub(super) const fn new(intake: Intake) -> Self {
        Self { calls: Telephony::new(intake), unknown_senders: kept(), account_sid: None, sender: None }
    }

    /// The account and the sender of text messages, if both are set.
    pub fn texts(&self) -> Option<(&TwilioAccount, &str)> {
        Some((self.account_sid.as_ref()?, self.sender.as_ref()?.as_str()))
    }

    /// Whether a text message to this number or short code, by this messaging service if by any, is the connection's, as far
    /// as it is told which are: the sender, and the numbers of its people. Of a name nobody can tell where it is answered.
    pub fn hears(&self, to: &str, service: Option<&str>) -> bool {
        let Some(sender) = self.sender.as_ref().map(Line::as_str) else { return true };
        let number = |text: &str| Phone::parse(text, Region::default()).ok();
        let to_number = number(to);
        if self.calls.agent_of(to_number.as_ref()).is_some() {
            return true;
        }
        let (begins, length) = SERVICE;
        if sender.starts_with(begins) && sender.len() == length {
            return service.is_none_or(|service| service == sender);
        }
        match number(sender) {
            Some(own) => to_number.is_some_and(|to| to == own),
            None => sender == to || sender.bytes().any(|byte| byte.is_ascii_alphabetic()),
        }
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            calls: self.calls.merged(reader),
            unknown_senders: reader.kept("unknown_senders", self.unknown_senders),
            account_sid: reader.open("account_sid", self.account_sid),
            sender: reader.open("sender", self.sender),
        }
    }
}

/// An account of Twilio: `AC` and 32 hexadecimal digits.
///
/// <https://www.twilio.com/docs/glossary/what-is-a-sid>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioAccount(String);

impl TwilioAccount {
    /// As Twilio writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TwilioAccount {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let digits = text.strip_prefix("AC").filter(|digits| digits.len() == 32);
        match digits {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(Self(text.to_owned())),
            _ => Err(Invalid::new("not_an_account", "must be AC and 32 hexadecimal digits")),
        }
    }
}

wire_text!(TwilioAccount, |schema| schema.pattern(Some("^AC[0-9a-fA-F]{32}$")));
