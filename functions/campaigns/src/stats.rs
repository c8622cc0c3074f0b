//! `GET /campaigns/{id}/stats`.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::campaign::{CampaignFigures, rate};
use domain::{Campaign, CampaignId, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::view::WinnerView;

/// What became of messages, as the admissions product counts: clicks and conversions are parts of what was opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignFigures)]
pub(crate) struct StatFigures {
    sent: u64,
    delivered: u64,
    opened: u64,
    clicked: u64,
    responded: u64,
    converted: u64,
    failed: u64,
    /// `delivered` of `sent`, in per cent to one decimal.
    delivery_rate: f64,
    /// `opened` of `delivered`.
    open_rate: f64,
    /// `clicked` of `opened`.
    click_rate: f64,
    /// `converted` of `opened`.
    conversion_rate: f64,
}

impl From<&CampaignFigures> for StatFigures {
    fn from(figures: &CampaignFigures) -> Self {
        let CampaignFigures { sent, delivered, opened, clicked, responded, converted, failed, .. } = *figures;
        Self {
            sent,
            delivered,
            opened,
            clicked,
            responded,
            converted,
            failed,
            delivery_rate: rate(delivered, sent),
            open_rate: rate(opened, delivered),
            click_rate: rate(clicked, opened),
            conversion_rate: rate(converted, opened),
        }
    }
}

/// What became of a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignStats {
    /// People for whom it was planned: those who are written to and those who cannot or may not be.
    total_recipients: u64,
    #[serde(flatten)]
    figures: StatFigures,
    /// Those who are not written to, by the word of why: `no_address`, `unsubscribed` and so on.
    refused: BTreeMap<String, u64>,
    /// Those who are written nothing, so that one can see what they do by themselves.
    held_out: u64,
    /// Messages that were taken back.
    cancelled: u64,
    /// Messages that wait to be sent.
    pending: u64,
    /// The same of each variant.
    variants: Vec<VariantStats>,
    #[schema(required)]
    winner: Option<WinnerView>,
}

/// What became of a variant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignVariantStats)]
pub(crate) struct VariantStats {
    key: String,
    #[serde(flatten)]
    figures: StatFigures,
}

/// What became of a campaign so far. It follows its messages within moments. Costs 1 `GetItem` and 1 `BatchGetItem`,
/// however many it was sent to.
#[utoipa::path(
    get, path = "/campaigns/{id}/stats", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignStats>)),
)]
pub(crate) async fn campaign_stats(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
) -> Result<Data<CampaignStats>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsRead)?;
    let campaign: Campaign = app.table().get(&grant, id).await?;
    let (figures, of_variants) = app.platform().campaign_figures(&grant, &campaign).await?;
    let tally = &campaign.progress.tally;
    let mut refused = tally.refused.clone();
    for (reason, n) in &figures.refused_for {
        *refused.entry(reason.clone()).or_default() += n;
    }
    let keys = campaign.experiment.iter().flat_map(|experiment| &experiment.variants).map(|variant| &variant.key);
    let variants = keys.zip(&of_variants);
    Ok(Data(CampaignStats {
        total_recipients: tally.recipients(),
        figures: StatFigures::from(&figures),
        refused,
        held_out: tally.held_out,
        cancelled: figures.cancelled,
        pending: tally.messages.saturating_sub(figures.out),
        variants: variants.map(|(key, figures)| VariantStats { key: key.clone(), figures: figures.into() }).collect(),
        winner: campaign.progress.winner.as_ref().map(WinnerView::from),
    }))
}
