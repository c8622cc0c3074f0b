//! The clock: what it says, and moving it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{Span, SpanRelativeTo, Timestamp};
use runtime::Clock as _;
use serde::{Deserialize, Serialize};

use super::Shown;

/// The platform's time.
#[derive(Serialize)]
pub(super) struct Time {
    now: Timestamp,
    /// How far it is ahead of the machine's clock.
    ahead_seconds: i64,
}

/// Where to move it: by a duration of ISO 8601 (`PT1H`, `P1D`) or to a time.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Move {
    Advance(Span),
    Now(Timestamp),
}

/// `GET /clock`.
pub(super) async fn show(State(shown): State<Shown>) -> Json<Time> {
    Json(Time { now: shown.clock.now(), ahead_seconds: shown.clock.ahead().as_secs() })
}

/// `POST /clock`. It takes `application/json` only, which a page of another origin may not send unasked.
pub(super) async fn advance(
    State(shown): State<Shown>,
    Json(to): Json<Move>,
) -> Result<Json<Time>, (StatusCode, String)> {
    let refused = |error: &dyn std::fmt::Display| (StatusCode::UNPROCESSABLE_ENTITY, format!("{error}\n"));
    let moved = match to {
        Move::Advance(span) => {
            let by = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| refused(&error))?;
            shown.clock.advance(by)
        }
        Move::Now(now) => shown.clock.set(now),
    };
    moved.map_err(|error| refused(&error))?;
    Ok(show(State(shown)).await)
}
