//! `GET /outbox.json`.

use axum::Json;
use axum::extract::{Query, State};
use serde::Serialize;
use standins::outbox::OutboxMessage;

use super::read::{Attachment, Reading, read};
use super::{Asked, Failure, Shown, at};

/// A message, for programs.
#[derive(Serialize)]
pub(in crate::console) struct Message {
    id: i64,
    at: String,
    channel: String,
    from: String,
    to: Vec<String>,
    subject: String,
    text: String,
    html: Option<String>,
    attachments: Vec<Attachment>,
}

/// `GET /outbox.json`: the newest first, for tests; `?to=asha@example.com&limit=1` for the last one to somebody.
pub(in crate::console) async fn json(
    State(shown): State<Shown>,
    Query(asked): Query<Asked>,
) -> Result<Json<Vec<Message>>, Failure> {
    let messages = asked.find(&shown)?.into_iter().map(|message| {
        let Reading { text, html, attachments } = read(&message);
        let OutboxMessage { id, at: milliseconds, channel, from, to, subject, raw: _ } = message;
        Message { id, at: at(milliseconds).to_string(), channel, from, to, subject, text, html, attachments }
    });
    Ok(Json(messages.collect()))
}
