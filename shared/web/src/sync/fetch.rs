//! What a client that was offline must know.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use domain::sync::{SyncMode, SyncRun};
use domain::{Grant, Invalid, Record, SyncRunId, UserId};
use serde::Deserialize;
use store::{Cursor, Feed, FeedError};
use utoipa::ToSchema;

use super::{Fetched, limit};
use crate::{App, Field, Fields, Params, Problem, SignedIn};

/// The parameters of a fetch, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; fetch_asked reads them")]
pub struct SyncQuery {
    /// The `next_cursor` of the last answer; without it, everything is told from the beginning.
    since: Option<String>,
    /// Records that an answer tells at most.
    #[param(minimum = 1, maximum = 200, default = 200)]
    limit: Option<u32>,
}

/// A fetch, asked for by a body.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Asking {
    /// The `next_cursor` of the last answer; without it, everything is told from the beginning.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    since: Field<String>,
    /// Records of a kind that an answer tells at most.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Field<u32>,
}

impl Fields for Asking {
    const WRITES: &'static [&'static str] = &["since", "limit"];
}

impl Asking {
    /// Where the client stands, and how many records it takes.
    pub fn parse(self) -> Result<(Option<String>, NonZeroU32), Problem> {
        let mut wrong = Vec::new();
        let since = self.since.optional("since", &mut wrong);
        let limit = limit(self.limit.optional("limit", &mut wrong), &mut wrong);
        if wrong.is_empty() { Ok((since, limit)) } else { Err(wrong.into()) }
    }
}

/// What a fetch asks for.
pub fn fetch_asked(params: &Params) -> Result<(Option<String>, NonZeroU32), Problem> {
    let mut wrong = Vec::new();
    let given = params.number("limit", &mut wrong);
    let limit = limit(given, &mut wrong);
    if wrong.is_empty() { Ok((params.get("since").map(str::to_owned), limit)) } else { Err(wrong.into()) }
}

/// What `owner`'s client must know of a kind of record behind `since`: as [`store::Table::changes_for`] costs, and 1
/// write, or 2 where there is something to tell, for remembering that it asked.
///
/// 410 `sync_expired` where the client was away for longer than deleted records are kept, and 410 `sync_required` where
/// somebody wanted it to: it begins anew.
pub async fn fetch<R: Record, V>(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    owner: UserId,
    mode: SyncMode,
    (since, limit): (Option<&str>, NonZeroU32),
    view: impl Fn(R) -> V,
) -> Result<Fetched<V>, Problem> {
    let mut run = begin(app, signed_in, R::KIND, mode);
    let fetched = told(app, grant, owner, (since, limit), view).await?;
    note(&mut run, &fetched);
    app.table().sync_ran(grant, owner, &run).await?;
    Ok(fetched)
}

/// A run that begins now.
pub(super) fn begin(app: &App, signed_in: &SignedIn, records: &str, mode: SyncMode) -> SyncRun {
    let id = SyncRunId::at(app.now(), app.platform().random());
    SyncRun::new(id, records, mode, app.now(), signed_in.user)
}

/// With what was told.
pub(super) fn note<V>(run: &mut SyncRun, fetched: &Fetched<V>) {
    run.told = u32::try_from(fetched.server_changes.len()).unwrap_or(u32::MAX);
    run.gone = u32::try_from(fetched.deleted_ids.len()).unwrap_or(u32::MAX);
    run.more = fetched.has_more;
}

pub(super) async fn told<R: Record, V>(
    app: &App,
    grant: &Grant,
    owner: UserId,
    (since, limit): (Option<&str>, NonZeroU32),
    view: impl Fn(R) -> V,
) -> Result<Fetched<V>, Problem> {
    let (key, now) = (app.table().hash_key(), app.now());
    let name = format!("{}#feed#{}#{owner}", grant.organization(), R::KIND);
    let cursor = since
        .map(|text| Cursor::open(text, key, &name))
        .transpose()
        .map_err(|error| Problem::field("since", Invalid::new("bad_cursor", error.to_string())))?;
    let found = app.table().changes_for::<R>(grant, owner, cursor.as_ref(), limit, now).await;
    let gone = |code, why| Problem::new(StatusCode::GONE, code, why);
    let Feed { records, gone, next, more } = found.map_err(|error| match error {
        FeedError::Expired => gone("sync_expired", "This is too long ago: ask again without `since`."),
        FeedError::Anew => gone("sync_required", "Everything shall be told anew: ask again without `since`."),
        FeedError::Store(error) => error.into(),
    })?;
    Ok(Fetched {
        server_changes: records.into_iter().map(view).collect(),
        deleted_ids: gone.into_iter().map(|id| id.to_string()).collect(),
        next_cursor: next.seal(key, &name),
        has_more: more,
        server_time: now,
    })
}
