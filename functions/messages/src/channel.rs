//! The ways to reach people: each writes the message as its channel wants it, and hands it to its provider.

use domain::{CommunicationSettings, ContactChannel, ContactPurpose, Message, Recipient};
use providers::{Mail, SendError, TextMessage};
use runtime::Platform;
use store::UnsubscribeLink;

use crate::templates::{self, Letter};

/// Sends the message and returns the provider's id of it.
pub(crate) async fn send(
    platform: &Platform,
    message: &Message,
    settings: Option<&CommunicationSettings>,
) -> Result<String, SendError> {
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
                from_name: settings.and_then(|settings| settings.sender_name.as_ref()).map(ToString::to_string),
                unsubscribe,
            };
            mailer.send(&mail).await
        }
        Recipient::Sms(phone) => {
            let provider = platform.texts().ok_or_else(|| none("SMS"))?;
            let text = templates::short(message.template, &message.values).map_err(|error| unwritten(&error))?;
            provider.send(&TextMessage { id: message.id.to_string(), to: phone.as_str().to_owned(), text }).await
        }
    }
}

/// The link by which whoever gets marketing objects: no such mail goes without.
fn unsubscribe(platform: &Platform, message: &Message) -> Result<Option<String>, SendError> {
    let Some(outreach) = message.outreach.as_ref().filter(|outreach| outreach.purpose == ContactPurpose::Marketing)
    else {
        return Ok(None);
    };
    let Some(base) = &platform.settings().public_url else {
        return Err(SendError::Refused("no address is configured for links by which people unsubscribe".to_owned()));
    };
    let link = UnsubscribeLink {
        organization: message.meta.organization,
        contact: outreach.contact,
        channel: ContactChannel::from(&message.to),
        lead: outreach.lead,
    };
    Ok(Some(format!("{base}/public/unsubscribe/{}", link.sign(platform.table().hash_key()))))
}

fn none(channel: &str) -> SendError {
    SendError::Refused(format!("no {channel} provider is configured"))
}

fn unwritten(error: &templates::Unwritable) -> SendError {
    SendError::Refused(error.to_string())
}
