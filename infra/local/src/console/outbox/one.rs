//! `GET /outbox/{id}`.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::response::Html;
use standins::Act;
use standins::outbox::{OutboxMessage, Told};

use super::{Failure, Shown, channel_name, failed, list, message, show, time};
use crate::acting::{Account, FAILED, Stage};
use crate::console::html::{escape, page};

/// `GET /outbox/{id}`: as its receiver would see it, with what its provider may tell of it, and all of it as it would have
/// gone out.
pub(in crate::console) async fn one(State(shown): State<Shown>, Path(id): Path<i64>) -> Result<Html<String>, Failure> {
    let message = message(&shown, id)?;
    let told = shown.outbox.told(id).map_err(|error| failed(&error))?;
    let stage = shown.acting.stage(&message).map_err(|error| failed(&error))?;
    let OutboxMessage { channel, to, raw, .. } = &message;
    let title = match channel.as_str() {
        "email" | "push" | "webhook" => show::subject(&message).to_owned(),
        _ => format!("{} to {}", channel_name(channel), to.join(", ")),
    };
    let body = format!(
        "{}{}{}{}<h2>As sent</h2><details><summary>All of it as it would have gone out, over {}</summary><pre>{}</pre></details>",
        list::channels(Some(channel)),
        show::whole(&message, &told),
        buttons(id, &stage),
        answers(&told),
        escape(channel_name(channel)),
        escape(&String::from_utf8_lossy(raw)),
    );
    Ok(page(&title, &body))
}

/// The word on a button.
const fn word(act: Act) -> &'static str {
    match act {
        Act::Delivered => "Delivered",
        Act::Read => "Read",
        Act::Failed => "Failed",
        Act::Bounced => "Bounced",
        Act::Complained => "Complaint",
    }
}

fn buttons(id: i64, stage: &Stage) -> String {
    let Stage { acts, replies, unsubscribes, silence, account } = stage;
    let mut html = "<h2>Play the other side</h2>".to_owned();
    if let Some(silence) = silence {
        // Writing to a string cannot fail.
        let _ = write!(html, "<p class=\"faint\">{silence}</p>");
    }
    if !acts.is_empty() {
        let _ =
            write!(html, "<form method=\"post\" action=\"/outbox/{id}/play\" aria-label=\"What its provider tells\">");
        for act in *acts {
            let _ = write!(html, "<button name=\"part\" value=\"{}\">{}</button>", act.as_str(), word(*act));
        }
        html.push_str("</form>");
    }
    if *replies {
        let _ = write!(
            html,
            "<form method=\"post\" action=\"/outbox/{id}/play\"><label>The receiver answers\
             <input name=\"words\" required maxlength=\"4096\" autocomplete=\"off\"></label>\
             <button name=\"part\" value=\"reply\">Reply</button></form>"
        );
    }
    if *unsubscribes {
        let _ = write!(
            html,
            "<form method=\"post\" action=\"/outbox/{id}/play\" aria-label=\"What its receiver does\">\
             <button name=\"part\" value=\"unsubscribe\">Unsubscribe at one click</button></form>"
        );
    }
    if let Some(account) = account {
        let open = if acts.is_empty() { " open" } else { "" };
        let _ = write!(
            html,
            "<details{open}><summary>The address that its provider calls</summary>{}</details>",
            address(id, account)
        );
    }
    html
}

/// The place that a provider's panel has for the address of a connection.
fn address(id: i64, account: &Account) -> String {
    let (why, secret) = match account {
        Account::Whatsapp { number } => (
            format!("Meta proves the address of number {} with the connection's verify token.", escape(number)),
            "<label>Verify token<input name=\"verify_token\" required autocomplete=\"off\"></label>",
        ),
        Account::Msg91 => {
            ("MSG91 signs nothing, so the address ends with <code>?token=</code> and a secret.".to_owned(), "")
        }
        Account::Ses { .. } => ("SNS asks the address whether it wants to be told.".to_owned(), ""),
    };
    format!(
        "<form method=\"post\" action=\"/outbox/{id}/address\"><label>The connection's webhook address, as \
         <code>GET /integrations</code> shows it<input type=\"url\" name=\"url\" required autocomplete=\"off\"></label>\
         {secret}<button>Tell the provider</button></form><p class=\"faint\">{why}</p>"
    )
}

/// What was told, and what the platform answered.
fn answers(told: &[Told]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let mut html = "<h2 id=\"told\">What was told</h2><ol class=\"told\" role=\"status\">".to_owned();
    for Told { id: _, at, what, words, answer } in told {
        let answer = answer.as_deref().unwrap_or("failed: it broke off");
        let class = if answer.starts_with(FAILED) { "failed" } else { "faint" };
        let words = if words.is_empty() { String::new() } else { format!(" “{}”", escape(words)) };
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
