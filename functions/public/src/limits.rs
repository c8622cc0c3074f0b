//! How often a page may ask.

use domain::{Form, OrganizationId};
use store::Window;
use web::{Address, App, Problem, Scope};

const MINUTE: u32 = 60;
/// Leads from one address, over all forms: more than a person types.
const SUBMISSIONS: Window = Window { name: "form-submit-address", limit: 10, seconds: MINUTE };
/// Leads of one form, from all addresses: what a robot with many addresses can do at most.
const FORM: Window = Window { name: "form-submit", limit: 120, seconds: MINUTE };
/// Forms shown to one address.
const VIEWS: Window = Window { name: "form-view-address", limit: 60, seconds: MINUTE };

/// Links of e-mails followed from one address whose following is written down: a provider's proxy does it for all its
/// people.
const FOLLOWINGS: Window = Window { name: "tracking-address", limit: 600, seconds: MINUTE };

/// Counts a form shown: 1 write.
pub(crate) async fn count_view(app: &App, scope: &Scope, address: &Address) -> Result<(), Problem> {
    app.count_use(scope, OrganizationId::PLATFORM, VIEWS, &app.address_hash(&address.0)).await
}

/// Counts a submission against its address, before anything is looked up: 1 write.
pub(crate) async fn count_address(app: &App, scope: &Scope, address: &Address) -> Result<(), Problem> {
    app.count_use(scope, OrganizationId::PLATFORM, SUBMISSIONS, &app.address_hash(&address.0)).await
}

/// Counts a submission against its form: 1 write.
pub(crate) async fn count_form(app: &App, scope: &Scope, form: &Form) -> Result<(), Problem> {
    app.count_use(scope, form.meta.organization, FORM, &form.id.to_string()).await
}

/// Counts a link of an e-mail followed, before it is written down: 1 write for each 6.
pub(crate) async fn count_following(app: &App, scope: &Scope, address: &Address) -> Result<(), Problem> {
    app.count_use(scope, OrganizationId::PLATFORM, FOLLOWINGS, &app.address_hash(&address.0)).await
}
