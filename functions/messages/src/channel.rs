//! The ways to reach people: each writes the message as its channel wants it, and hands it to its provider.

use domain::{ContactChannel, ContactPurpose, Message, Recipient};
use jiff::SignedDuration;
use providers::{Mail, SendError, TextMessage};
use runtime::Platform;
use store::UnsubscribeLink;

use crate::push;
use crate::templates::{self, Letter};

/// A message was not handed over.
pub(crate) enum Unsent {
    /// It will not be taken, however often it is tried.
    Refused(String),
    /// There is nobody there any more.
    Gone(&'static str),
    /// It was not taken this time; the provider may ask for a rest.
    NotTaken(String, Option<SignedDuration>),
}

impl From<SendError> for Unsent {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Refused(why) => Self::Refused(why),
            SendError::NotTaken { why, rest } => Self::NotTaken(why, rest),
        }
    }
}

/// Sends the message and returns the provider's id of it.
///
/// `from_name` is what people outside read as its sender, where the organization says so.
pub(crate) async fn send(platform: &Platform, message: &Message, from_name: Option<String>) -> Result<String, Unsent> {
    match &message.to {
        Recipient::Email(address) => {
            let unsubscribe = unsubscribe(platform, message)?;
            let mailer = platform.mailer().map_err(|_| none("e-mail"))?;
            let letter = templates::letter(message.template, &message.values).map_err(|error| unwritten(&error))?;
            let Letter { subject, text, html } = letter;
            let mail = Mail {
                id: message.id.to_string(),
                at: message.meta.created_at,
                to: address.to_string(),
                subject,
                text,
                html: Some(html),
                from_name,
                unsubscribe,
            };
            Ok(mailer.send(&mail).await?)
        }
        Recipient::Sms(phone) => {
            let provider = platform.texts().ok_or_else(|| none("SMS"))?;
            let text = templates::short(message.template, &message.values).map_err(|error| unwritten(&error))?;
            let (id, to) = (message.id.to_string(), phone.as_str().to_owned());
            Ok(provider.send(&TextMessage { id, to, text, sender: None, template: None }).await?)
        }
        Recipient::Push(device) => push::send(platform, message, *device).await,
    }
}

/// The link by which whoever gets marketing by e-mail objects: no such mail goes without.
fn unsubscribe(platform: &Platform, message: &Message) -> Result<Option<String>, Unsent> {
    let Some(outreach) = message.outreach.as_ref().filter(|outreach| outreach.purpose == ContactPurpose::Marketing)
    else {
        return Ok(None);
    };
    let Some(base) = &platform.settings().api_url else {
        return Err(Unsent::Refused("no address is configured for links by which people unsubscribe".to_owned()));
    };
    let link = UnsubscribeLink {
        organization: message.meta.organization,
        contact: outreach.contact,
        channel: ContactChannel::Email,
        lead: outreach.lead,
    };
    Ok(Some(format!("{base}/public/unsubscribe/{}", link.sign(platform.table().hash_key()))))
}

pub(crate) fn none(channel: &str) -> Unsent {
    Unsent::Refused(format!("no {channel} provider is configured"))
}

fn unwritten(error: &templates::Unwritable) -> Unsent {
    Unsent::Refused(error.to_string())
}
