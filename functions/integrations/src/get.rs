//! `GET /integrations/{id}`.

use axum::extract::State;
use domain::{Integration, IntegrationId, Permission};
use web::{ApiUrl, App, Envelope, PathId, Problem, SignedIn, Versioned};

use crate::view::IntegrationView;

/// One connection.
#[utoipa::path(
    get, path = "/integrations/{id}", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 200, description = "The connection.", body = Envelope<IntegrationView>)),
)]
pub(crate) async fn integration_view(
    State(app): State<App>,
    signed_in: SignedIn,
    api: ApiUrl,
    PathId(id): PathId<IntegrationId>,
) -> Result<Versioned<IntegrationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    let integration: Integration = app.table().get(&grant, id).await?;
    let version = integration.meta.version;
    Ok(Versioned(IntegrationView::new(integration, &api), version))
}
