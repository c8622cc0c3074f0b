//! `GET /communication-settings`.

use axum::extract::State;
use domain::{CommunicationSettings, Permission};
use store::there;
use web::{App, Envelope, Problem, SignedIn, Versioned};

use super::CommunicationSettingsView;

/// What the organization asks of its own sending: 1 read.
#[utoipa::path(
    get, path = "/communication-settings", tag = "communication settings",
    responses((status = 200, description = "The settings.", body = Envelope<CommunicationSettingsView>)),
)]
pub(crate) async fn communication_settings_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<CommunicationSettingsView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsRead)?;
    let id = CommunicationSettings::id_of(grant.organization());
    let settings: Option<CommunicationSettings> = there(app.table().get(&grant, id).await)?;
    let settings = settings.unwrap_or_else(|| CommunicationSettings::new(grant.organization(), app.now()));
    let version = settings.meta.version;
    Ok(Versioned(settings.into(), version))
}
