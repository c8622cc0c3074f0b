//! A message as its receiver would see it.

use std::fmt::Write as _;

use serde_json::Value;
use standins::outbox::{OutboxMessage, Told};
use web::html::escape;

use super::read::{Attachment, Reading, read, sender};
use super::time;
use crate::console::html::linked;

/// The characters of a text that a list shows: enough for a code.
const PREVIEW: usize = 160;

/// All of it.
pub(super) fn whole(message: &OutboxMessage, told: &[Told]) -> String {
    match message.channel.as_str() {
        "email" => {
            let Reading { text, html, attachments } = read(message);
            format!("{}{}", head(message, &attachments), letter(&text, html.as_deref()))
        }
        "sms" | "whatsapp" => chat(message, &linked(&read(message).text), told),
        "push" => card(message),
        _ => log(message),
    }
}

/// Enough of it to know it among others.
pub(super) fn brief(message: &OutboxMessage, told: &[Told]) -> String {
    match message.channel.as_str() {
        "email" => {
            let Reading { text, html: _, attachments } = read(message);
            format!("{}<p>{}</p>", head(message, &attachments), escape(&preview(&text)))
        }
        "sms" | "whatsapp" => chat(message, &escape(&preview(&read(message).text)), told),
        "push" => card(message),
        _ => log(message),
    }
}

fn preview(text: &str) -> String {
    let mut letters = text.chars();
    let mut preview: String = letters.by_ref().take(PREVIEW).collect();
    if letters.next().is_some() {
        preview.push('…');
    }
    preview
}

/// The head of a mail, as mail programs have one above it.
fn head(message: &OutboxMessage, attachments: &[Attachment]) -> String {
    let named = |one: &Attachment| format!("<br>{} <small>{} bytes</small>", escape(&one.name), one.bytes);
    let names: String = attachments.iter().map(named).collect();
    let attached = names.strip_prefix("<br>").map(|names| format!("<dt>Attached<dd>{names}")).unwrap_or_default();
    format!(
        "<div class=\"mail\"><dl><dt>From<dd>{}<dt>To<dd>{}<dt>Subject<dd><strong>{}</strong><dt>Date<dd>{}{attached}</dl></div>",
        escape(&sender(message)),
        escape(&message.to.join(", ")),
        escape(subject(message)),
        time(message.at),
    )
}

pub(super) fn subject(message: &OutboxMessage) -> &str {
    if message.subject.is_empty() { "(no subject)" } else { &message.subject }
}

/// In a sandbox with no permission at all: nothing in it runs, loads, or leads this page away. So its links are followed in
/// the text below it.
fn letter(text: &str, html: Option<&str>) -> String {
    let text = format!("<pre>{}</pre>", linked(text));
    match html {
        Some(html) => format!(
            "<iframe sandbox=\"\" title=\"The mail as HTML\" srcdoc=\"{}\"></iframe>\
             <details open><summary>As text, with links that can be followed</summary>{text}</details>",
            escape(html)
        ),
        None => text,
    }
}

/// A conversation on the receiver's telephone: what came is on the left, what they answered on the right.
fn chat(message: &OutboxMessage, said: &str, told: &[Told]) -> String {
    let OutboxMessage { at, channel, from, .. } = message;
    let mut chat = format!(
        "<div class=\"chat {}\"><div class=\"bubble\"><b>{}</b>{said}{}</div>",
        escape(channel),
        escape(from),
        time(*at)
    );
    for Told { at, words, .. } in told.iter().filter(|told| !told.words.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(chat, "<div class=\"bubble mine\"><b>The receiver</b>{}{}</div>", escape(words), time(*at));
    }
    chat.push_str("</div>");
    chat
}

/// A notification as a browser shows it.
fn card(message: &OutboxMessage) -> String {
    let shown: Value = serde_json::from_slice(&message.raw).unwrap_or_default();
    let text = |name: &str| escape(shown[name].as_str().unwrap_or_default());
    let link = shown["url"].as_str().map(|url| format!("<p><small>A click leads to {}</small></p>", linked(url)));
    format!(
        "<div class=\"card\"><strong>{}</strong><p>{}</p>{}{}</div>",
        escape(subject(message)),
        text("body"),
        link.unwrap_or_default(),
        time(message.at)
    )
}

fn log(message: &OutboxMessage) -> String {
    format!("<p>To {}: {}</p>{}", escape(&message.to.join(", ")), escape(subject(message)), time(message.at))
}
