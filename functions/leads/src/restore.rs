//! Bringing a deleted lead back.

use axum::extract::State;
use domain::{Lead, LeadId, Permission};
use views::LeadView;
use web::room::room_for_lead;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use crate::create::commit;

/// Brings a deleted lead back. 409 `taken` where another lead has its number or address by now, 403 `plan_limit`
/// where the plan holds no more leads.
#[utoipa::path(
    post, path = "/leads/{id}/restore", tag = "leads",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<LeadView>, headers(("ETag" = String)))),
)]
pub(crate) async fn lead_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
) -> Result<Versioned<LeadView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsDelete)?;
    room_for_lead(&app, &signed_in).await?;
    let lead: Lead = app.table().get_deleted(&grant, id).await?;
    let pipeline = app.pipeline(&grant).await?;
    let lead = commit(&app, &grant, lead.restore(&pipeline.pipeline, app.now())).await?;
    let version = lead.meta.version;
    Ok(Versioned(LeadView::seen_by(&grant, lead), version))
}
