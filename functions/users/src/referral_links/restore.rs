//! `POST /referral-links/{id}/restore`.

use axum::extract::State;
use domain::{Change, Permission, ReferralLink, ReferralLinkId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{Brought, ReferralLinkView};

/// Brings a referral link back that was deleted within 30 days.
#[utoipa::path(
    post, path = "/referral-links/{id}/restore", tag = "referral links", params(("id" = ReferralLinkId, Path)),
    responses((status = 200, description = "There again.", body = Envelope<ReferralLinkView>)),
)]
pub(crate) async fn referral_link_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReferralLinkId>,
) -> Result<Versioned<ReferralLinkView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ReferralLinksWrite)?;
    let link: ReferralLink = app.table().get_deleted(&grant, id).await?;
    let link = app.table().commit(&grant, Change::restore(link, app.now(), "referral_link.restored")).await?;
    let version = link.meta.version;
    Ok(Versioned(Brought::of(&app, grant.organization()).await?.view(link), version))
}
