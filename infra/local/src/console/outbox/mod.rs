//! What would have been sent, as its receivers would see it, and the providers' part, played by hand.

mod address;
mod buttons;
mod form;
mod json;
mod list;
mod one;
mod play;
mod read;
mod show;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use standins::outbox::{Filter, LISTING_LIMIT, OutboxMessage};

use super::Shown;

pub(super) use address::address;
pub(super) use json::json;
pub(super) use list::list;
pub(super) use one::one;
pub(super) use play::play;

/// The channels, by the names that the outbox has for them, as people call them.
const CHANNELS: [(&str, &str); 5] =
    [("email", "E-mail"), ("sms", "SMS"), ("whatsapp", "WhatsApp"), ("push", "Push"), ("webhook", "Webhooks")];

type Failure = (StatusCode, String);

fn failed(error: &standins::Error) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}

/// Which messages to list.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Older than this one.
    before: Option<i64>,
    /// To this address.
    to: Option<String>,
    /// Over this channel; all of them where it is empty.
    channel: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

impl Asked {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(LISTING_LIMIT).clamp(1, LISTING_LIMIT)
    }

    fn channel(&self) -> Option<&str> {
        self.channel.as_deref().filter(|channel| !channel.is_empty())
    }

    fn find(&self, shown: &Shown) -> Result<Vec<OutboxMessage>, Failure> {
        let filter = Filter { to: self.to.as_deref(), channel: self.channel() };
        shown.outbox.find(filter, self.before, self.limit()).map_err(|error| failed(&error))
    }
}

/// One message, or that there is none.
fn message(shown: &Shown, id: i64) -> Result<OutboxMessage, Failure> {
    let message = shown.outbox.message(id).map_err(|error| failed(&error))?;
    message.ok_or_else(|| (StatusCode::NOT_FOUND, "there is no such message\n".to_owned()))
}

fn channel_name(channel: &str) -> &str {
    CHANNELS.iter().find(|(known, _)| *known == channel).map_or(channel, |(_, name)| name)
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// A time for HTML.
fn time(milliseconds: i64) -> String {
    let at = at(milliseconds);
    format!("<time datetime=\"{at}\">{}</time>", at.strftime("%-d %b %Y, %H:%M:%S UTC"))
}
