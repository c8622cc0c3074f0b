//! How often providers may tell, and strangers may try.

use domain::{Integration, OrganizationId};
use store::Window;
use web::{Address, App, Problem, Scope};

const MINUTE: u32 = 60;
/// Genuine requests of one connection: 100 a second.
const GENUINE: Window = Window { name: "webhooks-in", limit: 6_000, seconds: MINUTE };
/// Requests of one address that are nobody's. Providers call from addresses that all organizations share, so what is
/// genuine does not count here.
const REFUSED: Window = Window { name: "webhooks-refused", limit: 120, seconds: MINUTE };

/// Counts a genuine request: at most 1 write, for every sixtieth.
pub(crate) async fn count_genuine(app: &App, scope: &Scope, integration: &Integration) -> Result<(), Problem> {
    app.count_use(scope, integration.meta.organization, GENUINE, &integration.id.to_string()).await
}

/// Counts a request that is refused: 1 write.
pub(crate) async fn count_refused(app: &App, address: &Address) -> Result<(), Problem> {
    // Whoever is refused is told no numbers: they would tell it from what is taken.
    let scope = Scope::default();
    app.count_use(&scope, OrganizationId::PLATFORM, REFUSED, &app.address_hash(&address.0)).await
}
