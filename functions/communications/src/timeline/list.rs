//! `GET /communications`.

use axum::extract::State;
use domain::filter::{FieldType, Fields, Filter};
use domain::{BranchId, CampaignId, Communication, Grant, Lead, LeadId, Permission, PersonalFields, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked};
use web::{App, Data, Envelope, Page, PageQuery, Pagination, Params, Problem, SignedIn};

use super::{CommunicationView, reading};

/// What communications can be filtered by, beside whose they are and with whom.
const FIELDS: Fields = Fields::new(&[
    ("campaign_id", FieldType::Id),
    ("created_at", FieldType::Timestamp),
    ("direction", FieldType::Text),
    ("purpose", FieldType::Text),
    ("scheduled_at", FieldType::Timestamp),
    ("status", FieldType::Text),
    ("student_id", FieldType::Text),
    ("template_id", FieldType::Id),
    ("type", FieldType::Text),
]);

/// A page of communications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommunicationList {
    communications: Vec<CommunicationView>,
    pagination: Pagination,
}

/// Lists communications by when they were, or shall be, the latest first: all in your rows, somebody's (`user_id`), or all
/// that was said to a lead in reach and by them (`lead_id`).
///
/// Costs 1 Query (where it is all, 1 for each branch or person in reach: beyond 40 of them one must be named) and 1 read for
/// who is named; a filter reads on until the page is full, 2,000 at most.
#[utoipa::path(
    get, path = "/communications", tag = "communications",
    params(
        PageQuery,
        ("user_id" = Option<String>, Query, description = "Whose they are."),
        ("lead_id" = Option<String>, Query, description = "With whom."),
        ("branch_id" = Option<String>, Query, description = "Where they belong."),
        ("type" = Option<String>, Query, description = "How it was said; `all` means any."),
        ("direction" = Option<String>, Query, description = "By whom."),
        ("status" = Option<String>, Query, description = "Where they stand."),
        ("campaign_id" = Option<CampaignId>, Query, description = "Of which campaign."),
    ),
    responses((status = 200, body = Envelope<CommunicationList>)),
)]
pub(crate) async fn communication_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<CommunicationList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsRead)?;
    let mut wrong = Vec::new();
    let named = |name: &str| params.get(name).is_some_and(|value| !value.eq_ignore_ascii_case("all"));
    let user = if named("user_id") { params.parsed::<UserId>("user_id", &mut wrong) } else { None };
    let lead = if named("lead_id") { params.parsed::<LeadId>("lead_id", &mut wrong) } else { None };
    let branch = if named("branch_id") { params.parsed::<BranchId>("branch_id", &mut wrong) } else { None };
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let filter = filter(&app, &grant, &params, &["user_id", "lead_id", "branch_id"]).await?;
    if let Some(lead) = lead {
        let _: Lead = app.table().get(&grant, lead).await?;
        let keep = |one: &Communication| {
            user.is_none_or(|user| user == one.user_id) && branch.is_none_or(|branch| branch == one.branch_id)
        };
        return of_lead(&app, &grant, &params, lead, &filter, keep).await;
    }
    of_rows(&app, &grant, &params, &filter, Choice { user, branch }).await
}

/// Of what is in the caller's rows, what is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Choice {
    /// Whose.
    pub(super) user: Option<UserId>,
    /// Where it belongs.
    pub(super) branch: Option<BranchId>,
}

/// A page of what is in the caller's rows.
pub(super) async fn of_rows(
    app: &App,
    grant: &Grant,
    params: &Params,
    filter: &Filter,
    Choice { user, branch }: Choice,
) -> Result<Data<CommunicationList>, Problem> {
    let asked = Asked {
        shown: if filter.is_empty() { Shown::Whole } else { Shown::Filtered },
        words: filter.to_json().to_string(),
        ..Asked::in_rows(app, grant, user, branch).await?
    };
    shown(app, grant, grant, params, &asked, |one| passes(filter, one)).await
}

/// The filter of a query; parameters named in `reserved` are none.
pub(super) async fn filter(app: &App, grant: &Grant, params: &Params, reserved: &[&str]) -> Result<Filter, Problem> {
    let reserved: Vec<&str> = Page::RESERVED.into_iter().chain(reserved.iter().copied()).collect();
    let others: Vec<_> = params.others(&reserved).collect();
    if others.is_empty() {
        return Ok(Filter::default());
    }
    let zone = app.organization(grant).await?.time_zone();
    Ok(Filter::from_query(others, &FIELDS, &zone)?)
}

/// A page of what is on a lead's timeline, for whoever sees the lead.
pub(super) async fn of_lead(
    app: &App,
    grant: &Grant,
    params: &Params,
    lead: LeadId,
    filter: &Filter,
    keep: impl Fn(&Communication) -> bool,
) -> Result<Data<CommunicationList>, Problem> {
    let asked = Asked {
        shown: Shown::Filtered,
        words: format!("{:?} {}", grant.rows(), filter.to_json()),
        ..Asked::of(&Communication::timeline_of(lead))
    };
    shown(app, grant, &reading(grant), params, &asked, |one| keep(one) && passes(filter, one)).await
}

/// The page itself, read with one grant and shown with another.
pub(super) async fn shown(
    app: &App,
    grant: &Grant,
    reading: &Grant,
    params: &Params,
    asked: &Asked,
    keep: impl Fn(&Communication) -> bool,
) -> Result<Data<CommunicationList>, Problem> {
    let (communications, pagination) = page_asked(app, reading, params, asked, keep).await?;
    let view = |one| CommunicationView::new(one, grant.clear());
    Ok(Data(CommunicationList { communications: communications.into_iter().map(view).collect(), pagination }))
}

/// Whether a communication passes what is left of a filter: the view's names are the filter's names.
fn passes(filter: &Filter, one: &Communication) -> bool {
    filter.is_empty()
        || serde_json::to_value(CommunicationView::new(one.clone(), PersonalFields::NONE))
            .is_ok_and(|view| filter.matches(&view))
}
