//! Reports, read from figures that events keep: no report reads a lead or a call. And the events that frontends tell for
//! analytics, which no report counts.
//!
//! # Days
//! A figure belongs to the day in UTC on which it happened, so a report's days are days in UTC: `30d`
//! are the 30 that end with the present one, and in India a day begins at 05:30. What is shown for a
//! range is exact for those days; it is not moved to the organization's zone. Only the hours of calls are told in that
//! zone: they are counted by half hours in UTC.
//!
//! # Rows
//! A report shows the figures of the caller's rows: of the organization, of their branches added up, or of the people
//! whom they reach, themselves alone as a rule. `branch_id` and `agent_id` narrow them. Figures of a person are those of
//! what was theirs when it happened, in whichever branch; a call or a reminder that changes hands takes its figures along.
//!
//! # Costs
//! What a report reads grows with days and with kinds of things (stages, sources, outcomes), not with leads, calls or
//! people. A call is one figure of the organization, one of its branch and one of its agent: 3 writes.

mod calls;
mod dashboard;
mod events;
mod figures;
mod funnel;
mod overview;
mod performance;
mod pipeline;
mod question;
mod sla;
mod sources;
mod summary;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(dashboard::analytics_dashboard))
        .routes(routes!(overview::analytics_overview))
        .routes(routes!(performance::analytics_agent_performance))
        .routes(routes!(calls::analytics_calls))
        .routes(routes!(funnel::analytics_lead_funnel))
        .routes(routes!(sources::analytics_lead_sources))
        .routes(routes!(pipeline::analytics_lead_pipeline))
        .routes(routes!(sla::analytics_sla))
        .routes(routes!(events::list::analytics_event_list, events::create::analytics_event_create))
        .routes(routes!(events::view::analytics_event_view))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}
