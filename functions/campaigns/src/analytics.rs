//! `GET /campaigns/{id}/analytics`.

use axum::extract::State;
use domain::campaign::{CampaignFigures, rate};
use domain::{Campaign, CampaignId, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

/// What became of a campaign, as the renewals product counts: clicks and conversions are parts of what was delivered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignAnalytics {
    sent: u64,
    delivered: u64,
    opened: u64,
    clicked: u64,
    converted: u64,
    /// `opened` of `delivered`, in per cent to one decimal.
    open_rate: f64,
    /// `clicked` of `delivered`.
    click_rate: f64,
    /// `converted` of `delivered`.
    conversion_rate: f64,
    /// The same of each variant.
    variants: Vec<VariantAnalytics>,
}

/// What became of a variant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignVariantAnalytics)]
pub(crate) struct VariantAnalytics {
    key: String,
    sent: u64,
    delivered: u64,
    opened: u64,
    clicked: u64,
    converted: u64,
    open_rate: f64,
    click_rate: f64,
    conversion_rate: f64,
}

/// What became of a campaign so far. It follows its messages within moments. Costs 1 `GetItem` and 1 `BatchGetItem`,
/// however many it was sent to.
#[utoipa::path(
    get, path = "/campaigns/{id}/analytics", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignAnalytics>)),
)]
pub(crate) async fn campaign_analytics(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
) -> Result<Data<CampaignAnalytics>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsRead)?;
    let campaign: Campaign = app.table().get(&grant, id).await?;
    let (figures, of_variants) = app.platform().campaign_figures(&grant, &campaign).await?;
    let keys = campaign.experiment.iter().flat_map(|experiment| &experiment.variants).map(|variant| &variant.key);
    let variant = |(key, figures): (&String, &CampaignFigures)| {
        let CampaignFigures { sent, delivered, opened, clicked, converted, .. } = *figures;
        VariantAnalytics {
            key: key.clone(),
            sent,
            delivered,
            opened,
            clicked,
            converted,
            open_rate: rate(opened, delivered),
            click_rate: rate(clicked, delivered),
            conversion_rate: rate(converted, delivered),
        }
    };
    let CampaignFigures { sent, delivered, opened, clicked, converted, .. } = figures;
    Ok(Data(CampaignAnalytics {
        sent,
        delivered,
        opened,
        clicked,
        converted,
        open_rate: rate(opened, delivered),
        click_rate: rate(clicked, delivered),
        conversion_rate: rate(converted, delivered),
        variants: keys.zip(&of_variants).map(variant).collect(),
    }))
}
