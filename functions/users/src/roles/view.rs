//! `GET /roles/{id}`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::{CustomRole, Permission, RoleKey};
use web::{App, Data, Envelope, PathText, Problem, SignedIn, Versioned};

use super::RoleView;

/// One role: a template by its name, or one of the organization's own.
#[utoipa::path(
    get, path = "/roles/{id}", tag = "roles", params(("id" = RoleKey, Path)),
    responses((status = 200, description = "The role.", body = Envelope<RoleView>)),
)]
pub(crate) async fn role_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathText(id): PathText,
) -> Result<Response, Problem> {
    let grant = signed_in.caller.allow(Permission::RolesRead)?;
    match id.parse() {
        Ok(RoleKey::Template(role)) => Ok(Data(RoleView::from(role)).into_response()),
        Ok(RoleKey::Own(id)) => {
            let role: CustomRole = app.table().get(&grant, id).await?;
            let version = role.meta.version;
            Ok(Versioned(RoleView::from(role), version).into_response())
        }
        Err(_) => Err(Problem::not_found()),
    }
}
