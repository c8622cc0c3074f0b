//! `POST /integrations/{id}/restore`.

use axum::extract::State;
use domain::{Change, Integration, IntegrationId, Permission};
use web::{ApiUrl, App, Envelope, PathId, Problem, SignedIn, Versioned};

use crate::create::room;
use crate::view::IntegrationView;

/// Brings a connection back that was deleted within 30 days, with its address and its secrets. Costs 1
/// read, 1 Query and 1 transaction.
#[utoipa::path(
    post, path = "/integrations/{id}/restore", tag = "integrations", params(("id" = IntegrationId, Path)),
    responses((status = 200, description = "Back again.", body = Envelope<IntegrationView>)),
)]
pub(crate) async fn integration_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    api: ApiUrl,
    PathId(id): PathId<IntegrationId>,
) -> Result<Versioned<IntegrationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsWrite)?;
    let integration: Integration = app.table().get_deleted(&grant, id).await?;
    room(&app, &grant).await?;
    let restored = Change::restore(integration, app.now(), "integration.restored");
    let integration = app.table().commit(&grant, restored).await?;
    let version = integration.meta.version;
    Ok(Versioned(IntegrationView::new(integration, &api), version))
}
