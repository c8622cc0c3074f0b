//! `GET /integrations/status`.

use axum::extract::State;
use domain::integration::{Circuit, IntegrationHealth, MAX_INTEGRATIONS, Provider};
use domain::{Integration, IntegrationId, Label, Permission, Slot};
use jiff::Timestamp;
use serde::Serialize;
use store::ListQuery;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Problem, SignedIn};

/// How a connection fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntegrationState {
    id: IntegrationId,
    provider: Provider,
    name: Label,
    is_active: bool,
    /// Whether it has the secrets that it cannot do without.
    configured: bool,
    /// When something last went well, to the minute.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_success_at: Option<Timestamp>,
    /// When something last failed.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_failure_at: Option<Timestamp>,
    /// Why.
    #[schema(required)]
    last_failure: Option<String>,
    /// Whether the provider is asked: five failures in a row open it for a minute.
    circuit: Circuit,
    /// Failures of the last 24 hours.
    failures_24h: u32,
}

/// How all connections fare.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntegrationStates {
    integrations: Vec<IntegrationState>,
}

/// How each of the organization's connections fares: 1 Query of at most 50 connections and 1 `BatchGetItem`, 0.5 read
/// units each.
#[utoipa::path(
    get, path = "/integrations/status", tag = "integrations",
    responses((status = 200, description = "All of them.", body = Envelope<IntegrationStates>)),
)]
pub(crate) async fn integration_status(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Data<IntegrationStates>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    let now = app.now();
    let all = ListQuery::new(Slot::One, "all", "", MAX_INTEGRATIONS);
    let known = app.table().list::<Integration>(&grant, &all, |_| true).await?.records;
    let ids: Vec<_> = known.iter().map(|integration| IntegrationHealth::id_of(integration.id)).collect();
    let mut healths = app.table().get_many::<IntegrationHealth>(&grant, &ids).await?;
    let state = |integration: Integration| {
        let health = healths
            .remove(&IntegrationHealth::id_of(integration.id))
            .unwrap_or_else(|| IntegrationHealth::unknown(integration.id, grant.organization(), now));
        IntegrationState {
            id: integration.id,
            provider: integration.provider,
            is_active: integration.is_active,
            configured: integration.is_configured(),
            name: integration.name,
            circuit: health.circuit(now),
            failures_24h: health.failures_in_a_day(now),
            last_success_at: health.last_success_at,
            last_failure_at: health.last_failure_at,
            last_failure: health.last_failure,
        }
    };
    Ok(Data(IntegrationStates { integrations: known.into_iter().map(state).collect() }))
}
