//! Reports, read from figures that events keep: no report reads a lead.
//!
//! # Days
//! A figure belongs to the day in UTC on which it happened, so a report's days are days in UTC: `30d`
//! are the 30 that end with the present one, and in India a day begins at 05:30. What is shown for a
//! range is exact for those days; it is not moved to the organization's zone.
//!
//! # Rows
//! A report shows the figures of the caller's rows: of the organization, or of their branches added
//! up. Figures are kept per branch and not per person, so somebody who reaches only their own leads
//! sees zeros.

mod dashboard;
mod figures;
mod funnel;
mod pipeline;
mod question;
mod sources;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(dashboard::analytics_dashboard))
        .routes(routes!(funnel::analytics_lead_funnel))
        .routes(routes!(sources::analytics_lead_sources))
        .routes(routes!(pipeline::analytics_lead_pipeline))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}
