//! `GET /health`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::App;

/// How the platform is, in the shape of the insurance product's document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    status: HealthStatus,
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    services: HealthServices,
    /// What was deployed.
    version: String,
}

/// Whether everything it needs answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum HealthStatus {
    Ok,
    Down,
}

/// What it needs.
#[derive(Debug, Serialize, ToSchema)]
struct HealthServices {
    database: ServiceState,
}

/// Whether one of them answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ServiceState {
    Connected,
    Disconnected,
}

/// Whether the platform can work: asks the table.
#[utoipa::path(
    get, path = "/health", tag = "health", security(()),
    responses(
        (status = 200, description = "It can; without envelope.", body = Health),
        (status = 503, description = "It cannot; without envelope.", body = Health),
    ),
)]
pub(crate) async fn health_view(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let answer = app.table().ping().await;
    if let Err(error) = &answer {
        tracing::error!(cause = %error, "the table does not answer");
    }
    let (code, status, database) = match answer {
        Ok(()) => (StatusCode::OK, HealthStatus::Ok, ServiceState::Connected),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, HealthStatus::Down, ServiceState::Disconnected),
    };
    let version = app.platform().settings().version.clone();
    (code, Json(Health { status, timestamp: app.now(), services: HealthServices { database }, version }))
}
