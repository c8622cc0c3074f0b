//! `GET /audit-logs/export`.

use std::num::NonZeroU32;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Grant, Invalid, Permission};
use sheets::{Cell, Format, SheetWriter, WriteError};
use web::{App, Download, FromDevice, Params, Problem, SignedIn, note_export};

use super::question::{AuditFilters, Question};
use super::{AuditLogEntry, allowed};

/// A file has so many entries at most; a filter makes smaller ones.
const MAX_ROWS: usize = 20_000;
/// What a function may answer (6 MB with base 64 around it).
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// A filter that lets little through reads so many pages at most, of 100 blocks each.
const MAX_PAGES: u32 = 400;
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);
/// A workbook's cell has 32,767 characters at most.
const MAX_CELL: usize = 30_000;

const HEADER: [&str; 17] = [
    "at",
    "action",
    "record",
    "record_id",
    "version",
    "actor",
    "user_id",
    "session_id",
    "key_id",
    "system",
    "request_id",
    "address",
    "changes",
    "reason",
    "data",
    "event_id",
    "block",
];

/// Downloads the entries that pass the filters of the audit log, as CSV or XLSX, newest first. A cell that a spreadsheet
/// would run as a formula is made harmless. The download is itself a security event, and an entry of the log.
#[utoipa::path(
    get, path = "/audit-logs/export", tag = "audit",
    params(AuditFilters, ("format" = Option<String>, Query, description = "`csv` (the default) or `xlsx`.")),
    responses(
        (status = 200, content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
    ),
)]
pub(crate) async fn audit_log_export(
    State(app): State<App>,
    signed_in: SignedIn,
    FromDevice(device): FromDevice,
    params: Params,
) -> Result<Response, Problem> {
    let grant = allowed(&signed_in, Permission::AuditExport)?;
    let mut wrong = Vec::new();
    let question = Question::read(&params, &mut wrong);
    let (format, name) = match params.get("format") {
        None | Some("csv") => (Format::Csv, "csv"),
        Some("xlsx") => (Format::Xlsx, "xlsx"),
        Some(_) => {
            let invalid = Invalid::new("unknown_value", "must be csv or xlsx");
            wrong.push(domain::FieldInvalid::new("format", invalid));
            (Format::Csv, "csv")
        }
    };
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let entries = all(&app, &grant, &question).await?;
    let bytes = write(format, &entries).map_err(Problem::internal)?;
    if bytes.len() > MAX_BYTES {
        return Err(too_many());
    }
    let download = Download { what: "audit_logs", rows: entries.len(), format: name };
    note_export(&app, &signed_in, &grant, &device, download).await?;
    answer(format, bytes)
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "too_many_rows",
        "A file may have 20,000 entries and 4 MB at most: choose a shorter time, or fewer with a filter.",
    )
}

async fn all(app: &App, grant: &Grant, question: &Question) -> Result<Vec<AuditLogEntry>, Problem> {
    let mut entries = Vec::new();
    let mut cursor = None;
    for _ in 0..MAX_PAGES {
        let page = question.ask(app, grant, cursor, PAGE).await?;
        entries.extend(page.records.into_iter().map(|row| AuditLogEntry::of(row, grant.clear())));
        if entries.len() > MAX_ROWS {
            return Err(too_many());
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(entries);
        }
    }
    Err(too_many())
}

fn write(format: Format, entries: &[AuditLogEntry]) -> Result<Vec<u8>, WriteError> {
    let mut writer = SheetWriter::new(format, &HEADER, u32::try_from(MAX_ROWS).unwrap_or(u32::MAX))?;
    for entry in entries {
        let json = |value: Result<String, serde_json::Error>, empty: bool| {
            value.ok().filter(|_| !empty).map(|text| text.chars().take(MAX_CELL).collect::<String>())
        };
        let cells = [
            Some(entry.at.to_string()),
            Some(entry.action.clone()),
            Some(entry.record.clone()),
            Some(entry.record_id.clone()),
            Some(entry.version.to_string()),
            Some(entry.actor.r#type.to_owned()),
            entry.actor.user_id.map(|id| id.to_string()),
            entry.actor.session_id.map(|id| id.to_string()),
            entry.actor.key_id.map(|id| id.to_string()),
            entry.actor.name.clone(),
            entry.request_id.clone(),
            entry.address.clone(),
            json(serde_json::to_string(&entry.changes), entry.changes.is_empty()),
            entry.reason.clone(),
            json(serde_json::to_string(&entry.data), entry.data.is_empty()),
            Some(entry.id.to_string()),
            entry.block.map(|block| block.to_string()),
        ];
        let cells: Vec<Cell<'_>> = cells.iter().map(|cell| cell.as_deref().map_or(Cell::Empty, Cell::Text)).collect();
        writer.row(&cells)?;
    }
    writer.finish()
}

fn answer(format: Format, bytes: Vec<u8>) -> Result<Response, Problem> {
    let (content_type, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "audit-logs.csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "audit-logs.xlsx"),
    };
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).map_err(Problem::internal)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(content_type)), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}
