//! Seeing a lead's masked fields.

use axum::extract::State;
use domain::{Change, FieldInvalid, Invalid, Lead, LeadId, Permission, PersonalField, Prose};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, SignedIn};

/// What of a lead somebody wants to see, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadReveal {
    /// Which fields.
    #[serde(default)]
    #[schema(value_type = Vec<PersonalField>, required, min_items = 1, max_items = 2)]
    fields: Field<Vec<PersonalField>>,
    /// Why; it is kept with the lead.
    #[serde(default)]
    #[schema(value_type = Prose<500>, required)]
    reason: Field<Prose<500>>,
}

impl Fields for LeadReveal {
    const WRITES: &'static [&'static str] = &["fields", "reason"];
}

/// The fields in the clear.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revealed {
    id: LeadId,
    /// Its address, if it was asked for and there is one.
    #[schema(required)]
    email: Option<String>,
    /// Its number, likewise.
    #[schema(required)]
    phone: Option<String>,
}

/// Shows a lead's personal fields to somebody who usually sees them masked. That it was done, by whom and why stands in
/// the lead's history before the answer is given. Costs 1 `GetItem` and 1 transaction.
#[utoipa::path(
    post, path = "/leads/{id}/reveal", tag = "leads",
    params(("id" = LeadId, Path)),
    request_body = LeadReveal,
    responses((status = 200, body = Envelope<Revealed>)),
)]
pub(crate) async fn lead_reveal(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    Body(LeadReveal { fields, reason }): Body<LeadReveal>,
) -> Result<Data<Revealed>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsReveal)?;
    let mut wrong = Vec::new();
    let fields = fields.required("fields", &mut wrong);
    let reason = reason.required("reason", &mut wrong);
    if fields.as_ref().is_some_and(|fields| fields.is_empty() || fields.len() > PersonalField::ALL.len()) {
        wrong.push(FieldInvalid::new("fields", Invalid::new("length", "must name one or two fields")));
    }
    let (Some(fields), Some(reason), true) = (fields, reason, wrong.is_empty()) else { return Err(wrong.into()) };

    let lead: Lead = app.table().get_to_change(&grant, id).await?;
    let revealed =
        Change::update(lead.clone(), lead, "lead.revealed").because(Some(reason.to_string())).with("fields", &fields);
    let lead = app.table().commit(&grant, revealed).await?;
    let asked = |field| fields.contains(&field);
    Ok(Data(Revealed {
        id,
        email: lead.email.filter(|_| asked(PersonalField::Email)).map(|address| address.to_string()),
        phone: lead.phone.filter(|_| asked(PersonalField::Phone)).map(|number| number.to_string()),
    }))
}
