//! The ways to reach people: each writes the message as its channel wants it, and hands it to its provider.

use domain::{Message, Recipient};
use jiff::SignedDuration;
use providers::{Mail, SendError, TextMessage};
use runtime::Platform;

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
pub(crate) async fn send(platform: &Platform, message: &Message) -> Result<String, Unsent> {
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

pub(crate) fn none(channel: &str) -> Unsent {
    Unsent::Refused(format!("no {channel} provider is configured"))
}

fn unwritten(error: &templates::Unwritable) -> Unsent {
    Unsent::Refused(error.to_string())
}
