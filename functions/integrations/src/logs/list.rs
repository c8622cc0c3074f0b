//! `GET /integration-logs`.

use axum::extract::State;
use domain::integration_log::IntegrationOutcome;
use domain::{IntegrationLog, List, Permission, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, Shown, page_asked};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::LogView;

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogList {
    integration_logs: Vec<LogView>,
    pagination: Pagination,
}

/// What connections did within 90 days, the newest first: 1 Query.
#[utoipa::path(
    get, path = "/integration-logs", tag = "integrations",
    params(
        PageQuery,
        (
            "integration_name" = Option<String>, Query,
            description = "The service, or how its name begins: `facebook` finds those of `facebook_leads`, too."
        ),
        ("status" = Option<IntegrationOutcome>, Query, description = "How it went; all where absent."),
    ),
    responses((status = 200, description = "A page of the log.", body = Envelope<LogList>)),
)]
pub(crate) async fn integration_log_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LogList>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsRead)?;
    let mut wrong = Vec::new();
    let named = params.get("integration_name").filter(|name| *name != "all");
    let asked = params.get("status").filter(|status| *status != "all");
    let status = asked.and_then(|_| params.parsed::<IntegrationOutcome>("status", &mut wrong));
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let list = match (named, status) {
        (Some(name), _) => List::new(Slot::Two, "name", IntegrationLog::name_value(name)),
        (None, Some(status)) => List::new(Slot::Three, "status", status),
        (None, None) => List::new(Slot::One, "all", ""),
    };
    let words = format!("{named:?} {status:?}");
    let asked = Asked { shown: Shown::Filtered, words, ..Asked::of(&list) };
    let keep = |log: &IntegrationLog| {
        named.is_none_or(|name| log.is_of(name)) && status.is_none_or(|status| log.status == status)
    };
    let (rows, pagination) = page_asked(&app, &grant, &params, &asked, keep).await?;
    let integration_logs = rows.into_iter().map(|row| LogView::seen_by(&grant, row)).collect();
    Ok(Data(LogList { integration_logs, pagination }))
}
