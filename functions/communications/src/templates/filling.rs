//! A template filled in for somebody.

use domain::{Grant, Invalid, Lead, LeadId, Membership, Permission, Template};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{ReadError, there};
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem, SignedIn};
use wording::{Filled, Whom};

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
    let whom = Whom { clear: grant.clear(), lead, agent: agent.as_ref(), organization: &organization };
    Ok(wording::filled(&template.content, &template.language, whom, values)?)
}

async fn lead_of(app: &App, signed_in: &SignedIn, id: LeadId) -> Result<Lead, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    match app.table().get(&grant, id).await {
        Err(ReadError::NotFound) => Err(Problem::field("lead_id", Invalid::new("unknown_lead", "is not a lead"))),
        read => Ok(read?),
    }
}
