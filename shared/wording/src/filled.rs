//! What an organization's people wrote, filled in for somebody.

use domain::communication::HeldTemplate;
use domain::template::{Content, GIVEN};
use domain::{FieldInvalid, Lead, Membership, Organization, PersonName, PersonalFields};
use serde_json::{Map, Value, json};

use crate::{Written, fill};

/// What stands in every template's places: whom it goes to, of whom, and who works on them.
#[derive(Debug, Clone, Copy)]
pub struct Whom<'a> {
    /// What of them is told in the clear.
    pub clear: PersonalFields,
    /// Whom it goes to; somebody made up where it is nobody yet.
    pub lead: Option<&'a Lead>,
    /// Who works on them.
    pub agent: Option<&'a Membership>,
    /// Whose words they are.
    pub organization: &'a Organization,
}

/// What a template comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// One line, where it has one.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The same as HTML, where it has that.
    pub html: Option<String>,
    /// What the provider fills in itself, where it holds the text.
    pub held: Option<HeldTemplate>,
}

/// Fills in a content of this language with the values of its variables, as [`Content::values`] reads them. Every part that
/// cannot be is named.
pub fn filled(
    content: &Content,
    language: &str,
    whom: Whom<'_>,
    values: Map<String, Value>,
) -> Result<Filled, Vec<FieldInvalid>> {
    let context = context(whom, values);
    let mut wrong = Vec::new();
    let Content { subject, body, html, variables: _, registration: _, held } = content;
    let mut part = |field: &str, source: &str, written| {
        fill(source, written, &context).map_err(|unfilled| wrong.push(unfilled.of(field))).ok()
    };
    let subject = subject.as_ref().and_then(|source| part("subject", source.as_str(), Written::Text));
    let body = part("body", body.as_str(), Written::Text);
    let html = html.as_ref().and_then(|source| part("html", source.as_str(), Written::Html));
    let held = held.as_ref().map(|name| {
        let mut value = |place: &str| part("body", &format!("{{{{ {place} }}}}"), Written::Text).unwrap_or_default();
        let values = content.places().map(|place| (named(place), value(place))).collect();
        HeldTemplate { name: name.to_string(), language: language.to_owned(), values }
    });
    match body {
        Some(body) if wrong.is_empty() => Ok(Filled { subject, body, html, held }),
        _ => Err(wrong),
    }
}

/// What stands in a content, with nothing filled in.
pub fn as_written(content: &Content) -> Filled {
    Filled {
        subject: content.subject.as_ref().map(ToString::to_string),
        body: content.body.to_string(),
        html: content.html.as_ref().map(ToString::to_string),
        held: None,
    }
}

/// The name of a place, for providers that have names for theirs: that of its variable, with `_` for what is no letter or
/// digit.
fn named(place: &str) -> String {
    let variable = place.split('|').next().unwrap_or_default().trim();
    variable.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect()
}

fn context(whom: Whom<'_>, values: Map<String, Value>) -> Value {
    let Whom { clear, lead, agent, organization } = whom;
    let name = lead.map_or("Asha Example", |lead| lead.full_name.as_ref().map_or("", PersonName::as_str));
    let mut context = json!({
        "lead": {
            "name": name,
            "first_name": name.split_whitespace().next(),
            "email": lead.and_then(|lead| lead.email.as_ref()).map(|email| clear.email(email)),
            "phone": lead.and_then(|lead| lead.phone.as_ref()).map(|phone| clear.phone(phone)),
            "city": lead.and_then(|lead| lead.city.as_ref()),
            "source": lead.and_then(|lead| lead.source.as_ref()),
            "status": lead.map(|lead| &lead.status),
            "campaign": lead.and_then(|lead| lead.campaign.as_ref()),
            "score": lead.map(|lead| lead.score),
            "tags": lead.map(|lead| &lead.tags),
            "custom": lead.map(|lead| &lead.custom_fields),
        },
        "organization": {"name": organization.name, "currency": organization.currency},
        "agent": {"name": agent.map(|agent| &agent.name), "email": agent.map(|agent| &agent.email)},
    });
    debug_assert!(
        GIVEN.iter().all(|name| context.pointer(&format!("/{}", name.replace('.', "/"))).is_some()),
        "what is given is here"
    );
    if let Value::Object(context) = &mut context {
        context.extend(values);
    }
    context
}
