//! What a note is about.

use domain::{BranchId, Call, Grant, Lead, LeadId, NoteEntity, Permission, Record, Reminder};
use store::there;
use web::{App, Problem};

/// What a note takes from what it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entity {
    pub(super) branch: BranchId,
    pub(super) lead: Option<LeadId>,
}

/// What a note is about, if the caller sees it: 1 read.
pub(super) async fn entity(app: &App, grant: &Grant, entity: NoteEntity) -> Result<Option<Entity>, Problem> {
    Ok(match entity {
        NoteEntity::Lead(id) => found::<Lead>(app, grant, Permission::LeadsRead, id)
            .await?
            .map(|lead| Entity { branch: lead.branch_id, lead: Some(lead.id) }),
        NoteEntity::Call(id) => found::<Call>(app, grant, Permission::CallsRead, id)
            .await?
            .map(|call| Entity { branch: call.branch_id, lead: call.lead_id }),
        NoteEntity::Reminder(id) => found::<Reminder>(app, grant, Permission::RemindersRead, id)
            .await?
            .map(|reminder| Entity { branch: reminder.branch_id, lead: reminder.lead_id }),
    })
}

async fn found<R: Record>(app: &App, grant: &Grant, seeing: Permission, id: R::Id) -> Result<Option<R>, Problem> {
    if !grant.may(seeing) {
        return Ok(None);
    }
    Ok(there(app.table().get::<R>(grant, id).await)?)
}
