//! `GET /campaigns`.

use axum::extract::State;
use domain::{Campaign, CampaignStatus, CampaignType, FieldInvalid, Invalid, List, Permission, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use crate::view::CampaignView;

/// A page of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignList {
    campaigns: Vec<CampaignView>,
    pagination: Pagination,
}

/// Lists campaigns, newest first. Costs 1 Query; with a `type` it reads on until the page is full, 2,000 at most.
#[utoipa::path(
    get, path = "/campaigns", tag = "campaigns",
    params(
        PageQuery,
        ("status" = Option<String>, Query, description = "Those that stand there; `all` means any."),
        ("type" = Option<String>, Query, description = "Those that go over this; `all` means any."),
    ),
    responses((status = 200, body = Envelope<CampaignList>)),
)]
pub(crate) async fn campaign_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<CampaignList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsRead)?;
    let mut wrong = Vec::new();
    let status: Option<CampaignStatus> = named(&params, "status", &mut wrong);
    let kind: Option<CampaignType> = named(&params, "type", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let list = status.map_or_else(|| List::new(Slot::One, "all", ""), |status| List::new(Slot::Two, "status", status));
    let asked = Asked {
        shown: if kind.is_some() { Shown::Filtered } else { Shown::Whole },
        words: kind.map(|kind| kind.to_string()).unwrap_or_default(),
        ..Asked::of(&list)
    };
    let keep = |campaign: &Campaign| kind.is_none_or(|kind| kind == campaign.kind);
    let (found, pagination) = page_asked(&app, &grant, &params, &asked, keep).await?;
    Ok(Data(CampaignList { campaigns: found.into_iter().map(CampaignView::from).collect(), pagination }))
}

/// A word that may also be `all`, which asks nothing.
fn named<T: std::str::FromStr<Err = Invalid>>(params: &Params, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
    params.get(name).filter(|value| !value.eq_ignore_ascii_case("all"))?;
    params.parsed(name, wrong)
}
