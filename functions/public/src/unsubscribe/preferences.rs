//! `GET` and `POST /public/preferences/{token}`.

use axum::extract::State;
use axum::response::Response;
use domain::outreach::{ConsentDetails, ConsentState};
use domain::{ContactPurpose, Label, Reachability};
use store::there;
use web::consents::enter;
use web::html::escape;
use web::{Address, App, PathText, Problem, Scope};

use super::page::page;
use super::{Followed, follow, speaker};
use crate::limits;

/// What people choose here; what follows from something they did comes anyhow.
const CHOICES: [(ContactPurpose, &str); 2] =
    [(ContactPurpose::Marketing, "Offers and news"), (ContactPurpose::Service, "Reminders and help")];
/// A form of this page has so many bytes at most.
const MAX_BODY: usize = 4_096;

/// Shows what somebody gets on the channel of the link, and changes nothing; 60 a minute for an address. 1 write, 1 read,
/// and 1 more every 30 seconds.
#[utoipa::path(
    get, path = "/public/preferences/{token}", tag = "public", security(()),
    params(("token" = String, Path, description = "What stands in the link.")),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
pub(crate) async fn preferences_show(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathText(token): PathText,
) -> Result<Response, Problem> {
    limits::count_view(&app, &scope, &address).await?;
    let followed = follow(&app, &token).await?;
    shown(&app, &followed, "What you get").await
}

/// Enters what somebody chose: `marketing=on` and `service=on`, each withdrawn where it is absent. 60 a minute for an
/// address; 1 write, 5 reads, 1 transaction.
#[utoipa::path(
    post, path = "/public/preferences/{token}", tag = "public", security(()),
    params(("token" = String, Path, description = "What stands in the link.")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Done.", body = String, content_type = "text/html")),
)]
pub(crate) async fn preferences_choose(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathText(token): PathText,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    limits::count_view(&app, &scope, &address).await?;
    let followed = follow(&app, &token).await?;
    if body.len() > MAX_BODY {
        return Err(Problem::bad_request("too_large", "The form has 4,096 bytes at most."));
    }
    let text = std::str::from_utf8(&body).map_err(|_| Problem::bad_request("bad_form", "The form is not UTF-8."))?;
    let chosen = |purpose: ContactPurpose| text.split('&').any(|pair| pair == format!("{purpose}=on"));
    let source: Label = "preference_page".parse().map_err(Problem::internal)?;
    let speaker = speaker(&app, &followed).await?;
    let words: Vec<ConsentDetails> = CHOICES
        .into_iter()
        .map(|(purpose, _)| {
            let state = if chosen(purpose) { ConsentState::Granted } else { ConsentState::Withdrawn };
            let (channel, source) = (followed.link.channel, source.clone());
            ConsentDetails { channel, purpose, state, source, proof: None, at: None }
        })
        .collect();
    enter(&app, &followed.grant, &speaker, &words).await?;
    shown(&app, &followed, "Your choice is kept").await
}

async fn shown(app: &App, followed: &Followed, title: &str) -> Result<Response, Problem> {
    let Followed { link, grant, organization } = followed;
    let known: Option<Reachability> = there(app.table().get_to_change(grant, link.contact).await)?;
    let gets = |purpose| {
        let standing = known.as_ref().and_then(|known| known.consent(link.channel, purpose));
        standing.is_none_or(|standing| standing.state == ConsentState::Granted)
    };
    let choices = CHOICES.map(|(purpose, words)| {
        let checked = if gets(purpose) { " checked" } else { "" };
        format!("<p><label><input type=\"checkbox\" name=\"{purpose}\"{checked}> {words}</label></p>")
    });
    let body = format!(
        "<p>{organization} by {channel}:</p>\n<form method=\"post\">\n{choices}\n<button type=\"submit\">Save</button></form>",
        organization = escape(organization),
        choices = choices.join("\n"),
        channel = link.channel,
    );
    Ok(page(title, &body))
}
