//! `DELETE /roles/{id}`.

use axum::extract::State;
use domain::{Caller, Change, CustomRole, Permission, RoleId};
use store::{CommitError, Refused};
use web::seats::seats;
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, refuse_changed};

use super::refuse_role_beyond;
use crate::TRIES;

/// Deletes a role that nobody has any more; while somebody has it, whether they may come in or not, 409 `role_in_use`.
#[utoipa::path(
    delete, path = "/roles/{id}", tag = "roles", params(("id" = String, Path, description = "The id of one of the organization's own roles.")),
    responses((status = 200, description = "Deleted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn role_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<RoleId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::RolesWrite)?;
    let tenant = Caller::system(grant.organization(), "users").own();
    let now = app.now();
    for _ in 0..TRIES {
        let role: CustomRole = app.table().get_to_change(&grant, id).await?;
        refuse_changed(&app, &grant, &role, if_match, &[]).await?;
        refuse_role_beyond(&signed_in.authority, &role)?;
        let seats = seats(&app, grant.organization()).await?;
        let members = seats.roles.get(&id).copied().unwrap_or_default();
        if members > 0 {
            return Err(Problem::conflict("role_in_use", "Give the people who have it another role first.")
                .with("members", members));
        }
        let mut transaction = app.table().transaction();
        transaction.push(&grant, Change::delete(role, now, "role.deleted"))?;
        // Whoever gives it to somebody at the same time finds it gone.
        transaction.push(&tenant, seats.hold(now))?;
        match transaction.commit().await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            committed => {
                committed?;
                app.forget_everybody();
                return Ok(Data(Deleted::restorable(&id, now)));
            }
        }
    }
    Err(Refused::Conflict.into())
}
