//! `POST /campaigns/{id}/restore`.

use axum::extract::State;
use domain::{Campaign, CampaignId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use crate::view::CampaignView;

/// Brings a deleted campaign back; one that was to begin at a time is a draft again. Costs 1 read and 1 transaction.
#[utoipa::path(
    post, path = "/campaigns/{id}/restore", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignView>, headers(("ETag" = String)))),
)]
pub(crate) async fn campaign_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let campaign: Campaign = app.table().get_deleted(&grant, id).await?;
    let campaign = app.table().commit(&grant, campaign.restore(app.now())).await?;
    let version = campaign.meta.version;
    Ok(Versioned(campaign.into(), version))
}
