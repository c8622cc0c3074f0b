//! `GET /forms/{id}`.

use axum::extract::State;
use domain::{Form, FormId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::FormView;

/// One lead form.
#[utoipa::path(
    get, path = "/forms/{id}", tag = "organization", params(("id" = FormId, Path)),
    responses((status = 200, description = "The form.", body = Envelope<FormView>)),
)]
pub(crate) async fn form_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FormId>,
) -> Result<Versioned<FormView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FormsRead)?;
    let form: Form = app.table().get(&grant, id).await?;
    let version = form.meta.version;
    Ok(Versioned(form.into(), version))
}
