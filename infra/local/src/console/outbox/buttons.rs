//! The buttons by which somebody plays the other side.

use std::fmt::Write as _;

use standins::Act;
use web::html::escape;

use crate::acting::{Account, Stage};

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

/// What can be played of a message, as forms.
pub(super) fn buttons(id: i64, stage: &Stage) -> String {
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
