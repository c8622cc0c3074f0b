//! `GET /outbox/{id}`.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::response::Html;
use standins::outbox::{OutboxMessage, Told};
use web::html::escape;

use super::buttons::buttons;
use super::{Failure, Shown, channel_name, failed, list, message, show, time};
use crate::acting::FAILED;
use crate::console::html::page;

/// `GET /outbox/{id}`: as its receiver would see it, with what its provider may tell of it, and it
/// as it would have gone out.
pub(in crate::console) async fn one(State(shown): State<Shown>, Path(id): Path<i64>) -> Result<Html<String>, Failure> {
    let message = message(&shown, id)?;
    let told = shown.outbox.told(id).map_err(|error| failed(&error))?;
    let stage = shown.acting.stage(&message).map_err(|error| failed(&error))?;
    let OutboxMessage { channel, to, raw, .. } = &message;
    let title = match channel.as_str() {
        "email" | "push" | "webhook" => show::subject(&message).to_owned(),
        _ => format!("{} to {}", channel_name(channel), to.join(", ")),
    };
    let (how_much, raw) = beginning(raw);
    let body = format!(
        "{}{}{}{}<h2>As sent</h2><details><summary>{how_much} as it would have gone out, over {}</summary><pre>{}</pre></details>",
        list::channels(Some(channel)),
        show::whole(&message, &told),
        buttons(id, &stage),
        answers(&told),
        escape(channel_name(channel)),
        escape(&String::from_utf8_lossy(raw)),
    );
    Ok(page(&title, &body))
}

/// What a page shows of a mail as it goes out: attachments are megabytes.
const MOST: usize = 256 * 1024;

fn beginning(raw: &[u8]) -> (&'static str, &[u8]) {
    raw.get(..MOST).map_or(("All of it", raw), |beginning| ("The first 256 KiB of it", beginning))
}

/// What was told, and what the platform answered.
fn answers(told: &[Told]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let mut html = "<h2 id=\"told\">What was told</h2><ol class=\"told\">".to_owned();
    for Told { id: _, at, what, words, answer } in told {
        let answer = answer.as_deref().unwrap_or("failed: it broke off");
        let class = if answer.starts_with(FAILED) { "failed" } else { "faint" };
        let words = if words.is_empty() { String::new() } else { format!(" “{}”", escape(words)) };
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<li><strong>{}</strong>{words} {}<br><span class=\"{class}\">{}</span></li>",
            escape(what),
            time(*at),
            escape(answer),
        );
    }
    html.push_str("</ol>");
    html
}
