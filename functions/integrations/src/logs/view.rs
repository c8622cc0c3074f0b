//! `GET /integration-logs/{id}`.

use axum::extract::State;
use domain::{IntegrationLog, IntegrationLogId, Permission};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::LogView;

/// One row of the log.
#[utoipa::path(
    get, path = "/integration-logs/{id}", tag = "integrations", params(("id" = IntegrationLogId, Path)),
    responses((status = 200, description = "The row.", body = Envelope<LogView>)),
)]
pub(crate) async fn integration_log_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<IntegrationLogId>,
) -> Result<Data<LogView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    let row: IntegrationLog = app.table().get(&grant, id).await?;
    Ok(Data(LogView::seen_by(&grant, row)))
}
