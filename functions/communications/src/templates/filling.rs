//! A template filled in for somebody.

use domain::communication::HeldTemplate;
use domain::template::{Content, GIVEN};
use domain::{Grant, Invalid, Lead, LeadId, Membership, Organization, Permission, PersonName, Template};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{ReadError, there};
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem, SignedIn};
use wording::{Written, fill};

/// Whom a template is filled in for, and with what.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TemplateFilling {
    /// A lead in reach; a made-up one where nobody is named.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// What whoever sends it would hand in, by the names of its variables.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    values: Field<Map<String, Value>>,
}

impl Fields for TemplateFilling {
    const WRITES: &'static [&'static str] = &["lead_id", "values"];
}

/// What a template comes to.
pub(crate) struct Filled {
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    pub(crate) html: Option<String>,
    /// What the provider fills in itself, where it holds the text.
    pub(crate) held: Option<HeldTemplate>,
}

/// Fills a template in for a lead as whoever asks sees them: 1 read of the lead, 1 of who works on them, and 1 more every
/// 30 seconds.
pub(crate) async fn filled(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    template: &Template,
    filling: TemplateFilling,
) -> Result<Filled, Problem> {
    let mut wrong = Vec::new();
    let lead = filling.lead_id.optional("lead_id", &mut wrong);
    let given = filling.values.optional("values", &mut wrong).unwrap_or_default();
    let values = template.content.values(&given).unwrap_or_else(|errors| {
        wrong.extend(errors.into_iter().map(|error| error.within("values")));
        Map::new()
    });
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let lead = match lead {
        Some(lead) => Some(lead_of(app, signed_in, lead).await?),
        None => None,
    };
    filled_with(app, grant, template, lead.as_ref(), values).await
}

/// The same for a lead that was read, or for somebody who is none, with these values.
pub(crate) async fn fill_for(
    app: &App,
    grant: &Grant,
    template: &Template,
    lead: Option<&Lead>,
    given: &Map<String, Value>,
) -> Result<Filled, Problem> {
    let values = template.content.values(given);
    let values = values.map_err(|wrong| wrong.into_iter().map(|one| one.within("variables")).collect::<Vec<_>>())?;
    filled_with(app, grant, template, lead, values).await
}

async fn filled_with(
    app: &App,
    grant: &Grant,
    template: &Template,
    lead: Option<&Lead>,
    values: Map<String, Value>,
) -> Result<Filled, Problem> {
    let agent = match lead.and_then(|lead| lead.assigned_to) {
        Some(user) => there(app.table().get::<Membership>(grant, Membership::id_of(user)).await)?,
        None => None,
    };
    let organization = app.organization(grant).await?;
    let context = context(grant, lead, agent.as_ref(), &organization, values);
    let mut wrong = Vec::new();
    let Content { subject, body, html, variables: _, registration: _, held } = &template.content;
    let mut part = |field: &str, source: &str, written| {
        fill(source, written, &context).map_err(|unfilled| wrong.push(unfilled.of(field))).ok()
    };
    let subject = subject.as_ref().and_then(|source| part("subject", source.as_str(), Written::Text));
    let body = part("body", body.as_str(), Written::Text);
    let html = html.as_ref().and_then(|source| part("html", source.as_str(), Written::Html));
    let held = held.as_ref().map(|name| {
        let mut value = |place: &str| part("body", &format!("{{{{ {place} }}}}"), Written::Text).unwrap_or_default();
        let values = template.content.places().map(|place| (named(place), value(place))).collect();
        HeldTemplate { name: name.to_string(), language: template.language.clone(), values }
    });
    match body {
        Some(body) if wrong.is_empty() => Ok(Filled { subject, body, html, held }),
        _ => Err(wrong.into()),
    }
}

/// The name of a place, for providers that have names for theirs: that of its variable, with `_` for what is no letter or
/// digit.
fn named(place: &str) -> String {
    let variable = place.split('|').next().unwrap_or_default().trim();
    variable.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect()
}

async fn lead_of(app: &App, signed_in: &SignedIn, id: LeadId) -> Result<Lead, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    match app.table().get(&grant, id).await {
        Err(ReadError::NotFound) => Err(Problem::field("lead_id", Invalid::new("unknown_lead", "is not a lead"))),
        read => Ok(read?),
    }
}

/// What a template sees: whom it goes to, as whoever asks sees them, of whom, and who works on them.
fn context(
    grant: &Grant,
    lead: Option<&Lead>,
    agent: Option<&Membership>,
    organization: &Organization,
    values: Map<String, Value>,
) -> Value {
    let clear = grant.clear();
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
