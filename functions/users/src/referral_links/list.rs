//! `GET /referral-links`.

use axum::extract::State;
use domain::{List, Permission, ReferralLink, Rows, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::{Brought, ReferralLinkView};

/// A page of referral links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralLinkList {
    referral_links: Vec<ReferralLinkView>,
    pagination: Pagination,
}

/// The referral links in reach, newest first, with what they brought.
#[utoipa::path(
    get, path = "/referral-links", tag = "referral links", params(PageQuery),
    responses((status = 200, description = "A page of links.", body = Envelope<ReferralLinkList>)),
)]
pub(crate) async fn referral_link_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<ReferralLinkList>, Problem> {
    let grant = signed_in.caller.allow(Permission::ReferralLinksRead)?;
    let shown = if *grant.rows() == Rows::All { Shown::Whole } else { Shown::Filtered };
    let all = List::new(Slot::One, "all", "");
    let (links, pagination) = page_of(&app, &grant, &params, &all, shown, |_: &ReferralLink| true).await?;
    let brought = Brought::of(&app, grant.organization()).await?;
    let referral_links = links.into_iter().map(|link| brought.view(link)).collect();
    Ok(Data(ReferralLinkList { referral_links, pagination }))
}
