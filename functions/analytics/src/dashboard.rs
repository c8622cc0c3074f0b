//! `GET /analytics/dashboard`.

use axum::extract::State;
use domain::Permission;
use domain::funnel::{self, Figures, Funnel, Percent};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, RangeQuery, SignedIn};

use crate::figures;
use crate::question::{BranchQuery, Question};

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
    /// Leads that came in the range.
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

/// Messages by channel: not counted yet, all 0.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CommunicationStats {
    total: u64,
    email: u64,
    sms: u64,
    whatsapp: u64,
    phone: u64,
}

/// The dashboard.
///
/// Revenue and messages read 0 until payments and communications are there; students are converted
/// leads. Somebody who reaches only their own leads sees zeros: figures are kept per branch.
///
/// 5 Queries at once (for each branch, where the caller reaches branches), of 0.5 read units each 50
/// figures: one a day (twice the range, for the trends), one a day and source, one a day and stage, one
/// a person. The pipeline is read every 30 seconds.
#[utoipa::path(
    get, path = "/analytics/dashboard", tag = "analytics", params(RangeQuery, BranchQuery),
    responses((status = 200, description = "The dashboard.", body = Envelope<Dashboard>)),
)]
pub(crate) async fn analytics_dashboard(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<Dashboard>, Problem> {
    let Question { grant, range } = Question::read(&app, &signed_in, Permission::DashboardRead, &params).await?;
    let (pipeline, created, converted, by_source, entered, owners) = tokio::join!(
        app.pipeline(&grant),
        figures::in_range_and_before(&app, &grant, "leads_created", range),
        figures::in_range_and_before(&app, &grant, "leads_converted", range),
        figures::in_range(&app, &grant, "leads_by_source", range),
        figures::in_range(&app, &grant, "stage_entered", range),
        figures::now(&app, &grant, "open_leads_by_owner"),
    );
    let (leads, leads_before) = totals(&created?);
    let (students, students_before) = totals(&converted?);
    let funnel = Funnel::new(&pipeline?.pipeline, &entered?, &Figures::default());
    Ok(Data(Dashboard {
        overview: Overview {
            total_leads: leads,
            total_students: students,
            conversion_rate: Percent::share(students, leads),
            revenue: 0,
            active_users: owners?.iter().map(|_| 1).sum(),
        },
        trends: Trends {
            leads_change: Percent::change(leads, leads_before),
            students_change: Percent::change(students, students_before),
            conversion_change: Percent::change_of_share((students, leads), (students_before, leads_before)),
            revenue_change: Percent::default(),
        },
        lead_sources: lead_sources(&by_source?),
        conversion_funnel: conversion_funnel(funnel),
        communication_stats: CommunicationStats::default(),
    }))
}

fn totals((now, before): &(Figures, Figures)) -> (u64, u64) {
    (now.total(), before.total())
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
