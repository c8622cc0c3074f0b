//! What would have been sent.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use jiff::Timestamp;
use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use standins::outbox::{LISTING_LIMIT, OutboxMessage};

use super::Shown;
use super::html::{escape, linked, page};

/// The characters of a text that a list shows: enough for a code.
const PREVIEW: usize = 160;

/// Which messages to list.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Older than this one.
    before: Option<i64>,
    /// To this address.
    to: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

type Failure = (StatusCode, String);

fn failed(error: &standins::Error) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}

impl Asked {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(LISTING_LIMIT).clamp(1, LISTING_LIMIT)
    }

    fn find(&self, shown: &Shown) -> Result<Vec<OutboxMessage>, Failure> {
        let found = match &self.to {
            Some(to) => shown.outbox.messages_to(to, self.before, self.limit()),
            None => shown.outbox.messages(self.before, self.limit()),
        };
        found.map_err(|error| failed(&error))
    }
}

/// `GET /outbox`: the newest first, with the beginning of each text, so that a code is read at a glance.
pub(super) async fn list(State(shown): State<Shown>, Query(asked): Query<Asked>) -> Result<Html<String>, Failure> {
    let messages = asked.find(&shown)?;
    if messages.is_empty() {
        return Ok(page("Outbox", "<p>Nothing was sent yet.</p>"));
    }
    let mut rows = String::new();
    for message in &messages {
        let preview: String = read(message).text.chars().take(PREVIEW).collect();
        let OutboxMessage { id, at, channel, from: _, to, subject, raw: _ } = message;
        let subject = if subject.is_empty() { "(no subject)" } else { subject };
        // Writing to a string cannot fail.
        let _ = write!(
            rows,
            "<tr><td>{}<td>{}<td>{}<td><a href=\"/outbox/{id}\">{}</a><br><small>{}</small>",
            time(*at),
            escape(channel),
            escape(&to.join(", ")),
            escape(subject),
            escape(&preview),
        );
    }
    let older = messages.last().filter(|_| messages.len() == asked.limit()).map(|last| {
        let to = asked.to.as_deref().map(|to| format!("&amp;to={}", encoded(to))).unwrap_or_default();
        format!("<p><a href=\"/outbox?before={}&amp;limit={}{to}\">Older</a></p>", last.id, asked.limit())
    });
    let table = "<table><tr><th>When<th>Over<th>To<th>What";
    Ok(page("Outbox", &format!("{table}{rows}</table>{}", older.unwrap_or_default())))
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

/// `GET /outbox/{id}`: its text, its HTML as a mail reader would show it, and all of it as it would have gone out.
pub(super) async fn one(State(shown): State<Shown>, Path(id): Path<i64>) -> Result<Html<String>, Failure> {
    let message = shown.outbox.message(id).map_err(|error| failed(&error))?;
    let message = message.ok_or_else(|| (StatusCode::NOT_FOUND, "there is no such message\n".to_owned()))?;
    let Reading { text, html } = read(&message);
    // In a sandbox with no permission at all: nothing in it runs, loads, or leads this page away.
    let html = html.map(|html| {
        format!("<h2>As HTML</h2><iframe sandbox=\"\" title=\"As HTML\" srcdoc=\"{}\"></iframe>", escape(&html))
    });
    let OutboxMessage { id: _, at, channel, from, to, subject, raw } = message;
    let body = format!(
        "<p><a href=\"/outbox\">All messages</a></p><dl><dt>When<dd>{}<dt>Over<dd>{}<dt>From<dd>{}<dt>To<dd>{}</dl>\
         <h2>Text</h2><pre>{}</pre>{}<h2>As sent</h2><pre>{}</pre>",
        time(at),
        escape(&channel),
        escape(&from),
        escape(&to.join(", ")),
        linked(&text),
        html.unwrap_or_default(),
        escape(&String::from_utf8_lossy(&raw)),
    );
    Ok(page(if subject.is_empty() { "A message" } else { &subject }, &body))
}

/// A message, for programs.
#[derive(Serialize)]
pub(super) struct Message {
    id: i64,
    at: String,
    channel: String,
    from: String,
    to: Vec<String>,
    subject: String,
    text: String,
    html: Option<String>,
}

/// `GET /outbox.json`: the newest first, for tests; `?to=asha@example.com&limit=1` for the last one to somebody.
pub(super) async fn json(
    State(shown): State<Shown>,
    Query(asked): Query<Asked>,
) -> Result<Json<Vec<Message>>, Failure> {
    let messages = asked.find(&shown)?.into_iter().map(|message| {
        let Reading { text, html } = read(&message);
        let OutboxMessage { id, at, channel, from, to, subject, raw: _ } = message;
        Message { id, at: time(at), channel, from, to, subject, text, html }
    });
    Ok(Json(messages.collect()))
}

fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map(|at| at.to_string()).unwrap_or_default()
}

/// What a person reads of a message.
struct Reading {
    text: String,
    html: Option<String>,
}

fn read(message: &OutboxMessage) -> Reading {
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
        },
        None => Reading { text: String::from_utf8_lossy(&message.raw).into_owned(), html: None },
    }
}
