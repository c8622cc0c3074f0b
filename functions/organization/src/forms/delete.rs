//! `DELETE /forms/{id}`.

use axum::extract::State;
use domain::{Change, Form, FormId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a lead form; its key captures nothing any more.
#[utoipa::path(
    delete, path = "/forms/{id}", tag = "organization", params(("id" = FormId, Path)),
    responses((status = 200, description = "Deleted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn form_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FormId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::FormsWrite)?, app.now());
    change(&app, &grant, id, if_match, &[], |form: Form| Ok(Change::delete(form, now, "form.deleted"))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
