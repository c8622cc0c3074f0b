//! `GET /public/r/{code}`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use domain::{Caller, FormId, Permission, ReferralLink};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Address, App, Data, Envelope, PathText, Problem, Scope};

use crate::find::link_of;
use crate::limits;

/// A referral link as a page needs it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicLink {
    /// What the page sends as `ref`.
    code: String,
    /// Whose it is.
    organization: String,
    /// The key of the form that it leads to.
    #[schema(required)]
    form: Option<FormId>,
}

/// A referral link, for the page that its visitor comes to; 60 a minute for an address. The click is counted.
///
/// 2 writes; 2 reads, and 1 more every 30 seconds.
#[utoipa::path(
    get, path = "/public/r/{code}", tag = "public", security(()),
    params(("code" = String, Path, description = "The link's code.")),
    responses((status = 200, description = "The link.", body = Envelope<PublicLink>)),
)]
pub(crate) async fn public_link_follow(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathText(code): PathText,
) -> Result<impl IntoResponse, Problem> {
    limits::count_view(&app, &scope, &address).await?;
    let link = link_of(&app, &code).await?.ok_or_else(Problem::not_found)?;
    let grant = Caller::visitor(link.meta.organization).allow(Permission::LeadsWrite)?;
    let organization = app.organization(&grant).await?.name;
    app.table().next_number(&grant, &ReferralLink::clicks(link.id)).await?;
    let page = PublicLink { code: link.code, organization, form: link.form };
    // One that a cache answered would not be counted.
    Ok(([(header::CACHE_CONTROL, "no-store")], Data(page)))
}
