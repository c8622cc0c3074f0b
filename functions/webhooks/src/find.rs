//! From the address that a provider calls to the connection.

use domain::{Caller, Grant, Integration, IntegrationId, OrganizationId, Provider};
use store::there;
use web::{App, Problem};

/// A connection that takes what its provider tells, and what the function may do for it.
pub(crate) struct Open {
    pub(crate) integration: Integration,
    pub(crate) grant: Grant,
}

/// The connection of an address, if it is of this provider, active and has its secrets. 1 or 2 `GetItem`.
pub(crate) async fn open(app: &App, provider: Provider, id: IntegrationId) -> Result<Option<Open>, Problem> {
    let claim = Integration::address_claim(id);
    let holder = app.table().platform_holder::<Integration>(OrganizationId::PLATFORM, &claim).await?;
    let Some((organization, id)) = holder else { return Ok(None) };
    let grant = Caller::system(organization, "webhooks").own();
    let found: Option<Integration> = there(app.table().get(&grant, id).await)?;
    let takes = |integration: &Integration| {
        integration.provider == provider && integration.is_active && integration.is_configured()
    };
    Ok(found.filter(takes).map(|integration| Open { integration, grant }))
}
