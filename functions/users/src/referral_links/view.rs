//! `GET /referral-links/{id}`.

use axum::extract::State;
use domain::{Permission, ReferralLink, ReferralLinkId};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use super::{Brought, ReferralLinkView};

/// One referral link, with what it brought.
#[utoipa::path(
    get, path = "/referral-links/{id}", tag = "referral links", params(("id" = ReferralLinkId, Path)),
    responses((status = 200, description = "The link.", body = Envelope<ReferralLinkView>)),
)]
pub(crate) async fn referral_link_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReferralLinkId>,
) -> Result<Data<ReferralLinkView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ReferralLinksRead)?;
    let link: ReferralLink = app.table().get(&grant, id).await?;
    // Its figures change without it: the answer has no version for a tag.
    Ok(Data(Brought::of(&app, grant.organization()).await?.view(link)))
}
