//! `GET /audit-logs`.

use axum::extract::State;
use domain::{FieldInvalid, Invalid, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Page, Params, Problem, SignedIn};

use super::question::{AuditFilters, Question};
use super::{AuditLogEntry, allowed};

/// A page of the audit log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditLog {
    audit_logs: Vec<AuditLogEntry>,
    /// Leads to the next page; `null` on the last. A page that had to read too much for its filter is short, or empty,
    /// and still has one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// What happened in the organization, and who did it, newest first: every change of a record, every sign-in. Costs 1
/// read, 1 Query for 50 blocks of the chain and 0.5 read units a row.
#[utoipa::path(
    get, path = "/audit-logs", tag = "audit",
    params(
        AuditFilters,
        ("limit" = Option<u32>, Query, description = "Entries a page: 1 to 200, 50 where nothing is said."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
    ),
    responses((status = 200, description = "A page of the audit log.", body = Envelope<AuditLog>)),
)]
pub(crate) async fn audit_log_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<AuditLog>, Problem> {
    let grant = allowed(&signed_in, Permission::AuditRead)?;
    let mut wrong = Vec::new();
    let question = Question::read(&params, &mut wrong);
    let (key, name) = (app.table().hash_key(), question.name(&grant));
    let page = Page::read(&params, key, &name, &mut wrong);
    if page.skip > 0 {
        wrong.push(FieldInvalid::new("page", Invalid::new("cursor_only", "the audit log goes on by next_cursor")));
    }
    if !page.newest_first {
        wrong.push(FieldInvalid::new("sort_order", Invalid::new("unknown_value", "must be desc")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let found = question.ask(&app, &grant, page.cursor.clone(), page.limit).await?;
    Ok(Data(AuditLog {
        next_cursor: page.sealed(key, &name, found.next.as_ref()),
        audit_logs: found.records.into_iter().map(|row| AuditLogEntry::of(row, grant.clear())).collect(),
    }))
}
