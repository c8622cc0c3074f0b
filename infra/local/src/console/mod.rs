//! Pages of this machine only: the outbox and the clock.

mod clock;
mod html;
mod outbox;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use standins::Outbox;

use crate::MovableClock;

/// What the pages show.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) outbox: Outbox,
    pub(crate) clock: MovableClock,
    /// The stage's name, under which the API's page is found.
    pub(crate) stage: String,
}

/// The console.
pub(crate) fn router(shown: Shown) -> Router {
    let docs = format!("/{}/docs", shown.stage);
    Router::new()
        .route("/", get(index))
        .route("/docs", get(|| async move { Redirect::temporary(&docs) }))
        .route("/outbox", get(outbox::list))
        .route("/outbox.json", get(outbox::json))
        .route("/outbox/{id}", get(outbox::one))
        .route("/clock", get(clock::show).post(clock::advance))
        .with_state(shown)
        .fallback(|| async { (StatusCode::NOT_FOUND, axum::Json(serde_json::json!({"message": "Not Found"}))) })
        .layer(middleware::from_fn(guarded))
}

async fn index() -> Html<String> {
    html::page(
        "Sampark on this machine",
        "<ul><li><a href=\"/docs\">The API</a></li><li><a href=\"/outbox\">The outbox</a></li>\
         <li><a href=\"/clock\">The clock</a></li></ul>",
    )
}

/// The outbox holds links that let people in, so pages answer to this machine's names only: a site elsewhere
/// could have its own name lead here. Nothing in them may run.
async fn guarded(request: Request, next: Next) -> Response {
    if !is_local(request.headers()) {
        return (StatusCode::MISDIRECTED_REQUEST, "this page is for this machine only\n").into_response();
    }
    let mut page = next.run(request).await;
    let headers = page.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let host = host.to_str().ok().and_then(|host| host.parse::<http::uri::Authority>().ok());
    host.is_some_and(|host| {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}
