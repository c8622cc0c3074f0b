//! `GET /notifications/preferences`.

use axum::extract::State;
use domain::Permission;
use web::{App, Envelope, Problem, SignedIn, Versioned};

use super::{Chosen, PreferencesView};
use crate::reach;

/// How one wants to be told; of whoever chose nothing, what is usual: everything in the inbox and on devices, what is to be
/// looked at by e-mail, nothing by text message. 2 reads.
#[utoipa::path(
    get, path = "/notifications/preferences", tag = "notifications",
    responses((status = 200, description = "The preferences.", body = Envelope<PreferencesView>, headers(("ETag" = String)))),
)]
pub(crate) async fn notification_preferences_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<PreferencesView>, Problem> {
    let grant = reach::of(&app, &signed_in, signed_in.user, Permission::NotificationsRead).await?;
    let chosen = Chosen::of(&app, &signed_in, &grant).await?;
    Ok(Versioned(chosen.view(), chosen.preferences.meta.version))
}
