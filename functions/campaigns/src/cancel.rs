//! `POST /campaigns/{id}/cancel`.

use axum::extract::State;
use domain::{Campaign, CampaignId, Grant, Permission};
use web::{App, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::refused;
use crate::view::CampaignView;

/// Ends a campaign before everybody was written to: what is on its way is taken back, what went out stays. 409 `wrong_status`
/// where it is not under way or scheduled. Costs 1 read and 1 transaction.
#[utoipa::path(
    post, path = "/campaigns/{id}/cancel", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignView>, headers(("ETag" = String)))),
)]
pub(crate) async fn campaign_cancel(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
) -> Result<Versioned<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let campaign = cancelled(&app, &grant, id, if_match).await?;
    let version = campaign.meta.version;
    Ok(Versioned(campaign.into(), version))
}

/// Ends it: 1 read, 1 transaction.
pub(crate) async fn cancelled(
    app: &App,
    grant: &Grant,
    id: CampaignId,
    if_match: IfMatch,
) -> Result<Campaign, Problem> {
    let now = app.now();
    Box::pin(change(app, grant, id, if_match, &["status"], |campaign: Campaign| campaign.cancel(now).map_err(refused)))
        .await
}
