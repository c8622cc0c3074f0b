//! `POST /campaigns/{id}/pause`.

use axum::extract::State;
use domain::{Campaign, CampaignId, Grant, Permission};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::refused;
use crate::view::CampaignView;

/// Halts a campaign: nothing more is planned, and what is on its way waits. 409 `wrong_status` where it is not under way. Costs 1
/// read and 1 transaction.
#[utoipa::path(
    post, path = "/campaigns/{id}/pause", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignView>, headers(("ETag" = String)))),
)]
pub(crate) async fn campaign_pause(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
) -> Result<Versioned<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let campaign = paused(&app, &grant, id, if_match).await?;
    let version = campaign.meta.version;
    Ok(Versioned(campaign.into(), version))
}

/// Halts it: 1 read, 1 transaction.
pub(crate) async fn paused(app: &App, grant: &Grant, id: CampaignId, if_match: IfMatch) -> Result<Campaign, Problem> {
    let now = app.now();
    Box::pin(change(app, grant, id, if_match, &["status"], |campaign: Campaign| {
        campaign.pause(None, now).map_err(refused)
    }))
    .await
}
