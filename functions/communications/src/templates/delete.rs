//! `DELETE /templates/{id}`.

use axum::extract::State;
use domain::{Permission, Template, TemplateId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a template; its versions stay, so that what was sent can be told. 1 read, 1 transaction.
#[utoipa::path(
    delete, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 200, description = "Deleted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn template_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::TemplatesWrite)?, app.now());
    change(&app, &grant, id, if_match, &[], |template: Template| Ok(template.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
