//! `GET /analytics/dashboard`.

use axum::extract::State;
use domain::call::CallsCounted;
use domain::date_range::DateRange;
use domain::funnel::{self, Figures, Funnel, Percent};
use domain::{Grant, Permission, Rows};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures::{self, Leads, within};
use crate::question::{Question, RowsQuery};

/// The admissions product's dashboard, in its spelling.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard {
    overview: Overview,
    /// Per cent against the range before of equal length; 0 where there was nothing before.
    trends: Trends,
    /// By source, the largest first.
    lead_sources: Vec<LeadSource>,
    /// The open stages in their order, then the winning one.
    conversion_funnel: Vec<ConversionStage>,
    communication_stats: CommunicationStats,
}

/// The range in five figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Overview {
    /// Leads that came in the range; to a person also from somebody else.
    total_leads: u64,
    /// Leads that were converted in the range: they are the students, until students are records of
    /// their own.
    total_students: u64,
    /// Students, of leads.
    conversion_rate: Percent,
    /// Not counted yet: 0.
    #[schema(value_type = f64)]
    revenue: u64,
    /// People who hold open leads now.
    active_users: u64,
}

/// Changes of the overview's figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the admissions product's names")]
pub(crate) struct Trends {
    leads_change: Percent,
    students_change: Percent,
    /// Of the rate itself: from 20 % to 25 % is 25.
    conversion_change: Percent,
    /// Not counted yet: 0.
    revenue_change: Percent,
}

/// A source of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadSource {
    /// The source; `Unknown` for leads that came without one.
    source: String,
    count: u64,
    percentage: Percent,
}

/// A stage of the funnel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversionStage {
    /// What people call it.
    stage: String,
    /// Leads that entered it for the first time in the range.
    count: u64,
    /// Of those that entered the first stage.
    percentage: Percent,
}

/// Messages and calls, by channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommunicationStats {
    total: u64,
    email: u64,
    sms: u64,
    whatsapp: u64,
    /// Calls that were over.
    phone: u64,
}

/// The dashboard.
///
/// Revenue reads 0 until payments are there; students are converted leads. Calls that were over are the communications by
/// phone. E-mails and text messages are those that the platform sent: they belong to no branch and to nobody, so that
/// only whoever reaches the whole organization sees them. Somebody who reaches only their own leads sees their own
/// figures.
///
/// 7 Queries at once for the organization (6 for each branch, where the caller reaches branches; 2 for each person where
/// they reach people, and 1 `BatchGetItem`), of 0.5 read units each 50 figures: one a day (twice the range, for the
/// trends), one a day and source, one a day and stage, one a person, one a day, status and outcome of calls, one a day
/// and channel. The pipeline is read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/dashboard", tag = "analytics", params(RangeQuery, RowsQuery),
    responses((status = 200, description = "The dashboard.", body = Envelope<Dashboard>)),
)]
pub(crate) async fn analytics_dashboard(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<Dashboard>, Problem> {
    let Question { asked, range } =
        Question::read(&app, &signed_in, Permission::DashboardRead, &params, Vec::new()).await?;
    let grant = &asked.grant;
    let pipeline = app.pipeline(grant).await?.pipeline;
    let (leads, active_users, communication_stats) = tokio::try_join!(
        Leads::read(&app, grant, &pipeline, range),
        figures::holders(&app, grant),
        communications(&app, grant, range),
    )?;
    let (now, before) = (within(&leads.days, range), within(&leads.days, range.previous()));
    Ok(Data(Dashboard {
        overview: Overview {
            total_leads: now.leads,
            total_students: now.converted,
            conversion_rate: Percent::share(now.converted, now.leads),
            revenue: 0,
            active_users,
        },
        trends: Trends {
            leads_change: Percent::change(now.leads, before.leads),
            students_change: Percent::change(now.converted, before.converted),
            conversion_change: Percent::change_of_share((now.converted, now.leads), (before.converted, before.leads)),
            revenue_change: Percent::default(),
        },
        lead_sources: lead_sources(&leads.by_source),
        conversion_funnel: conversion_funnel(Funnel::new(&pipeline, &leads.entered, &Figures::default())),
        communication_stats,
    }))
}

/// Messages and calls of a range: 1 Query, or 2 for the organization.
async fn communications(app: &App, grant: &Grant, range: DateRange) -> Result<CommunicationStats, StoreError> {
    let sent = async {
        match grant.rows() {
            Rows::All => app.table().counts_by_day(grant, "messages_sent", range.from, range.to).await,
            Rows::Branches { .. } | Rows::Team { .. } | Rows::Own { .. } => Ok(Vec::new()),
        }
    };
    let (calls, sent) = tokio::try_join!(app.table().counted::<CallsCounted>(grant, range), sent)?;
    let phone = calls.iter().map(|row| row.number).sum();
    let sent: Figures = sent.into_iter().map(|row| (row.dimension, row.n)).collect();
    let (email, sms, whatsapp) = (sent.of("email"), sent.of("sms"), sent.of("whatsapp"));
    Ok(CommunicationStats { total: email + sms + whatsapp + phone, email, sms, whatsapp, phone })
}

fn lead_sources(leads: &Figures) -> Vec<LeadSource> {
    funnel::sources(leads)
        .into_iter()
        .map(|share| LeadSource {
            source: share.source.unwrap_or_else(|| "Unknown".to_owned()),
            count: share.count,
            percentage: share.percentage,
        })
        .collect()
}

fn conversion_funnel(funnel: Funnel) -> Vec<ConversionStage> {
    funnel
        .stages
        .into_iter()
        .map(|stage| ConversionStage {
            stage: stage.name.as_str().to_owned(),
            count: stage.entered,
            percentage: stage.percentage,
        })
        .collect()
}
