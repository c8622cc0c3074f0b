//! `PUT /campaigns/{id}`.

use axum::extract::State;
use domain::campaign::CampaignPatch;
use domain::{Campaign, CampaignId, CampaignStatus, Invalid, Permission};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::body::{CampaignBody, Told};
use crate::launch::{known, launched, launching};
use crate::view::CampaignView;
use crate::{cancel, pause, refused, resume};

/// Changes a campaign (a merge update: absent keeps, `null` clears); what it says and whom it is for until it begins. The
/// status `active` launches it, once, or goes on with a paused one; `paused` halts it and `cancelled` ends it.
///
/// Costs 1 read and 1 transaction, and for a status what its own operation costs.
#[utoipa::path(
    put, path = "/campaigns/{id}", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    request_body = CampaignBody,
    responses((status = 200, body = Envelope<CampaignView>, headers(("ETag" = String)))),
)]
pub(crate) async fn campaign_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
    Body(body): Body<CampaignBody>,
) -> Result<Versioned<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let Told { patch, status } = body.read(&app.organization(&grant).await?)?;
    known(&grant, patch.target.as_ref().and_then(Option::as_ref))?;
    let campaign: Campaign = app.table().get_to_change(&grant, id).await?;
    let standing = campaign.status;
    let move_to = status.filter(|status| *status != standing);
    let is_changed = patch != CampaignPatch::default();
    let now = app.now();
    // What would not begin is not written either.
    let launch = match (move_to, standing) {
        (Some(CampaignStatus::Active | CampaignStatus::Scheduled), CampaignStatus::Draft) => {
            let after = campaign.clone().update(patch.clone(), now)?.after;
            Some(launching(&app, &signed_in, &grant, &after).await?)
        }
        _ => None,
    };
    let mut campaign = if is_changed {
        let decide = |campaign: Campaign| Ok(campaign.update(patch.clone(), now)?);
        Box::pin(change(&app, &grant, id, if_match, &patch.writing(), decide)).await?
    } else {
        campaign
    };
    let if_match = if is_changed { IfMatch(None) } else { if_match };
    match (move_to, launch) {
        (None, _) => {}
        (Some(_), Some(launch)) => campaign = launched(&app, &grant, id, if_match, launch).await?,
        (Some(CampaignStatus::Active), None) if standing == CampaignStatus::Paused => {
            campaign = resume::resumed(&app, &grant, id, if_match).await?;
        }
        (Some(CampaignStatus::Paused), None) => campaign = pause::paused(&app, &grant, id, if_match).await?,
        (Some(CampaignStatus::Cancelled), None) => campaign = cancel::cancelled(&app, &grant, id, if_match).await?,
        (Some(CampaignStatus::Active | CampaignStatus::Scheduled), None) => {
            return Err(refused(domain::campaign::Unlaunchable(standing)));
        }
        (Some(CampaignStatus::Draft | CampaignStatus::Completed | CampaignStatus::Failed), None) => {
            return Err(Problem::field("status", Invalid::new("not_chosen", "is not chosen by people")));
        }
    }
    let version = campaign.meta.version;
    Ok(Versioned(campaign.into(), version))
}
