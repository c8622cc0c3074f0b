//! Changing one record: read, decide, commit; again where somebody else was faster.

use domain::{Change, Grant, Record};
use store::{CommitError, ReadError, Refused};

use crate::etag::precondition_failed;
use crate::{App, IfMatch, Problem};

/// Tries against other writers of the same record before a caller is told to try again.
const TRIES: u32 = 8;

/// Changes one record by a decision of the domain: 1 read, 1 transaction. `fields` are those the
/// caller writes: where `If-Match` no longer holds they are told which of them others changed. A
/// decision that changes nothing writes nothing.
pub async fn change<R: Record>(
    app: &App,
    grant: &Grant,
    id: R::Id,
    if_match: IfMatch,
    fields: &[&str],
    decide: impl Fn(R) -> Result<Change<R>, Problem>,
) -> Result<R, Problem> {
    attempt(app, grant, id, None, if_match, fields, decide).await
}

/// The same for a record that may not have been written yet and then is as `begin`.
pub async fn change_or_begin<R: Record>(
    app: &App,
    grant: &Grant,
    begin: R,
    if_match: IfMatch,
    fields: &[&str],
    decide: impl Fn(R) -> Result<Change<R>, Problem>,
) -> Result<R, Problem> {
    attempt(app, grant, begin.id(), Some(begin), if_match, fields, decide).await
}

async fn attempt<R: Record>(
    app: &App,
    grant: &Grant,
    id: R::Id,
    begin: Option<R>,
    if_match: IfMatch,
    fields: &[&str],
    decide: impl Fn(R) -> Result<Change<R>, Problem>,
) -> Result<R, Problem> {
    for _ in 0..TRIES {
        let record: R = match (app.table().get_to_change(grant, id).await, &begin) {
            (Err(ReadError::NotFound), Some(begin)) => begin.clone(),
            (read, _) => read?,
        };
        refuse_changed(app, grant, &record, if_match, fields).await?;
        let change = decide(record)?;
        if let Some(before) = &change.before
            && before.meta().deleted_at == change.after.meta().deleted_at
            && change.changes().is_empty()
        {
            return Ok(before.clone());
        }
        match app.table().commit(grant, change).await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            other => return Ok(other?),
        }
    }
    Err(Refused::Conflict.into())
}

/// Refuses a writer who saw another version of a record than the one there is: no call, or 1 Query for telling which of
/// `fields` others changed.
pub async fn refuse_changed<R: Record>(
    app: &App,
    grant: &Grant,
    record: &R,
    IfMatch(seen): IfMatch,
    fields: &[&str],
) -> Result<(), Problem> {
    let version = record.meta().version;
    match seen {
        Some(seen) if seen != version => {
            let changed = app.table().changed_since(grant, record, seen).await?;
            Err(precondition_failed(version, changed, fields))
        }
        _ => Ok(()),
    }
}
