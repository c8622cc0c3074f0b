//! Pages of this machine only: the outbox and the clock.

mod clock;
mod guard;
mod html;
mod outbox;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use standins::Outbox;

use crate::MovableClock;
use crate::acting::Acting;

/// What the pages show.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) outbox: Outbox,
    /// Who plays the providers' part.
    pub(crate) acting: Acting,
    pub(crate) clock: MovableClock,
    /// The stage's name, under which the API's page is found.
    pub(crate) stage: String,
}

/// The console.
pub(crate) fn router(shown: Shown) -> Router {
    let docs = format!("/{}/docs", shown.stage);
    let buttons = Router::new()
        .route("/outbox/{id}/play", post(outbox::play))
        .route("/outbox/{id}/address", post(outbox::address))
        .layer(middleware::from_fn(guard::own_forms));
    Router::new()
        .route("/", get(index))
        .route("/docs", get(|| async move { Redirect::temporary(&docs) }))
        .route("/outbox", get(outbox::list))
        .route("/outbox.json", get(outbox::json))
        .route("/outbox/{id}", get(outbox::one))
        .route("/clock", get(clock::show).post(clock::advance))
        .merge(buttons)
        .with_state(shown)
        .fallback(|| async { (StatusCode::NOT_FOUND, axum::Json(serde_json::json!({"message": "Not Found"}))) })
        .layer(middleware::from_fn(guard::guarded))
}

async fn index() -> Html<String> {
    html::page(
        "Sampark on this machine",
        "<ul><li><a href=\"/docs\">The API</a></li><li><a href=\"/outbox\">The outbox</a></li>\
         <li><a href=\"/clock\">The clock</a></li></ul>",
    )
}
