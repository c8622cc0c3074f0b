//! What a body says to people: shared by notifications to one and to many.

use domain::notification::{Notice, check_action};
use domain::{
    CustomFields, FieldInvalid, Invalid, Label, Lead, LeadId, Line, Note, NotificationType, Permission, Priority,
};
use jiff::Timestamp;
use store::ReadError;
use web::{App, Field, Problem, SignedIn};

/// What a body says.
pub(crate) struct Said {
    pub(crate) kind: NotificationType,
    pub(crate) priority: Priority,
    pub(crate) notice: Notice,
    pub(crate) expires_at: Option<Timestamp>,
}

/// The fields of a body that say it, as they came.
pub(crate) struct Fields {
    pub(crate) title: Field<Line<255>>,
    pub(crate) message: Field<Note>,
    pub(crate) kind: Field<NotificationType>,
    pub(crate) priority: Field<Priority>,
    pub(crate) lead_id: Field<LeadId>,
    pub(crate) student_id: Field<Label>,
    pub(crate) action_url: Field<Line<2000>>,
    pub(crate) action_label: Field<Label>,
    pub(crate) metadata: Field<CustomFields>,
    pub(crate) data: Field<CustomFields>,
    pub(crate) expires_at: Field<String>,
}

impl Fields {
    /// Reads them; every wrong one is named.
    pub(crate) fn parse(self, usual: NotificationType, now: Timestamp, wrong: &mut Vec<FieldInvalid>) -> Option<Said> {
        let title = self.title.required("title", wrong);
        let message = self.message.required("message", wrong);
        let kind = self.kind.optional("type", wrong).unwrap_or(usual);
        let priority = self.priority.optional("priority", wrong).unwrap_or_default();
        let lead_id = self.lead_id.optional("lead_id", wrong);
        let student_id = self.student_id.optional("student_id", wrong);
        let action_url = self.action_url.optional("action_url", wrong);
        if let Some(Err(invalid)) = action_url.as_ref().map(|url| check_action(url.as_str())) {
            wrong.push(FieldInvalid::new("action_url", invalid));
        }
        let action_label = self.action_label.optional("action_label", wrong);
        let (metadata, data) = (self.metadata.optional("metadata", wrong), self.data.optional("data", wrong));
        if metadata.as_ref().zip(data.as_ref()).is_some_and(|(one, other)| one != other) {
            wrong.push(FieldInvalid::new("data", Invalid::new("contradiction", "says something else than metadata")));
        }
        let expires_at = self.expires_at.optional("expires_at", wrong).and_then(|text| {
            let time = match text.parse::<Timestamp>() {
                Ok(time) if time > now => Ok(time),
                Ok(_) => Err(Invalid::new("in_the_past", "must be in the future")),
                Err(_) => Err(Invalid::new("not_a_time", "must be a time, such as 2026-09-20T00:00:00Z")),
            };
            time.map_err(|invalid| wrong.push(FieldInvalid::new("expires_at", invalid))).ok()
        });
        let metadata = metadata.or(data).unwrap_or_default();
        let notice =
            Notice { title: title?, message: message?, lead_id, student_id, action_url, action_label, metadata };
        Some(Said { kind, priority, notice, expires_at })
    }
}

impl Said {
    /// Refuses a lead that the sender does not see: 1 read where there is one.
    pub(crate) async fn refuse_unseen(&self, app: &App, signed_in: &SignedIn) -> Result<(), Problem> {
        let Some(lead) = self.notice.lead_id else { return Ok(()) };
        let unknown = || Problem::field("lead_id", Invalid::new("unknown_lead", "is not a lead in your reach"));
        let grant = signed_in.caller.allow(Permission::LeadsRead).map_err(|_| unknown())?;
        match app.table().get::<Lead>(&grant, lead).await {
            Ok(_) => Ok(()),
            Err(ReadError::NotFound) => Err(unknown()),
            Err(error) => Err(error.into()),
        }
    }
}
