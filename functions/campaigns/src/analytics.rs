//! `GET /campaigns/{id}/analytics`.

use axum::extract::State;
use domain::campaign::{CampaignFigures, rate};
use domain::{Campaign, CampaignId, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

/// What became of messages, as the renewals product counts: clicks and conversions are parts of what was delivered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignAnalyticsFigures)]
pub(crate) struct AnalyticsFigures {
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
}

impl From<&CampaignFigures> for AnalyticsFigures {
    fn from(figures: &CampaignFigures) -> Self {
        let CampaignFigures { sent, delivered, opened, clicked, converted, .. } = *figures;
        Self {
            sent,
            delivered,
            opened,
            clicked,
            converted,
            open_rate: rate(opened, delivered),
            click_rate: rate(clicked, delivered),
            conversion_rate: rate(converted, delivered),
        }
    }
}

/// What became of a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignAnalytics {
    #[serde(flatten)]
    figures: AnalyticsFigures,
    /// The same of each variant.
    variants: Vec<VariantAnalytics>,
}

/// What became of a variant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignVariantAnalytics)]
pub(crate) struct VariantAnalytics {
    key: String,
    #[serde(flatten)]
    figures: AnalyticsFigures,
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
    let variants = keys
        .zip(&of_variants)
        .map(|(key, figures)| VariantAnalytics { key: key.clone(), figures: figures.into() })
        .collect();
    Ok(Data(CampaignAnalytics { figures: AnalyticsFigures::from(&figures), variants }))
}
