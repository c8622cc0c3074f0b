//! `GET /outbox`.

use std::fmt::Write as _;

use axum::extract::{Query, State};
use axum::response::Html;
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use web::html::escape;

use super::{Asked, CHANNELS, Failure, Shown, channel_name, failed, show};
use crate::console::html::page;

/// `GET /outbox`: the newest first, each as its receiver would see it, with the beginning of its text, so that a code is read
/// at a glance.
pub(in crate::console) async fn list(
    State(shown): State<Shown>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Failure> {
    let messages = asked.find(&shown)?;
    let mut body = channels(asked.channel());
    if messages.is_empty() {
        body.push_str("<p>Nothing was sent yet.</p>");
        return Ok(page("Outbox", &body));
    }
    body.push_str("<ol class=\"messages\">");
    for message in &messages {
        let told = shown.outbox.told(message.id).map_err(|error| failed(&error))?;
        let last = told.last().map(|told| format!(" · last told: {}", escape(&told.what))).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "<li><p class=\"row\"><a href=\"/outbox/{id}\">{} to {}</a><small>no. {id}{last}</small></p>{}</li>",
            escape(channel_name(&message.channel)),
            escape(&message.to.join(", ")),
            show::brief(message, &told),
            id = message.id,
        );
    }
    body.push_str("</ol>");
    if let Some(last) = messages.last().filter(|_| messages.len() == asked.limit()) {
        let also = |name: &str, value: Option<&str>| {
            value.map(|value| format!("&amp;{name}={}", encoded(value))).unwrap_or_default()
        };
        let (to, channel) = (also("to", asked.to.as_deref()), also("channel", asked.channel()));
        let (last, limit) = (last.id, asked.limit());
        let _ = write!(body, "<p><a href=\"/outbox?before={last}&amp;limit={limit}{to}{channel}\">Older</a></p>");
    }
    Ok(page("Outbox", &body))
}

/// Links to what went over each channel.
pub(super) fn channels(current: Option<&str>) -> String {
    let mark = |is_current: bool| if is_current { " aria-current=\"page\"" } else { "" };
    let mut links =
        format!("<nav aria-label=\"Channels\"><ul><li><a href=\"/outbox\"{}>All</a></li>", mark(current.is_none()));
    for (channel, name) in CHANNELS {
        let mark = mark(current == Some(channel));
        let _ = write!(links, "<li><a href=\"/outbox?channel={channel}\"{mark}>{name}</a></li>");
    }
    links.push_str("</ul></nav>");
    links
}

fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
