//! Templates of messages.

pub(crate) mod approval_sync;
mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod filling;
pub(crate) mod list;
pub(crate) mod preview;
pub(crate) mod restore;
pub(crate) mod revert;
pub(crate) mod test_send;
pub(crate) mod update;
pub(crate) mod versions;
pub(crate) mod view;

use domain::template::Content;
use domain::{Change, FieldInvalid, Grant, Template, TemplateId, TemplateVersionId};
use store::{CommitError, Refused};
use web::{App, IfMatch, Problem, refuse_changed};
use wording::Written;

/// Tries against other writers of the same template.
const TRIES: u32 = 8;

/// Refuses what cannot be filled in, with the line and the name.
fn check(content: &Content) -> Result<(), Vec<FieldInvalid>> {
    let known = |name: &str| content.knows(name);
    let parts = [
        ("subject", content.subject.as_ref().map(AsRef::as_ref), Written::Text),
        ("body", Some(content.body.as_ref()), Written::Text),
        ("html", content.html.as_ref().map(AsRef::as_ref), Written::Html),
    ];
    let wrong: Vec<FieldInvalid> = parts
        .into_iter()
        .filter_map(|(field, source, written)| Some((field, wording::check(source?, written, &known).err()?)))
        .map(|(field, unfilled)| unfilled.of(field))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The id of a version: one for each number of each template.
fn version_id(app: &App, template: &Template, revision: u32) -> TemplateVersionId {
    let bits = app.table().hash_key().id_bits(&["template_version", &template.id.to_string(), &revision.to_string()]);
    TemplateVersionId::at(template.meta.created_at, bits)
}

/// Writes a change of a template, with the version that it makes: 1 transaction.
async fn commit(app: &App, grant: &Grant, change: Change<Template>) -> Result<Template, CommitError> {
    let said = change.before.as_ref().map(|before| before.revision);
    let version = (said != Some(change.after.revision))
        .then(|| change.after.version(version_id(app, &change.after, change.after.revision)));
    let mut transaction = app.table().transaction();
    let template = transaction.push(grant, change)?;
    if let Some(version) = version {
        transaction.push(grant, version)?;
    }
    transaction.commit().await?;
    Ok(template)
}

/// Changes a template by a decision of the domain: 1 read, 1 transaction.
async fn change(
    app: &App,
    grant: &Grant,
    id: TemplateId,
    if_match: IfMatch,
    fields: &[&str],
    decide: impl Fn(Template) -> Result<Change<Template>, Problem>,
) -> Result<Template, Problem> {
    for _ in 0..TRIES {
        let template: Template = app.table().get_to_change(grant, id).await?;
        refuse_changed(app, grant, &template, if_match, fields).await?;
        let change = decide(template)?;
        if let Some(before) = change.before.as_ref().filter(|_| change.changes().is_empty()) {
            return Ok(before.clone());
        }
        match commit(app, grant, change).await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            committed => return Ok(committed?),
        }
    }
    Err(Refused::Conflict.into())
}
