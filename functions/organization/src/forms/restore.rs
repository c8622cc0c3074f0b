//! `POST /forms/{id}/restore`.

use axum::extract::State;
use domain::{Change, Form, FormId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::FormView;

/// Brings a lead form back that was deleted within 30 days.
#[utoipa::path(
    post, path = "/forms/{id}/restore", tag = "organization", params(("id" = FormId, Path)),
    responses((status = 200, description = "Back again.", body = Envelope<FormView>)),
)]
pub(crate) async fn form_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FormId>,
) -> Result<Versioned<FormView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FormsWrite)?;
    let form: Form = app.table().get_deleted(&grant, id).await?;
    let form = app.table().commit(&grant, Change::restore(form, app.now(), "form.restored")).await?;
    let version = form.meta.version;
    Ok(Versioned(form.into(), version))
}
