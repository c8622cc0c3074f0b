//! Whom a body means: a lead in reach, or an address or number that may be a lead's.

use domain::{Claim, ContactAddress, ContactChannel, FieldInvalid, Grant, Invalid, Lead, LeadId};
use store::{ReadError, there};
use web::{App, Problem};

/// Somebody and where they are reached.
pub(crate) struct Person {
    pub(crate) address: ContactAddress,
    pub(crate) lead: Option<Lead>,
}

/// Who is named by a lead or by an address.
pub(crate) enum Named {
    Lead(LeadId),
    Address(ContactAddress),
}

impl Named {
    /// One of the two, not both.
    pub(crate) fn read(
        lead: Option<LeadId>,
        address: Option<ContactAddress>,
        wrong: &mut Vec<FieldInvalid>,
    ) -> Option<Self> {
        match (lead, address) {
            (Some(lead), None) => Some(Self::Lead(lead)),
            (None, Some(address)) => Some(Self::Address(address)),
            (None, None) | (Some(_), Some(_)) => {
                let invalid = Invalid::new("required", "name somebody by lead_id or by contact, not both");
                if !wrong.iter().any(|wrong| matches!(wrong.field.as_str(), "lead_id" | "contact")) {
                    wrong.push(FieldInvalid::new("lead_id", invalid));
                }
                None
            }
        }
    }

    /// The person, for a channel: 1 read, or 2 for an address that a lead has. A lead out of reach is as one that is not
    /// there; an address of such a lead is as one that is nobody's.
    pub(crate) async fn find(self, app: &App, grant: &Grant, channel: ContactChannel) -> Result<Person, Problem> {
        match self {
            Self::Lead(id) => {
                let lead: Lead = match app.table().get(grant, id).await {
                    Err(ReadError::NotFound) => {
                        return Err(Problem::field("lead_id", Invalid::new("unknown_lead", "is not a lead")));
                    }
                    read => read?,
                };
                let address = if channel.needs_phone() {
                    lead.phone.clone().map(ContactAddress::Phone)
                } else {
                    lead.email.clone().map(ContactAddress::Email)
                };
                let none = || Problem::field("lead_id", Invalid::new("no_address", "has no address on this channel"));
                Ok(Person { address: address.ok_or_else(none)?, lead: Some(lead) })
            }
            Self::Address(address) => {
                let lead = lead_of(app, grant, &address).await?;
                Ok(Person { address, lead })
            }
        }
    }
}

/// The lead in reach that has an address or number: 1 read, 2 where a lead has it.
pub(crate) async fn lead_of(app: &App, grant: &Grant, address: &ContactAddress) -> Result<Option<Lead>, Problem> {
    let claim: Claim = match address {
        ContactAddress::Email(email) => Lead::email_claim(email),
        ContactAddress::Phone(phone) => Lead::phone_claim(phone),
    };
    let Some(holder) = app.table().holder::<Lead>(grant.organization(), &claim).await? else { return Ok(None) };
    Ok(there(app.table().get(grant, holder).await)?)
}
