//! `GET /files`.

use axum::extract::State;
use domain::{BranchId, File, Permission, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Asked, page_asked};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::FileView;

/// A page of files.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileList {
    files: Vec<FileView>,
    pagination: Pagination,
}

/// Lists files, the newest first: all in your rows, somebody's (`user_id`), or a branch's (`branch_id`).
///
/// Costs 1 Query (where it is all, 1 for each branch or person in reach: beyond 40 of them one must be named) and 1 read for
/// who is named.
#[utoipa::path(
    get, path = "/files", tag = "files",
    params(
        PageQuery,
        ("user_id" = Option<String>, Query, description = "Who uploaded them."),
        ("branch_id" = Option<String>, Query, description = "Where they belong."),
    ),
    responses((status = 200, body = Envelope<FileList>)),
)]
pub(crate) async fn file_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<FileList>, Problem> {
    let grant = signed_in.caller.allow(Permission::FilesRead)?;
    let mut wrong = Vec::new();
    let user = params.parsed::<UserId>("user_id", &mut wrong);
    let branch = params.parsed::<BranchId>("branch_id", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let asked = Asked::in_rows(&app, &grant, user, branch).await?;
    let asked = Asked { words: branch.map(|branch| branch.to_string()).unwrap_or_default(), ..asked };
    let keep = |file: &File| branch.is_none_or(|branch| branch == file.branch_id);
    let (files, pagination) = page_asked(&app, &grant, &params, &asked, keep).await?;
    Ok(Data(FileList { files: files.into_iter().map(FileView::from).collect(), pagination }))
}
