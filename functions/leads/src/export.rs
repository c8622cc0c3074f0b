//! Downloading leads as a file.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Grant, Invalid, JobId, Lead, Permission, PersonalFields};
use sheets::{Cell, SheetWriter, WriteError};
use store::Cursor;
use web::{App, Download, FromDevice, Page, Params, Problem, SignedIn, note_export};

use crate::plan::{Plan, filter, passes, plan};

/// A file has so many leads at most; a filter makes smaller ones.
const MAX_ROWS: u32 = 20_000;
/// A larger file than a function may answer goes by the bucket (6 MB with base 64 around it).
const MAX_INLINE: usize = 4 * 1024 * 1024;
/// How long the link to a large file is good.
const LINK_LIFE: Duration = Duration::from_mins(10);
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);

const HEADER: [&str; 19] = [
    "id",
    "external_id",
    "full_name",
    "email",
    "phone",
    "source",
    "medium",
    "campaign",
    "city",
    "status",
    "priority",
    "score",
    "assigned_to",
    "branch_id",
    "tags",
    "touches",
    "lost_reason",
    "created_at",
    "updated_at",
];

/// Downloads the leads that pass the filters of the list of leads, as CSV or XLSX. A cell that a
/// spreadsheet would run as a formula is made harmless. Who downloads what is remembered. 303 leads to a file that is too large to be
/// answered here.
#[utoipa::path(
    get, path = "/leads/export", tag = "leads",
    params(
        ("format" = Option<String>, Query, description = "`csv` (the default) or `xlsx`."),
        ("status" = Option<String>, Query, description = "A stage's key, and so on as in the list of leads."),
    ),
    responses(
        (status = 200, content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 303, description = "The file lies behind `Location` for ten minutes.", headers(("Location" = String))),
    ),
)]
pub(crate) async fn lead_export(
    State(app): State<App>,
    signed_in: SignedIn,
    FromDevice(device): FromDevice,
    params: Params,
) -> Result<Response, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsExport)?;
    let format = match params.get("format") {
        None | Some("csv") => sheets::Format::Csv,
        Some("xlsx") => sheets::Format::Xlsx,
        Some(_) => return Err(Problem::field("format", Invalid::new("unknown_value", "must be csv or xlsx"))),
    };
    let leads = all(&app, &grant, &params).await?;
    let bytes = write(format, &leads, grant.clear()).map_err(Problem::internal)?;
    let name = if format == sheets::Format::Csv { "csv" } else { "xlsx" };
    let download = Download { what: "leads", rows: leads.len(), format: name };
    note_export(&app, &signed_in, &grant, &device, download).await?;
    answer(&app, &grant, format, bytes).await
}

async fn all(app: &App, grant: &Grant, params: &Params) -> Result<Vec<Lead>, Problem> {
    let chosen = filter(app, grant, params, &["format"]).await?;
    let mut page = Page { limit: PAGE, skip: 0, cursor: None, newest_first: true };
    let Plan { mut query, residual } = plan(app, grant, chosen, &page).await?;
    let mut leads: Vec<Lead> = Vec::new();
    loop {
        query.cursor = page.cursor.take();
        let part = app.table().list::<Lead>(grant, &query, |lead| passes(&residual, lead)).await?;
        leads.extend(part.records);
        if leads.len() > MAX_ROWS as usize {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_rows",
                "A file may have 20,000 leads at most: choose fewer with a filter.",
            ));
        }
        let next: Option<Cursor> = part.next;
        if next.is_none() {
            return Ok(leads);
        }
        page.cursor = next;
    }
}

fn write(format: sheets::Format, leads: &[Lead], clear: PersonalFields) -> Result<Vec<u8>, WriteError> {
    let mut writer = SheetWriter::new(format, &HEADER, MAX_ROWS)?;
    for lead in leads {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let tags: Vec<&str> = lead.tags.iter().map(domain::Tag::as_str).collect();
        let cells = [
            Some(lead.id.to_string()),
            text(lead.external_id.as_ref().map(domain::Label::as_str)),
            text(lead.full_name.as_ref().map(domain::PersonName::as_str)),
            lead.email.as_ref().map(|address| clear.email(address)),
            lead.phone.as_ref().map(|number| clear.phone(number)),
            text(lead.source.as_ref().map(domain::Label::as_str)),
            text(lead.medium.as_ref().map(domain::Label::as_str)),
            text(lead.campaign.as_ref().map(domain::Label::as_str)),
            text(lead.city.as_ref().map(domain::Label::as_str)),
            Some(lead.status.to_string()),
            Some(lead.priority.as_str().to_owned()),
            Some(lead.score.to_string()),
            lead.assigned_to.map(|user| user.to_string()),
            Some(lead.branch_id.to_string()),
            Some(tags.join(", ")),
            Some(lead.touches.to_string()),
            lead.lost_reason.clone(),
            Some(lead.meta.created_at.to_string()),
            Some(lead.meta.updated_at.to_string()),
        ];
        let cells: Vec<Cell<'_>> = cells.iter().map(|cell| cell.as_deref().map_or(Cell::Empty, Cell::Text)).collect();
        writer.row(&cells)?;
    }
    writer.finish()
}

async fn answer(app: &App, grant: &Grant, format: sheets::Format, bytes: Vec<u8>) -> Result<Response, Problem> {
    let (content_type, name) = match format {
        sheets::Format::Csv => ("text/csv; charset=utf-8", "leads.csv"),
        sheets::Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "leads.xlsx"),
    };
    if bytes.len() > MAX_INLINE {
        let files = app.platform().files()?;
        let file = format!("{}/{name}", JobId::at(app.now(), app.platform().random()));
        files.put(grant, "exports", &file, content_type, bytes).await?;
        let link = files.presign_get(grant, "exports", &file, (name, content_type), LINK_LIFE).await?;
        let location = HeaderValue::try_from(link).map_err(Problem::internal)?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
    }
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).map_err(Problem::internal)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(content_type)), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}
