//! `POST /campaigns/{id}/resume`.

use axum::extract::State;
use domain::{Campaign, CampaignId, Grant, Permission};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::refused;
use crate::view::CampaignView;

/// Goes on with a paused campaign. Errors so far count no longer against it. 409 `wrong_status` where it is not paused. Costs 2
/// reads, 1 transaction and 1 message.
#[utoipa::path(
    post, path = "/campaigns/{id}/resume", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignView>, headers(("ETag" = String)))),
)]
pub(crate) async fn campaign_resume(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
) -> Result<Versioned<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let campaign = resumed(&app, &grant, id, if_match).await?;
    let version = campaign.meta.version;
    Ok(Versioned(campaign.into(), version))
}

/// Goes on with it: 2 reads, 1 transaction, 1 message.
pub(crate) async fn resumed(app: &App, grant: &Grant, id: CampaignId, if_match: IfMatch) -> Result<Campaign, Problem> {
    let now = app.now();
    let campaign: Campaign = app.table().get(grant, id).await?;
    let (figures, _) = app.platform().campaign_figures(grant, &campaign).await?;
    let decide = |campaign: Campaign| campaign.resume(&figures, now).map_err(refused);
    let campaign = Box::pin(change(app, grant, id, if_match, &["status"], decide)).await?;
    app.platform().send_campaign(&campaign).await;
    Ok(campaign)
}
