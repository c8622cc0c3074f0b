//! `DELETE /campaigns/{id}`.

use axum::extract::State;
use domain::campaign::Unlaunchable;
use domain::{Campaign, CampaignId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

use crate::refused;

/// Deletes a campaign; what it sent stays. 409 `wrong_status` where it is under way: cancel it first. It can be restored for
/// 30 days. Costs 1 read and 1 transaction.
#[utoipa::path(
    delete, path = "/campaigns/{id}", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn campaign_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let now = app.now();
    let decide = |campaign: Campaign| {
        if campaign.status.is_under_way() {
            Err(refused(Unlaunchable(campaign.status)))
        } else {
            Ok(campaign.delete(now))
        }
    };
    Box::pin(change(&app, &grant, id, if_match, &[], decide)).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
