//! `POST /suppressions`.

use axum::extract::State;
use domain::outreach::{SuppressionDetails, SuppressionReason};
use domain::{ContactAddress, ContactChannel, FieldInvalid, Invalid, Line, Permission, UserId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, FromWire, Problem, SignedIn};

use super::{SuppressionView, suppress};

/// An address or number that is not to be written to.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewSuppression {
    /// An e-mail address or a phone number.
    #[serde(default)]
    #[schema(value_type = String, required)]
    contact: Field<ContactAddress>,
    /// Over which channel; `email` for an address, and to be told for a number.
    #[serde(default)]
    #[schema(value_type = Option<ContactChannel>)]
    channel: Field<ContactChannel>,
    /// Why; `manual` where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<SuppressionReason>)]
    reason: Field<SuppressionReason>,
    #[serde(default)]
    #[schema(value_type = Option<Line<255>>)]
    note: Field<Line<255>>,
    /// Until when; for good where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Field<Timestamp>,
}

impl Fields for NewSuppression {
    const WRITES: &'static [&'static str] = &["contact", "channel", "reason", "note", "expires_at"];
    const READ_ONLY: &'static [&'static str] = &["id", "active", "suppressed_by", "created_at", "updated_at"];
}

impl NewSuppression {
    /// Every wrong field is named.
    pub(crate) fn parse(self, by: UserId, now: Timestamp) -> Result<SuppressionDetails, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let contact = self.contact.required("contact", &mut wrong);
        let is_email = matches!(contact, Some(ContactAddress::Email(_)));
        let channel = if is_email && !self.channel.is_present() {
            Some(ContactChannel::Email)
        } else {
            self.channel.required("channel", &mut wrong)
        };
        let reason = self.reason.optional("reason", &mut wrong).unwrap_or(SuppressionReason::Manual);
        let note = self.note.optional("note", &mut wrong);
        let expires_at = self.expires_at.optional("expires_at", &mut wrong);
        if expires_at.is_some_and(|at| at <= now) {
            wrong.push(FieldInvalid::new("expires_at", Invalid::new("in_the_past", "must be in the future")));
        }
        if let (Some(contact), Some(channel)) = (&contact, channel)
            && let Err(invalid) = contact.fits(channel)
        {
            wrong.push(FieldInvalid::new("channel", invalid));
        }
        match channel {
            Some(channel) if wrong.is_empty() => {
                Ok(SuppressionDetails { address: contact, channel, reason, note, expires_at, by: Some(by) })
            }
            _ => Err(wrong),
        }
    }
}

/// An element of an import.
impl FromWire for NewSuppression {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        web::wire::fields(value)
    }
}

/// Suppresses an address or number on a channel: nothing more goes there, for `unsubscribe` and `dnd` nothing of
/// marketing. One that is suppressed already is so for the new reason, unless the old one stands against more. 1 read,
/// 1 transaction.
#[utoipa::path(
    post, path = "/suppressions", tag = "suppressions", request_body = NewSuppression,
    responses((status = 201, description = "Suppressed.", body = Envelope<SuppressionView>)),
)]
pub(crate) async fn suppression_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewSuppression>,
) -> Result<Created<SuppressionView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SuppressionsWrite)?, app.now());
    let details = body.parse(signed_in.user, now)?;
    let (suppression, _) = suppress(&app, &grant, &details).await?;
    let (location, version) = (format!("/suppressions/{}", suppression.id), suppression.meta.version);
    Ok(Created { data: SuppressionView::new(suppression, grant.clear(), now), location, version })
}
