//! `DELETE /referral-links/{id}`.

use axum::extract::State;
use domain::{Change, Permission, ReferralLink, ReferralLinkId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a referral link: its code brings nobody more.
#[utoipa::path(
    delete, path = "/referral-links/{id}", tag = "referral links", params(("id" = ReferralLinkId, Path)),
    responses((status = 200, description = "Deleted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn referral_link_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReferralLinkId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::ReferralLinksWrite)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |link: ReferralLink| {
        Ok(Change::delete(link, now, "referral_link.deleted"))
    })
    .await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
