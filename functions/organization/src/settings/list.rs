//! `GET /system/settings`.

use axum::extract::State;
use domain::{Permission, SystemSettings};
use store::ReadError;
use web::{App, Envelope, Params, Problem, SignedIn, Versioned};

use super::SettingList;

/// The settings of a category, or all of them: 500 at most.
#[utoipa::path(
    get, path = "/system/settings", tag = "organization",
    params(("category" = Option<String>, Query, description = "One category; `all` for every one.")),
    responses((status = 200, description = "The settings.", body = Envelope<SettingList>)),
)]
pub(crate) async fn settings_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Versioned<SettingList>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationRead)?;
    let id = SystemSettings::id_of(grant.organization());
    let settings = match app.table().get::<SystemSettings>(&grant, id).await {
        Err(ReadError::NotFound) => SystemSettings::new(grant.organization(), app.now()),
        read => read?,
    };
    let version = settings.meta.version;
    let category = params.get("category").filter(|category| *category != "all");
    Ok(Versioned(SettingList::of(settings, category), version))
}
