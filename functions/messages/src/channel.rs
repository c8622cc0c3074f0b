//! The ways to reach people: each writes the message as its channel wants it, and hands it to its provider.

use domain::{Message, Recipient};
use providers::{Mail, SendError, TextMessage};
use runtime::Platform;

use crate::templates::{self, Letter};

/// Sends the message and returns the provider's id of it.
pub(crate) async fn send(platform: &Platform, message: &Message) -> Result<String, SendError> {
    match &message.to {
        Recipient::Email(address) => {
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

fn none(channel: &str) -> SendError {
    SendError::Refused(format!("no {channel} provider is configured"))
}

fn unwritten(error: &templates::Unwritable) -> SendError {
    SendError::Refused(error.to_string())
}
