//! Whom a communication is with, and whose it is.

use domain::{
    BranchId, CommunicationDirection, CommunicationType, ContactAddress, ContactChannel, FieldInvalid, Grant, Invalid,
    Lead, Line, UserId,
};
use store::ReadError;
use web::members::assignee;
use web::{App, Problem, SignedIn};

use super::body::Wanted;
use crate::person::lead_of;

/// Whom it is with, and where it belongs.
pub(super) struct Whom {
    pub(super) lead: Option<Lead>,
    /// The other side's address or number.
    pub(super) address: Option<ContactAddress>,
    /// The other side, where that is neither.
    pub(super) other: Option<Line<320>>,
    pub(super) branch: BranchId,
    pub(super) user: UserId,
}

/// Whom a body means: 1 read for a lead that is named, 1 or 2 for an address, 1 for somebody else whose it shall be.
pub(super) async fn whom(app: &App, signed_in: &SignedIn, grant: &Grant, wanted: &Wanted) -> Result<Whom, Problem> {
    let Wanted { lead, user, other, is_sent, details, .. } = wanted;
    let side = match details.direction {
        CommunicationDirection::Inbound => "sender",
        CommunicationDirection::Outbound => "recipient",
    };
    let told = match other {
        Some(other) => match told(other, details.kind.channel(), *is_sent) {
            Ok(told) => told,
            Err(invalid) => return Err(Problem::field(side, invalid)),
        },
        None => None,
    };
    let lead = match (lead, &told) {
        (Some(id), _) => match app.table().get(grant, *id).await {
            Err(ReadError::NotFound) => {
                return Err(Problem::field("lead_id", Invalid::new("unknown_lead", "is not a lead")));
            }
            read => Some(read?),
        },
        (None, Some(address)) => lead_of(app, grant, address).await?,
        (None, None) => None,
    };
    let own = || {
        let lead = lead.as_ref()?;
        match details.kind {
            CommunicationType::Email => lead.email.clone().map(ContactAddress::Email),
            CommunicationType::Sms | CommunicationType::Whatsapp | CommunicationType::Call => {
                lead.phone.clone().map(ContactAddress::Phone)
            }
            CommunicationType::Meeting | CommunicationType::Letter | CommunicationType::Chat => None,
        }
    };
    let other = other.clone().filter(|_| told.is_none());
    let address = if other.is_none() { told.or_else(own) } else { None };
    if *is_sent && address.is_none() {
        let invalid = if lead.is_some() {
            FieldInvalid::new("lead_id", Invalid::new("no_address", "has no address on this channel"))
        } else {
            FieldInvalid::new(side, Invalid::new("required", "or lead_id is required"))
        };
        return Err(Problem::invalid([invalid]));
    }
    let user = match user {
        Some(user) if *user != signed_in.user => {
            assignee(app, grant, *user, "user_id").await?;
            *user
        }
        _ => signed_in.user,
    };
    let branch = lead.as_ref().map(|lead| lead.branch_id).or(signed_in.branch);
    let branch = branch.ok_or_else(|| Problem::field("lead_id", Invalid::required()))?;
    Ok(Whom { lead, address, other, branch, user })
}

/// An address or number; what is sent from here must be one of its channel.
fn told(text: &Line<320>, channel: Option<ContactChannel>, is_sent: bool) -> Result<Option<ContactAddress>, Invalid> {
    let read: Result<ContactAddress, Invalid> = text.as_str().parse();
    match (read, channel) {
        (Ok(address), Some(channel)) => match address.fits(channel) {
            Ok(()) => Ok(Some(address)),
            Err(invalid) if is_sent => Err(invalid),
            Err(_) => Ok(None),
        },
        (Ok(address), None) => Ok(Some(address)),
        (Err(invalid), _) if is_sent => Err(invalid),
        (Err(_), _) => Ok(None),
    }
}
