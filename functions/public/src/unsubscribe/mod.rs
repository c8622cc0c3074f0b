//! Links in messages by which people object (RFC 8058). Looking at one changes nothing, as programs look at links, too;
//! a `POST` acts. The link is its own proof: its signature tells organization, address and channel without a look-up.

pub(crate) mod act;
mod page;
pub(crate) mod preferences;
pub(crate) mod show;

use domain::{Caller, ContactAddress, ContactChannel, Grant, Lead, Permission};
use store::{UnsubscribeLink, there};
use web::consents::Speaker;
use web::{App, Problem};

/// A link that we signed, and what whoever follows it may do.
struct Followed {
    link: UnsubscribeLink,
    grant: Grant,
    organization: String,
}

/// What a link means; one that we did not sign, or whose organization is gone, is 404. 1 read every 30 seconds.
async fn follow(app: &App, token: &str) -> Result<Followed, Problem> {
    let link = UnsubscribeLink::open(token, app.table().hash_key()).ok_or_else(Problem::not_found)?;
    let grant = Caller::visitor(link.organization).allow(Permission::LeadsWrite)?;
    let organization = app.organization(&grant).await?.name;
    Ok(Followed { link, grant, organization })
}

/// Who follows a link. Where the lead that it names still has that address, they are known by it: 1 read.
async fn speaker(app: &App, followed: &Followed) -> Result<Speaker, Problem> {
    let Followed { link, grant, .. } = followed;
    let lead: Option<Lead> = match link.lead {
        Some(lead) => there(app.table().get(grant, lead).await)?,
        None => None,
    };
    let address = lead.as_ref().and_then(|lead| match link.channel {
        ContactChannel::Email => lead.email.clone().map(ContactAddress::Email),
        ContactChannel::Sms | ContactChannel::Whatsapp | ContactChannel::Phone => {
            lead.phone.clone().map(ContactAddress::Phone)
        }
    });
    let key = app.table().hash_key();
    let address = address.filter(|address| key.reachability_id(link.organization, address) == link.contact);
    let lead = lead.filter(|_| address.is_some()).map(|lead| (lead.id, lead.branch_id, lead.assigned_to));
    Ok(Speaker { contact: link.contact, address, lead, by: None })
}
