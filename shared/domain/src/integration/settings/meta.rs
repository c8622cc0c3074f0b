//! Of WhatsApp and Facebook.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::intake::{Intake, Strangers};
use super::reader::{Reader, text};
use crate::lead::RowField;
use crate::values::wire_text;
use crate::{Invalid, Line};

/// A number of the business on WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whatsapp {
    /// Where those belong who write and are no lead.
    #[serde(flatten)]
    pub intake: Intake,
    /// What becomes of them.
    pub unknown_senders: Strangers,
    /// Meta's id of the number that messages come from.
    #[serde(default)]
    pub phone_number_id: Option<MetaId>,
    /// Meta's id of the account that has the templates.
    #[serde(default)]
    pub business_account_id: Option<MetaId>,
}

impl Whatsapp {
    pub(super) const fn new(intake: Intake) -> Self {
        Self { intake, unknown_senders: Strangers::Lead, phone_number_id: None, business_account_id: None }
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            intake: self.intake.merged(reader),
            unknown_senders: reader.kept("unknown_senders", self.unknown_senders),
            phone_number_id: reader.open("phone_number_id", self.phone_number_id),
            business_account_id: reader.open("business_account_id", self.business_account_id),
        }
    }
}

/// A page whose lead ads bring leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facebook {
    /// Where its leads belong.
    #[serde(flatten)]
    pub intake: Intake,
    /// Meta's id of the page.
    #[serde(default)]
    pub page_id: Option<MetaId>,
    /// The field of a lead that a question of a form answers, by the question's name: `full_name`, `email`,
    /// `custom_fields.x`, or empty for none. A question that is not here goes where its name says.
    #[serde(default)]
    pub mapping: BTreeMap<Line<120>, String>,
}

impl Facebook {
    pub(super) const fn new(intake: Intake) -> Self {
        Self { intake, page_id: None, mapping: BTreeMap::new() }
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            intake: self.intake.merged(reader),
            page_id: reader.open("page_id", self.page_id),
            mapping: reader.entries("mapping", self.mapping, answer),
        }
    }
}

fn answer(question: &str, field: Value) -> Result<(Line<120>, String), Invalid> {
    let field: RowField = text(field)?.parse()?;
    Ok((question.parse()?, field.name()))
}

/// An id of Meta's: up to 20 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaId(String);

impl MetaId {
    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for MetaId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("not_a_meta_id", "must have 1 to 20 digits"))
    }
}

wire_text!(MetaId, |schema| schema.pattern(Some("^[0-9]{1,20}$")));
