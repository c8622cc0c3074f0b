//! Viewing a lead.

use axum::extract::State;
use domain::{Lead, LeadId, Permission};
use views::LeadView;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// Shows a lead. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/leads/{id}", tag = "leads",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<LeadView>, headers(("ETag" = String)))),
)]
pub(crate) async fn lead_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
) -> Result<Versioned<LeadView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let lead: Lead = app.table().get(&grant, id).await?;
    let version = lead.meta.version;
    Ok(Versioned(LeadView::seen_by(&grant, lead), version))
}
