//! `GET /public/clicks/{token}`.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::TrackingLink;
use web::{Address, App, PathText, Problem, Scope};

use super::Request;

/// Sends on whoever follows a link of an e-mail, to where the link led when the e-mail was written and nowhere else: its
/// signature covers the address. The first time a person follows one, the e-mail is clicked, and so is read; what programs
/// follow is counted apart, up to 10 (`machine_clicks`). Whatever becomes of the counting, people get to their page.
///
/// 1 read; the first time 1 transaction more, and at most 1 write for a limit of 600 a minute for an address. Nothing where
/// the link is not one of ours.
#[utoipa::path(
    get, path = "/public/clicks/{token}", tag = "public", security(()),
    params(("token" = String, Path, description = "What stands in the link.")),
    responses((status = 302, description = "Where the link leads.", headers(("Location" = String)))),
)]
pub(crate) async fn click_track(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    method: Method,
    headers: HeaderMap,
    PathText(token): PathText,
) -> Result<Response, Problem> {
    let link = TrackingLink::open(&token, app.table().hash_key()).ok_or_else(Problem::not_found)?;
    let target = link.target.as_ref().ok_or_else(Problem::not_found)?;
    let request = Request { scope: &scope, address: &address, method: &method, headers: &headers };
    Box::pin(request.tell(&app, &link)).await;
    let headers = [
        (header::LOCATION, target.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
