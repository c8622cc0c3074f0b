//! What a page sends: the fields of a lead, and one that only robots fill in.

use domain::lead::LeadDetails;
use domain::{CustomFields, EmailAddress, FieldInvalid, Form, Invalid, Label, PersonName, Phone};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use web::{Field, Fields, Problem};

use crate::input::{Input, filled};

/// The field that a page hides from people; whoever fills it in is a robot.
pub(crate) const HONEYPOT: &str = "website";

/// A field that a page may show.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageField {
    /// Its name in the body.
    name: &'static str,
    /// The `type` of an HTML input that suits it; `object` for free fields.
    r#type: &'static str,
    /// At most so many characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u16>,
}

const fn field(name: &'static str, r#type: &'static str, max_length: Option<u16>) -> PageField {
    PageField { name, r#type, max_length }
}

/// The fields that a page may show.
pub(crate) const PAGE_FIELDS: &[PageField] = &[
    field("full_name", "text", Some(200)),
    field("first_name", "text", Some(200)),
    field("last_name", "text", Some(200)),
    field("email", "email", Some(254)),
    field("phone", "tel", None),
    field("city", "text", Some(120)),
    field("custom_fields", "object", None),
    field("utm_source", "hidden", Some(120)),
    field("utm_medium", "hidden", Some(120)),
    field("utm_campaign", "hidden", Some(120)),
    field("ref", "hidden", Some(8)),
];

/// What a page sends. An empty text counts as absent.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadForm {
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    full_name: Field<Input<PersonName>>,
    /// The same by another name.
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    name: Field<Input<PersonName>>,
    /// With `last_name`, where the whole name is not given.
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    first_name: Field<Input<PersonName>>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<Input<PersonName>>,
    /// This or a phone must be given.
    #[serde(default)]
    #[schema(value_type = Option<EmailAddress>)]
    email: Field<Input<EmailAddress>>,
    /// As people write it; without a country code it is read as dialled in India.
    #[serde(default)]
    #[schema(value_type = Option<Phone>)]
    phone: Field<Input<Phone>>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    city: Field<Input<Label>>,
    #[serde(default)]
    #[schema(value_type = Option<CustomFields>)]
    custom_fields: Field<CustomFields>,
    /// Kept in the lead's history, and as its medium where `utm_medium` is not given. The source itself
    /// is the form's: visitors cannot make up sources.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    utm_source: Field<Input<Label>>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    utm_medium: Field<Input<Label>>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    utm_campaign: Field<Input<Label>>,
    /// The code of the referral link that the visitor followed, which makes a new lead its owner's. One that is no
    /// link of the form's organization has no effect.
    #[serde(default, rename = "ref")]
    #[schema(value_type = Option<Label>)]
    referral: Field<Input<Label>>,
    /// To be hidden from people and left empty.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    website: Field<Value>,
}

impl Fields for LeadForm {
    const WRITES: &'static [&'static str] = &[
        "full_name",
        "name",
        "first_name",
        "last_name",
        "email",
        "phone",
        "city",
        "custom_fields",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "ref",
        HONEYPOT,
    ];
}

/// A lead as a visitor tells of it.
pub(crate) struct Submission {
    /// What is told.
    pub(crate) details: LeadDetails,
    /// The site that the visitor came from, where the page knows it.
    pub(crate) utm_source: Option<Label>,
    /// The code of the referral link that they followed.
    pub(crate) referral: Option<Label>,
}

impl LeadForm {
    /// Whether the field that people do not see is filled in.
    pub(crate) fn is_a_robots(&self) -> bool {
        match &self.website {
            Field::Given(Value::String(text)) => !text.trim().is_empty(),
            Field::Given(_) => true,
            Field::Absent | Field::Null | Field::Wrong(_) => false,
        }
    }

    /// The lead, as one of `form`. Every wrong field is named.
    pub(crate) fn parse(self, form: &Form) -> Result<Submission, Problem> {
        let Self {
            full_name,
            name,
            first_name,
            last_name,
            email,
            phone,
            city,
            custom_fields,
            utm_source,
            utm_medium,
            utm_campaign,
            referral,
            website: _,
        } = self;
        let mut wrong = Vec::new();
        let full_name = filled(full_name, "full_name", &mut wrong);
        let name = filled(name, "name", &mut wrong);
        let first_name = filled(first_name, "first_name", &mut wrong);
        let last_name = filled(last_name, "last_name", &mut wrong);
        let parts = joined(first_name, last_name, &mut wrong);
        let email = filled(email, "email", &mut wrong);
        let phone = filled(phone, "phone", &mut wrong);
        let reachable = email.is_some() || phone.is_some();
        if !reachable && !wrong.iter().any(|wrong| wrong.field == "email" || wrong.field == "phone") {
            let why = || Invalid::new("required", "email or phone is required");
            wrong.extend(["email", "phone"].map(|field| FieldInvalid::new(field, why())));
        }
        let utm_source = filled(utm_source, "utm_source", &mut wrong);
        let referral = filled(referral, "ref", &mut wrong);
        let medium = filled(utm_medium, "utm_medium", &mut wrong).or_else(|| utm_source.clone());
        let details = LeadDetails {
            full_name: full_name.or(name).or(parts),
            email,
            phone,
            external_id: None,
            source: form.source.parse().ok(),
            medium,
            campaign: filled(utm_campaign, "utm_campaign", &mut wrong),
            city: filled(city, "city", &mut wrong),
            priority: None,
            tags: domain::Tags::default(),
            custom_fields: custom_fields.optional("custom_fields", &mut wrong).unwrap_or_default(),
        };
        if wrong.is_empty() { Ok(Submission { details, utm_source, referral }) } else { Err(wrong.into()) }
    }
}

/// A name of two parts, of which either may be missing.
fn joined(first: Option<PersonName>, last: Option<PersonName>, wrong: &mut Vec<FieldInvalid>) -> Option<PersonName> {
    match (first, last) {
        (Some(first), Some(last)) => format!("{first} {last}")
            .parse()
            .map_err(|invalid| wrong.push(FieldInvalid::new("last_name", invalid)))
            .ok(),
        (first, last) => first.or(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_page_has_an_effect() {
        for field in PAGE_FIELDS {
            assert!(LeadForm::WRITES.contains(&field.name), "{}", field.name);
        }
    }
}
