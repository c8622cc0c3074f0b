//! The record that somebody names, for an automation to act on or to be tried with.

use domain::automation::{Seen, Subject, SubjectKind};
use domain::{CallId, FieldInvalid, Grant, Invalid, LeadId, Permission, ReminderId, Workflow};
use web::{App, Field, Problem};

/// The ids of a body.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) lead: Option<LeadId>,
    pub(crate) call: Option<CallId>,
    pub(crate) reminder: Option<ReminderId>,
}

impl Named {
    /// Reads them; `within` stands before their names.
    pub(crate) fn read(
        lead: Field<LeadId>,
        call: Field<CallId>,
        reminder: Field<ReminderId>,
        wrong: &mut Vec<FieldInvalid>,
    ) -> Self {
        Self {
            lead: lead.optional("lead_id", wrong),
            call: call.optional("call_id", wrong),
            reminder: reminder.optional("reminder_id", wrong),
        }
    }

    /// The one that an automation is about; `None` where none is named.
    pub(crate) fn of(&self, kind: SubjectKind) -> Result<Option<Subject>, Problem> {
        let (found, field) = match kind {
            SubjectKind::Lead => (self.lead.map(Subject::Lead), "lead_id"),
            SubjectKind::Call => (self.call.map(Subject::Call), "call_id"),
            SubjectKind::Reminder => (self.reminder.map(Subject::Reminder), "reminder_id"),
        };
        let other = self.lead.is_some() || self.call.is_some() || self.reminder.is_some();
        if found.is_none() && other {
            return Err(Problem::field(field, Invalid::new("required", "is what this automation is about")));
        }
        Ok(found)
    }
}

/// The record, where the caller sees it and the automation reaches it: 1 read, 2 for a call or a reminder.
pub(crate) async fn seen(app: &App, grant: &Grant, workflow: &Workflow, subject: &Subject) -> Result<Seen, Problem> {
    let (field, needed) = match subject {
        Subject::Lead(_) => ("lead_id", Permission::LeadsRead),
        Subject::Call(_) => ("call_id", Permission::CallsRead),
        Subject::Reminder(_) => ("reminder_id", Permission::RemindersRead),
    };
    let unknown = || Problem::field(field, Invalid::new("unknown_record", "is no record that you see"));
    if !grant.may(needed) {
        return Err(unknown());
    }
    let seen = app.table().seen(grant, subject).await?.ok_or_else(unknown)?;
    seen.within(&workflow.rows).ok_or_else(|| {
        Problem::field(field, Invalid::new("out_of_reach", "is out of the reach of whoever wrote this automation"))
    })
}
