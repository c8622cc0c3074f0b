//! From a key on a page to the form, and from the code of a link to the link.

use domain::{Caller, Claim, Form, FormId, Grant, OrganizationId, Permission, ReferralLink};
use store::there;
use web::{App, Problem};

/// A form that takes leads, and what its visitor may do.
pub(crate) struct OpenForm {
    /// The form.
    pub(crate) form: Form,
    /// A visitor's: in the form's organization, to add leads and nothing else.
    pub(crate) grant: Grant,
}

/// The open form of a key; one that is closed, deleted or was never there is 404. 2 `GetItem`.
pub(crate) async fn open_form(app: &App, key: FormId) -> Result<OpenForm, Problem> {
    let claim = Claim::platform("key", key.to_string());
    let holder = app.table().platform_holder::<Form>(OrganizationId::PLATFORM, &claim).await?;
    let (organization, id) = holder.ok_or_else(Problem::not_found)?;
    let grant = Caller::visitor(organization).allow(Permission::LeadsWrite)?;
    let form: Form = app.table().get(&grant, id).await?;
    if form.is_active { Ok(OpenForm { form, grant }) } else { Err(Problem::not_found()) }
}

/// The referral link of a code, if it is one: 2 `GetItem`.
pub(crate) async fn link_of(app: &App, code: &str) -> Result<Option<ReferralLink>, Problem> {
    let claim = ReferralLink::code_claim(code);
    let holder = app.table().platform_holder::<ReferralLink>(OrganizationId::PLATFORM, &claim).await?;
    let Some((organization, id)) = holder else { return Ok(None) };
    let grant = Caller::visitor(organization).allow(Permission::LeadsWrite)?;
    Ok(there(app.table().get(&grant, id).await)?)
}
