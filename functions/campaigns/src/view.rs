//! A campaign as it is shown; `GET /campaigns/{id}`.

use axum::extract::State;
use domain::campaign::{
    Campaign, CampaignContent, Experiment, ScheduleType, Stage, Target, Variant, Winner, WinnerMetric, WinnerRule,
};
use domain::template::Subject;
use domain::{
    Amount, CampaignId, CampaignStatus, CampaignType, ContactChannel, ContactPurpose, Currency, CustomFields, Label,
    LeadId, Meta, Note, Permission, SegmentId, Tags, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// What frontends send back of a campaign and only we write.
pub(crate) const READ_ONLY: &[&str] = &[
    "id",
    "currency",
    "stage",
    "total_recipients",
    "winner",
    "reason",
    "launched_at",
    "launched_by",
    "finished_at",
    "created_by",
    "created_at",
    "updated_at",
    "version",
];

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignView {
    id: CampaignId,
    name: Label,
    #[schema(required)]
    description: Option<Note>,
    r#type: CampaignType,
    /// In the order in which they are tried.
    channels: Vec<ContactChannel>,
    status: CampaignStatus,
    /// What is done of it while it is under way; `null` before and after.
    #[schema(required)]
    stage: Option<Stage>,
    /// Why it halted or failed by itself: `error_rate`, or the word of what is wrong with it.
    #[schema(required)]
    reason: Option<String>,
    /// What people call those whom it is for; where they call them nothing, the criteria.
    #[schema(value_type = Option<Value>, required)]
    target_audience: Option<Value>,
    #[schema(value_type = Option<Value>, required)]
    target_criteria: Option<Value>,
    #[schema(required)]
    segment_id: Option<SegmentId>,
    #[schema(required)]
    lead_ids: Option<Vec<LeadId>>,
    #[schema(required)]
    subject: Option<Subject>,
    /// Text or an object, as it was written.
    #[schema(value_type = Option<Value>, required)]
    content: Option<Value>,
    purpose: ContactPurpose,
    schedule_type: ScheduleType,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    scheduled_at: Option<Timestamp>,
    is_automated: bool,
    #[schema(required)]
    budget: Option<Amount>,
    #[schema(required)]
    currency: Option<Currency>,
    tags: Tags,
    custom_fields: CustomFields,
    #[schema(required)]
    throttle_per_minute: Option<u32>,
    max_error_percent: u8,
    error_min_sample: u32,
    #[schema(required)]
    ab_test: Option<TestView>,
    /// People for whom it was planned so far.
    total_recipients: u64,
    /// The variant that won its test.
    #[schema(required)]
    winner: Option<WinnerView>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    launched_at: Option<Timestamp>,
    #[schema(required)]
    launched_by: Option<UserId>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

/// How a campaign is tried out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignTestShown)]
pub(crate) struct TestView {
    variants: Vec<VariantView>,
    test_percent: u8,
    holdout_percent: u8,
    #[schema(required)]
    winner: Option<RuleView>,
}

/// One of the things that a campaign may say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignVariantShown)]
pub(crate) struct VariantView {
    key: String,
    weight: u32,
    #[schema(required)]
    subject: Option<Subject>,
    #[schema(value_type = Option<Value>, required)]
    content: Option<Value>,
}

/// Which variant wins.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignWinnerRule)]
pub(crate) struct RuleView {
    metric: WinnerMetric,
    min_sample: u32,
    after_minutes: u32,
}

/// The variant that won.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignWinner)]
pub(crate) struct WinnerView {
    key: String,
    /// Whether each variant had its sample; if not, the first one won as nobody knew better.
    has_sample: bool,
}

impl From<&Winner> for WinnerView {
    fn from(Winner { key, has_sample }: &Winner) -> Self {
        Self { key: key.clone(), has_sample: *has_sample }
    }
}

/// What a content says, as an object; `null` where that is nothing.
fn object(content: &CampaignContent, personalization: Option<bool>) -> Option<Value> {
    if content.is_empty() {
        return None;
    }
    let CampaignContent { subject, body, html, template, templates } = content;
    let mut object = json!({
        "subject": subject, "body": body, "html": html, "template_id": template, "templates": templates,
    });
    if let Some(personalization) = personalization {
        object["personalization"] = personalization.into();
    }
    Some(object)
}

impl From<&Experiment> for TestView {
    fn from(Experiment { variants, test_percent, holdout_percent, winner }: &Experiment) -> Self {
        let variant = |Variant { key, weight, content }: &Variant| VariantView {
            key: key.clone(),
            weight: *weight,
            subject: content.subject.clone(),
            content: object(content, None),
        };
        let rule = |WinnerRule { metric, min_sample, after_minutes }| RuleView { metric, min_sample, after_minutes };
        Self {
            variants: variants.iter().map(variant).collect(),
            test_percent: *test_percent,
            holdout_percent: *holdout_percent,
            winner: winner.map(rule),
        }
    }
}

impl From<Campaign> for CampaignView {
    fn from(campaign: Campaign) -> Self {
        let Campaign {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            name,
            description,
            kind,
            channels,
            status,
            target_audience,
            target,
            content,
            is_content_object,
            personalization,
            purpose,
            schedule_type,
            scheduled_at,
            is_automated,
            budget,
            tags,
            custom_fields,
            throttle_per_minute,
            error_limit,
            experiment,
            created_by,
            launch,
            progress,
            reason,
            lease_until: _,
            finished_at,
        } = campaign;
        let criteria = match &target {
            Some(Target::Criteria(conditions)) if !conditions.is_empty() => Some(conditions.written()),
            _ => None,
        };
        let segment_id = if let Some(Target::Segment(id)) = &target { Some(*id) } else { None };
        let lead_ids = if let Some(Target::Leads(ids)) = target { Some(ids.into_iter().collect()) } else { None };
        let label = target_audience.map(|label| Value::String(label.to_string()));
        let said = if is_content_object {
            object(&content, Some(personalization))
        } else {
            content.body.as_ref().map(|body| Value::String(body.to_string()))
        };
        Self {
            id,
            name,
            description,
            r#type: kind,
            channels,
            status,
            stage: status.is_under_way().then_some(progress.stage),
            reason,
            target_audience: label.or_else(|| criteria.clone()),
            target_criteria: criteria,
            segment_id,
            lead_ids,
            subject: content.subject,
            content: said,
            purpose,
            schedule_type,
            scheduled_at,
            is_automated,
            budget: budget.map(domain::Money::amount),
            currency: budget.map(domain::Money::currency),
            tags,
            custom_fields,
            throttle_per_minute,
            max_error_percent: error_limit.percent,
            error_min_sample: error_limit.min_sample,
            ab_test: experiment.as_ref().map(TestView::from),
            total_recipients: progress.tally.recipients(),
            winner: progress.winner.as_ref().map(WinnerView::from),
            launched_at: launch.as_ref().map(|launch| launch.at),
            launched_by: launch.map(|launch| launch.by),
            finished_at,
            created_by,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Shows a campaign. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/campaigns/{id}", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignView>, headers(("ETag" = String)))),
)]
pub(crate) async fn campaign_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsRead)?;
    let campaign: Campaign = app.table().get(&grant, id).await?;
    let version = campaign.meta.version;
    Ok(Versioned(campaign.into(), version))
}
