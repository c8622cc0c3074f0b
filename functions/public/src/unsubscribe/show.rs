//! `GET /public/unsubscribe/{token}`.

use axum::extract::State;
use axum::response::Response;
use web::html::escape;
use web::{Address, App, PathText, Problem, Scope};

use super::page::page;
use super::{Followed, follow};
use crate::limits;

/// Asks whether somebody wants no more marketing, and changes nothing; 60 a minute for an address. 1 write, 1 read every
/// 30 seconds.
#[utoipa::path(
    get, path = "/public/unsubscribe/{token}", tag = "public", security(()),
    params(("token" = String, Path, description = "What stands in the link.")),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
pub(crate) async fn unsubscribe_show(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathText(token): PathText,
) -> Result<Response, Problem> {
    limits::count_view(&app, &scope, &address).await?;
    let Followed { link, organization, .. } = follow(&app, &token).await?;
    let body = format!(
        "<p>You get messages of {organization} by {channel}.</p>\n\
         <form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\
         <button type=\"submit\">Unsubscribe</button></form>\n\
         <p><a href=\"../preferences/{token}\">Choose what you get</a></p>",
        organization = escape(&organization),
        channel = link.channel,
        token = escape(&token),
    );
    Ok(page("Unsubscribe", &body))
}
