//! What part of the audit log is asked for.

use std::num::NonZeroU32;

use domain::{FieldInvalid, Grant, Invalid, UserId};
use store::{AuditQuery, AuditRow, Cursor, ListPage};
use web::{App, Params, Problem};

use crate::when::When;

/// The filters of the audit log.
pub(super) struct Question {
    actor: Option<UserId>,
    record: Option<String>,
    subject: Option<String>,
    action: Option<String>,
    when: When,
}

/// The filters of the audit log, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; Question reads them")]
pub(crate) struct AuditFilters {
    /// What this person did, by themselves or by a machine of theirs: their id.
    actor: Option<String>,
    /// A kind of record: `lead`.
    record: Option<String>,
    /// One record, by its id. This is its own history and costs no more than that.
    subject: Option<String>,
    /// An action (`lead.created`), or all of a kind (`lead.`).
    action: Option<String>,
    /// A moment as RFC 3339 has it, or a day: not before.
    from: Option<String>,
    /// A moment: before; or a day: the last.
    to: Option<String>,
}

impl Question {
    pub(super) fn read(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Self {
        let mut word = |name: &str, others: &str| {
            let text = params.get(name)?;
            let good = text.len() <= 80
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(char::from(byte)));
            if !good {
                wrong.push(FieldInvalid::new(name, Invalid::new("unknown_value", "is none of the audit log's words")));
            }
            good.then(|| text.to_owned())
        };
        let (record, subject, action) = (word("record", "_"), word("subject", "_"), word("action", "_."));
        Self { actor: params.parsed("actor", wrong), record, subject, action, when: When::read(params, wrong) }
    }

    /// Names the list, for cursors.
    pub(super) fn name(&self, grant: &Grant) -> String {
        let Self { actor, record, subject, action, when } = self;
        format!("{} audit {actor:?} {record:?} {subject:?} {action:?} {}", grant.organization(), when.name())
    }

    /// A page of the answer.
    pub(super) async fn ask(
        &self,
        app: &App,
        grant: &Grant,
        cursor: Option<Cursor>,
        limit: NonZeroU32,
    ) -> Result<ListPage<AuditRow>, Problem> {
        let query = AuditQuery {
            actor: self.actor,
            record: self.record.clone(),
            action: self.action.clone(),
            from: self.when.from,
            to: self.when.to,
            cursor,
            limit,
        };
        Ok(match &self.subject {
            Some(subject) => app.table().audit_log_of(grant, subject, &query).await?,
            None => app.table().audit_log(grant, &query).await?,
        })
    }
}
