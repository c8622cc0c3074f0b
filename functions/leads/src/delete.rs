//! Deleting a lead.

use axum::extract::State;
use domain::{Lead, LeadId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a lead. It can be restored for 30 days; its number and address are free at once.
#[utoipa::path(
    delete, path = "/leads/{id}", tag = "leads",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn lead_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsDelete)?;
    let pipeline = app.pipeline(&grant).await?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |lead: Lead| Ok(lead.delete(&pipeline.pipeline, now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
