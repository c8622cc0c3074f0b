//! What a person reads of a message.

use mail_parser::{MessageParser, MimeHeaders as _};
use serde::Serialize;
use standins::outbox::OutboxMessage;

pub(super) struct Reading {
    pub(super) text: String,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<Attachment>,
}

/// A file that came with a mail.
#[derive(Serialize)]
pub(super) struct Attachment {
    pub(super) name: String,
    pub(super) bytes: usize,
}

pub(super) fn read(message: &OutboxMessage) -> Reading {
    let parsed = (message.channel == "email").then(|| MessageParser::default().parse(&message.raw)).flatten();
    match parsed {
        Some(parsed) => Reading {
            text: parsed.body_text(0).unwrap_or_default().into_owned(),
            // Of a mail of text alone the parser would make HTML by itself.
            html: parsed
                .html_bodies()
                .next()
                .filter(|part| part.is_text_html())
                .and_then(|part| part.text_contents().map(str::to_owned)),
            attachments: parsed
                .attachments()
                .map(|part| Attachment {
                    name: part.attachment_name().unwrap_or("(no name)").to_owned(),
                    bytes: part.contents().len(),
                })
                .collect(),
        },
        None => {
            Reading { text: String::from_utf8_lossy(&message.raw).into_owned(), html: None, attachments: Vec::new() }
        }
    }
}

/// The `From` of a mail as a mail program shows it; the sender that the outbox has where it has none.
pub(super) fn sender(message: &OutboxMessage) -> String {
    let parsed = MessageParser::default().parse(&message.raw);
    let from = parsed.as_ref().and_then(|mail| mail.from()?.first());
    match from.map(|from| (from.name(), from.address())) {
        Some((Some(name), Some(address))) => format!("{name} <{address}>"),
        Some((None, Some(address))) => address.to_owned(),
        _ => message.from.clone(),
    }
}
