//! `POST /campaigns/{id}/launch`.

use axum::Json;
use axum::extract::State;
use domain::campaign::{Campaign, Launch, Target};
use domain::segment::Audience;
use domain::{CampaignId, CampaignStatus, Grant, Permission};
use jiff::Timestamp;
use serde::Serialize;
use store::AudienceSize;
use utoipa::ToSchema;
use web::{App, IfMatch, PathId, Problem, SignedIn, change, refuse_masked};

use crate::refused;

/// A campaign that was launched.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CampaignLaunched {
    campaign_id: CampaignId,
    /// Whom it is for, as of now. Whoever cannot or may not be written to is told apart in its figures.
    recipients_count: u64,
    /// Whether there are more, who were not counted.
    recipients_at_least: bool,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    scheduled_at: Option<Timestamp>,
    status: CampaignStatus,
}

/// The same in `data` and beside it: the admissions product reads it there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignLaunchAnswer {
    success: bool,
    data: CampaignLaunched,
    #[serde(flatten)]
    beside: CampaignLaunched,
}

/// Launches a campaign: at once, or at its time. 422 with every field that keeps it from beginning; 409 `wrong_status` where
/// it was launched before.
///
/// Nobody beyond your reach is written to, and nothing is told that you do not see. Whom it is for and what its templates say
/// is what they are when it begins. Costs 2 reads, 1 `BatchGetItem` for templates, what it costs to count the leads (1 Query
/// where an index tells, 5 at most) and 1 transaction.
#[utoipa::path(
    post, path = "/campaigns/{id}/launch", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = CampaignLaunchAnswer)),
)]
pub(crate) async fn campaign_launch(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    if_match: IfMatch,
) -> Result<Json<CampaignLaunchAnswer>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let campaign: Campaign = app.table().get_to_change(&grant, id).await?;
    if campaign.status != CampaignStatus::Draft {
        return Err(refused(domain::campaign::Unlaunchable(campaign.status)));
    }
    let (launch, audience) = ready(&app, &signed_in, &grant, &campaign).await?;
    let pipeline = app.pipeline(&grant).await?;
    let size = Box::pin(app.table().audience_size(&grant, &audience, app.now(), &pipeline)).await?;
    let campaign = launched(&app, &grant, id, if_match, launch).await?;
    let AudienceSize { count, at_least } = size;
    let data = CampaignLaunched {
        campaign_id: id,
        recipients_count: count,
        recipients_at_least: at_least,
        scheduled_at: campaign.scheduled_at,
        status: campaign.status,
    };
    Ok(Json(CampaignLaunchAnswer { success: true, beside: data.clone(), data }))
}

/// Launches it: 1 read, 1 transaction, 1 message.
pub(crate) async fn launched(
    app: &App,
    grant: &Grant,
    id: CampaignId,
    if_match: IfMatch,
    launch: Launch,
) -> Result<Campaign, Problem> {
    let now = app.now();
    let decide = |campaign: Campaign| campaign.launch(launch.clone(), now).map_err(refused);
    let campaign = Box::pin(change(app, grant, id, if_match, &["status"], decide)).await?;
    if campaign.status == CampaignStatus::Active {
        app.platform().send_campaign(&campaign).await;
    }
    Ok(campaign)
}

/// The caller as whoever launches it. Refused with every field that keeps it from beginning.
pub(crate) async fn launching(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    campaign: &Campaign,
) -> Result<Launch, Problem> {
    Ok(ready(app, signed_in, grant, campaign).await?.0)
}

async fn ready(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    campaign: &Campaign,
) -> Result<(Launch, Audience), Problem> {
    signed_in.caller.allow(Permission::LeadsRead)?;
    let (audience, _) = app.platform().resolve_campaign(grant, campaign).await??;
    if let Audience::Criteria(conditions) = &audience {
        masked(grant, |field| conditions.name(field))?;
    }
    let launch =
        Launch { by: signed_in.user, at: app.now(), rows: grant.rows().clone(), clear: grant.clear(), begun: None };
    Ok((launch, audience))
}

/// Refuses criteria about fields that are masked for the caller, who would learn by them what is in these.
pub(crate) fn known(grant: &Grant, target: Option<&Target>) -> Result<(), Problem> {
    match target {
        Some(Target::Criteria(conditions)) => masked(grant, |field| conditions.name(field)),
        Some(Target::Segment(_) | Target::Leads(_)) | None => Ok(()),
    }
}

fn masked(grant: &Grant, names: impl Fn(&str) -> bool) -> Result<(), Problem> {
    let within =
        |wrong: Vec<domain::FieldInvalid>| wrong.into_iter().map(|one| one.within("target_criteria")).collect();
    Ok(refuse_masked(grant, names).map_err(|wrong| -> Vec<_> { within(wrong) })?)
}
