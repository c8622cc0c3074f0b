//! The ways to reach people: each writes the message as its channel wants it, and hands it to its provider.

use domain::communication::HeldTemplate;
use domain::{Communication, ContactAddress, ContactChannel, Message, MessageTemplate, Recipient};
use jiff::SignedDuration;
use providers::{
    Attachment, Mail, SendError, TemplateComponent, TemplateValue, TextMessage, TextSender, TextTemplate, Way,
    WhatsAppBody, WhatsAppMedia, WhatsAppMessage, WhatsAppRecipient, WhatsAppTemplate,
};
use runtime::Platform;
use serde_json::{Map, json};
use store::UnsubscribeLink;

use crate::deliver::Taken;
use crate::push;
use crate::templates::{self, Letter};
use crate::tracking::Tracking;

/// A message was not handed over.
pub(crate) enum Unsent {
    /// It will not be taken, however often it is tried.
    Refused(String),
    /// There is nobody there any more.
    Gone(&'static str),
    /// It was not taken this time; the provider may ask for a rest.
    NotTaken(String, Option<SignedDuration>),
    /// Nobody knows whether it was taken.
    Unknown(String),
}

impl From<SendError> for Unsent {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Refused(why) => Self::Refused(why),
            SendError::NotTaken { why, rest } => Self::NotTaken(why, rest),
            SendError::Unknown(why) => Self::Unknown(why),
        }
    }
}

/// Sends the message and returns the provider's id of it.
pub(crate) async fn send(platform: &Platform, taken: &mut Taken) -> Result<String, Unsent> {
    let Taken { message, communication, sender, own, files } = taken;
    let (message, communication) = (&*message, &*communication);
    let way = own.as_ref().map(|own| &own.connected.way);
    match (&message.to, way) {
        (Recipient::Email(address), way) => {
            let mailer = match way {
                Some(Way::Mail(mailer)) => mailer,
                _ => platform.mailer().map_err(|_| none("e-mail"))?,
            };
            let Letter { subject, text, html } = letter(message, communication.as_ref())?;
            let html = match communication.as_ref().filter(|mail| sender.tracking && mail.is_tracked()) {
                Some(communication) => tracked(platform, communication, html),
                None => html,
            };
            let mail = Mail {
                id: message.id.to_string(),
                at: message.meta.created_at,
                to: address.to_string(),
                subject,
                text,
                html: Some(html),
                from_name: sender.name.clone(),
                unsubscribe: unsubscribe(platform, message)?,
                attachments: std::mem::take(files),
                // Of those that stand nowhere nobody wants to hear.
                organization: communication.as_ref().map(|mail| mail.meta.organization.to_string()),
            };
            Ok(mailer.send(&mail).await?)
        }
        (Recipient::Sms(number), Some(Way::Text { sender: provider, header })) => {
            // Operators of India alone know registered headers.
            let is_indian = ContactAddress::Phone(number.clone()).is_indian();
            let header = sender.header.clone().or_else(|| header.clone()).filter(|_| is_indian);
            text(provider.as_ref(), message, communication.as_ref(), header).await
        }
        (Recipient::Sms(_), _) => {
            let provider = platform.texts().ok_or_else(|| none("SMS"))?;
            text(provider, message, communication.as_ref(), None).await
        }
        (Recipient::Whatsapp(number), Some(Way::WhatsApp(provider))) => {
            let Some(communication) = communication else {
                return Err(Unsent::Refused("it has no words for WhatsApp".to_owned()));
            };
            let to = WhatsAppRecipient::Number(number.as_str().to_owned());
            let message =
                WhatsAppMessage { id: message.id.to_string(), to, body: whatsapp(communication, files.pop()) };
            Ok(provider.send(&message).await?)
        }
        (Recipient::Whatsapp(_), _) => Err(none("WhatsApp")),
        (Recipient::Push(device), _) => push::send(platform, message, *device).await,
    }
}

/// What an e-mail says: the words on somebody's timeline, or else a template of the platform's.
fn letter(message: &Message, communication: Option<&Communication>) -> Result<Letter, Unsent> {
    let Some(communication) = communication else {
        return templates::letter(message.template, &message.values).map_err(|error| unwritten(&error));
    };
    let Communication { subject, content, html, .. } = communication;
    let mut values = Map::new();
    values.insert("subject".to_owned(), json!(subject));
    values.insert("text".to_owned(), json!(content.as_ref().map_or("", |content| content.as_str())));
    if let Some(html) = html {
        values.insert("html".to_owned(), json!(html));
    }
    templates::letter(MessageTemplate::Written, &values).map_err(|error| unwritten(&error))
}

/// An e-mail's HTML with links that tell when somebody follows them, and a pixel that tells when somebody opens it; as it is
/// where no address is configured for them. Its plain text has the links that were written.
fn tracked(platform: &Platform, communication: &Communication, html: String) -> String {
    let Some(base) = &platform.settings().api_url else { return html };
    Tracking::new(base, platform.table().hash_key(), communication).put_into(&html)
}

async fn text(
    provider: &dyn TextSender,
    message: &Message,
    communication: Option<&Communication>,
    sender: Option<String>,
) -> Result<String, Unsent> {
    let Recipient::Sms(number) = &message.to else { return Err(none("SMS")) };
    let text = match communication {
        Some(communication) => words(communication).to_owned(),
        None => templates::short(message.template, &message.values).map_err(|error| unwritten(&error))?,
    };
    let template = communication.and_then(held).map(|held| {
        let HeldTemplate { name, language: _, values } = held.clone();
        TextTemplate { id: name, values }
    });
    let (id, to) = (message.id.to_string(), number.as_str().to_owned());
    Ok(provider.send(&TextMessage { id, to, text, sender, template }).await?)
}

/// Approved words, where they are ones, or else a file or free words, which are for those alone who wrote within a day.
fn whatsapp(communication: &Communication, file: Option<Attachment>) -> WhatsAppBody {
    if let Some(file) = file {
        let caption = communication.content.as_ref().map(ToString::to_string);
        return WhatsAppBody::Media(WhatsAppMedia { file, caption });
    }
    let Some(HeldTemplate { name, language, values }) = held(communication).cloned() else {
        return WhatsAppBody::Text { text: words(communication).to_owned(), preview: false };
    };
    let values: Vec<_> = values.into_iter().map(|(_, text)| TemplateValue::Text { name: None, text }).collect();
    let components = if values.is_empty() { Vec::new() } else { vec![TemplateComponent::Body(values)] };
    WhatsAppBody::Template(WhatsAppTemplate { name, language, components })
}

fn words(communication: &Communication) -> &str {
    communication.content.as_ref().map_or("", |content| content.as_str())
}

fn held(communication: &Communication) -> Option<&HeldTemplate> {
    communication.template.as_ref()?.held.as_ref()
}

/// The link by which whoever gets marketing by e-mail objects: no such mail goes without.
fn unsubscribe(platform: &Platform, message: &Message) -> Result<Option<String>, Unsent> {
    let Some(outreach) = message.outreach.as_ref().filter(|_| message.is_marketing()) else {
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
