//! `POST /public/unsubscribe/{token}`.

use axum::extract::State;
use axum::response::Response;
use domain::outreach::{ConsentDetails, ConsentState};
use domain::{ContactPurpose, Label};
use web::consents::enter;
use web::html::escape;
use web::{Address, App, PathText, Problem, Scope};

use super::page::page;
use super::{follow, speaker};
use crate::limits;

/// Unsubscribes whoever the link was written to, with whatever body: a mail program sends `List-Unsubscribe=One-Click`
/// (RFC 8058), the page the same. Their withdrawal stands in the ledger, and the address is suppressed for marketing.
/// Again, it changes nothing that matters. 60 a minute for an address; 1 write, 4 reads, 1 transaction.
#[utoipa::path(
    post, path = "/public/unsubscribe/{token}", tag = "public", security(()),
    params(("token" = String, Path, description = "What stands in the link.")),
    responses((status = 200, description = "Done.", body = String, content_type = "text/html")),
)]
pub(crate) async fn unsubscribe_act(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathText(token): PathText,
) -> Result<Response, Problem> {
    limits::count_view(&app, &scope, &address).await?;
    let followed = follow(&app, &token).await?;
    let speaker = speaker(&app, &followed).await?;
    let source: Label = "unsubscribe_link".parse().map_err(Problem::internal)?;
    let (channel, purpose, state) = (followed.link.channel, ContactPurpose::Marketing, ConsentState::Withdrawn);
    let withdrawn = ConsentDetails { channel, purpose, state, source, proof: None, at: None };
    enter(&app, &followed.grant, &speaker, &[withdrawn]).await?;
    let body = format!(
        "<p>You get no more marketing of {organization} by {channel}.</p>\n\
         <p><a href=\"../preferences/{token}\">Choose what you get</a></p>",
        organization = escape(&followed.organization),
        token = escape(&token),
    );
    Ok(page("You are unsubscribed", &body))
}
