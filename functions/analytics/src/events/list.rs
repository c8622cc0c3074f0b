//! `GET /analytics/events`.

use axum::extract::State;
use domain::date_range::{DateRange, RangeParams};
use domain::filter::{FieldType, Fields, Filter};
use domain::{AnalyticsEvent, FieldInvalid, LeadId, Permission, Rows, Slot, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked};
use web::members::member;
use web::{App, Data, Envelope, Page, PageQuery, Pagination, Params, Problem, SignedIn, Sort};

use super::EventView;

/// What events can be filtered by, beside whose they are and which lead they are about.
const FIELDS: Fields = Fields::new(&[
    ("branch_id", FieldType::Id),
    ("campaign", FieldType::Text),
    ("category", FieldType::Text),
    ("created_at", FieldType::Timestamp),
    ("duration", FieldType::Number),
    ("event_name", FieldType::Text),
    ("event_type", FieldType::Text),
    ("medium", FieldType::Text),
    ("session_id", FieldType::Text),
    ("source", FieldType::Text),
    ("student_id", FieldType::Text),
    ("value", FieldType::Number),
]);

/// Parameters that choose the list and the days.
const CHOOSING: [&str; 6] = ["user_id", "lead_id", "range", "date_range", "start_date", "end_date"];

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsEventList)]
pub(crate) struct EventList {
    events: Vec<EventView>,
    pagination: Pagination,
}

/// What is asked for.
struct Question {
    user: Option<UserId>,
    lead: Option<LeadId>,
    days: Option<DateRange>,
    filter: Filter,
}

/// Lists what people did, the newest first: all of it in reach, or one person's (`user_id`), or about one lead
/// (`lead_id`). Days are those of the organization's zone; every day where nothing is said.
///
/// Costs 1 Query, or 1 for each person where the caller reaches people. Other filters, `event_type` too, read on until
/// the page is full, 2,000 events at most.
#[utoipa::path(
    get, path = "/analytics/events", tag = "analytics",
    params(
        PageQuery,
        ("event_type" = Option<String>, Query, description = "What kind of thing; `event_type[in]=a,b` for several."),
        ("user_id" = Option<UserId>, Query, description = "Who did it."),
        ("lead_id" = Option<LeadId>, Query, description = "The lead it is about."),
        ("student_id" = Option<String>, Query, description = "The student it is about."),
        ("session_id" = Option<String>, Query, description = "The visit it belongs to."),
        ("category" = Option<String>, Query, description = "The word for many kinds of it."),
        ("source" = Option<String>, Query, description = "The source it is owed to."),
        ("campaign" = Option<String>, Query, description = "The campaign of that source."),
        ("range" = Option<String>, Query, description = "`30d`, `4w`, `today`, `week`, …; `date_range` is the same."),
        ("start_date" = Option<String>, Query, description = "The first day, `2026-01-01`."),
        ("end_date" = Option<String>, Query, description = "The last day."),
    ),
    responses((status = 200, description = "A page of events.", body = Envelope<EventList>)),
)]
pub(crate) async fn analytics_event_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<EventList>, Problem> {
    let grant = signed_in.caller.allow(Permission::AnalyticsRead)?;
    let zone = app.organization(&grant).await?.time_zone();
    let Question { user, lead, days, filter } = question(&app, &params, &zone)?;
    if let Some(user) = user {
        member(&app, &grant, user).await?;
    }
    let (slot, question, values) = match (lead, user, grant.rows().owners()) {
        (Some(lead), ..) => (Slot::Three, "lead", vec![lead.to_string()]),
        (None, Some(user), _) => (Slot::Two, "user", vec![user.to_string()]),
        (None, None, Some(people)) => (Slot::Two, "user", people.iter().map(UserId::to_string).collect()),
        (None, None, None) => (Slot::One, "all", vec![String::new()]),
    };
    let instants = days.map(|days| days.instants(&zone));
    // Nothing counts them, so a list's size is what was seen of it.
    let asked = Asked {
        slot,
        question,
        values,
        since: instants.map(|(since, _)| since),
        until: instants.map(|(_, until)| until),
        shown: Shown::Filtered,
        sort: Sort::CREATED,
        words: words(grant.rows(), &params, &filter),
    };
    let keep = |event: &AnalyticsEvent| user.is_none_or(|user| user == event.user_id) && passes(&filter, event);
    let (events, pagination) = page_asked(&app, &grant, &params, &asked, keep).await?;
    Ok(Data(EventList { events: events.into_iter().map(EventView::from).collect(), pagination }))
}

fn question(app: &App, params: &Params, zone: &jiff::tz::TimeZone) -> Result<Question, Vec<FieldInvalid>> {
    let mut wrong = Vec::new();
    let named = |name: &str| params.get(name).filter(|value| !value.eq_ignore_ascii_case("all"));
    let user = named("user_id").and_then(|_| params.parsed("user_id", &mut wrong));
    let lead = named("lead_id").and_then(|_| params.parsed("lead_id", &mut wrong));
    let mut days = None;
    if CHOOSING.iter().skip(2).any(|name| named(name).is_some()) {
        match DateRange::parse(range(params), app.now(), zone) {
            Ok(range) => days = Some(range),
            Err(errors) => wrong.extend(errors),
        }
    }
    let reserved: Vec<&str> = Page::RESERVED.into_iter().chain(CHOOSING).collect();
    let filter = Filter::from_query(params.others(&reserved), &FIELDS, zone).unwrap_or_else(|errors| {
        wrong.extend(errors);
        Filter::default()
    });
    if wrong.is_empty() { Ok(Question { user, lead, days, filter }) } else { Err(wrong) }
}

fn range(params: &Params) -> RangeParams<'_> {
    RangeParams {
        range: params.get("range"),
        date_range: params.get("date_range"),
        start_date: params.get("start_date"),
        end_date: params.get("end_date"),
    }
}

/// What else was asked, for the cursor.
fn words(rows: &Rows, params: &Params, filter: &Filter) -> String {
    format!("{rows:?} {:?} {:?} {}", params.get("user_id"), range(params), filter.to_json())
}

fn passes(filter: &Filter, event: &AnalyticsEvent) -> bool {
    let shown = || serde_json::to_value(EventView::from(event.clone()));
    filter.is_empty() || shown().is_ok_and(|event| filter.matches(&event))
}
