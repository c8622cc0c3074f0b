//! `POST /consents`.

use axum::extract::State;
use domain::outreach::{ConsentDetails, ConsentState};
use domain::{ContactAddress, ContactChannel, ContactPurpose, Label, LeadId, Note, Permission};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::consents::enter;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::ConsentView;
use crate::person::Named;

/// What somebody agreed to, or withdrew.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewConsent {
    /// Who, by a lead.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// Who, by an address or number, instead.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    contact: Field<ContactAddress>,
    #[serde(default)]
    #[schema(value_type = ContactChannel, required)]
    channel: Field<ContactChannel>,
    #[serde(default)]
    #[schema(value_type = ContactPurpose, required)]
    purpose: Field<ContactPurpose>,
    #[serde(default)]
    #[schema(value_type = ConsentState, required)]
    state: Field<ConsentState>,
    /// Where they said it: `form`, `call`, `paper`.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    source: Field<Label>,
    /// What shows that they did: the words they were asked, the place of a recording.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    proof: Field<Note>,
    /// When they said it, if not now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Field<Timestamp>,
}

impl Fields for NewConsent {
    const WRITES: &'static [&'static str] =
        &["lead_id", "contact", "channel", "purpose", "state", "source", "proof", "at"];
    const READ_ONLY: &'static [&'static str] = &["id", "recorded_by", "created_at"];
}

impl NewConsent {
    fn parse(self) -> Result<(Named, ConsentDetails), Problem> {
        let mut wrong = Vec::new();
        let lead = self.lead_id.optional("lead_id", &mut wrong);
        let contact = self.contact.optional("contact", &mut wrong);
        let channel = self.channel.required("channel", &mut wrong);
        let purpose = self.purpose.required("purpose", &mut wrong);
        let state = self.state.required("state", &mut wrong);
        let source = self.source.required("source", &mut wrong);
        let proof = self.proof.optional("proof", &mut wrong);
        let at = self.at.optional("at", &mut wrong);
        let named = Named::read(lead, contact, &mut wrong);
        match (named, channel, purpose, state, source) {
            (Some(named), Some(channel), Some(purpose), Some(state), Some(source)) if wrong.is_empty() => {
                Ok((named, ConsentDetails { channel, purpose, state, source, proof, at }))
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Enters what somebody agreed to, or withdrew. Entries are never changed: the latest word on a channel and purpose counts.
///
/// Who withdraws their consent to marketing is suppressed there, too; who agrees again is not. 1 or 2 reads for the person,
/// 1 or 2 for what is known of the address, 1 transaction.
#[utoipa::path(
    post, path = "/consents", tag = "consents", request_body = NewConsent,
    responses((status = 201, description = "Entered.", body = Envelope<ConsentView>)),
)]
pub(crate) async fn consent_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewConsent>,
) -> Result<Created<ConsentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ConsentsWrite)?;
    let (named, details) = body.parse()?;
    let person = named.find(&app, &grant, details.channel).await?;
    let by = Some(signed_in.user);
    let speaker = app.platform().speaker(&grant, person.address, person.lead.as_ref(), by);
    let entered = enter(&app, &grant, &speaker, &[details]).await?;
    let consent = entered.into_iter().next().ok_or_else(|| Problem::internal("one word makes one entry"))?;
    let (location, version) = (format!("/consents/{}", consent.id), consent.meta.version);
    Ok(Created { data: ConsentView::new(consent, grant.clear()), location, version })
}
