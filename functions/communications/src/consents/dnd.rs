//! `PUT /consents/do-not-disturb`.

use axum::extract::State;
use domain::outreach::DoNotDisturb;
use domain::{ContactAddress, ContactChannel, LeadId, Permission, Reachability};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, IfMatch, Problem, SignedIn, change_or_begin};

use super::current::DoNotDisturbView;
use crate::person::Named;

/// What the national do-not-disturb list says of a number.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DoNotDisturbUpdate {
    /// Whose number, by a lead.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// The number, instead.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    contact: Field<ContactAddress>,
    /// Whether it stands there.
    #[serde(default)]
    #[schema(value_type = bool, required)]
    listed: Field<bool>,
    /// When somebody looked, if not now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Field<Timestamp>,
}

impl Fields for DoNotDisturbUpdate {
    const WRITES: &'static [&'static str] = &["lead_id", "contact", "listed", "checked_at"];
}

/// Notes what the national do-not-disturb list says of a number: one that stands there gets no marketing by SMS or call.
/// 1 or 2 reads for the number, 1 read, 1 transaction.
#[utoipa::path(
    put, path = "/consents/do-not-disturb", tag = "consents", request_body = DoNotDisturbUpdate,
    responses((status = 200, description = "Noted.", body = Envelope<DoNotDisturbView>)),
)]
pub(crate) async fn do_not_disturb_update(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<DoNotDisturbUpdate>,
) -> Result<Data<DoNotDisturbView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::ConsentsWrite)?, app.now());
    let mut wrong = Vec::new();
    let lead = body.lead_id.optional("lead_id", &mut wrong);
    let contact = body.contact.optional("contact", &mut wrong);
    let listed = body.listed.required("listed", &mut wrong);
    let checked_at = body.checked_at.optional("checked_at", &mut wrong).unwrap_or(now).min(now);
    let named = Named::read(lead, contact, &mut wrong);
    let (Some(named), Some(listed), true) = (named, listed, wrong.is_empty()) else { return Err(wrong.into()) };
    let person = named.find(&app, &grant, ContactChannel::Phone).await?;
    person.address.fits(ContactChannel::Phone).map_err(|invalid| Problem::field("contact", invalid))?;
    let id = app.table().hash_key().reachability_id(grant.organization(), &person.address);
    let begin = Reachability::new(id, grant.organization(), now);
    let dnd = DoNotDisturb { listed, checked_at, by: Some(signed_in.user) };
    let known = change_or_begin(&app, &grant, begin, IfMatch(None), &[], |known| Ok(known.checked(dnd, now))).await?;
    let dnd = known.dnd.unwrap_or(dnd);
    Ok(Data(DoNotDisturbView { listed: dnd.listed, checked_at: dnd.checked_at }))
}
