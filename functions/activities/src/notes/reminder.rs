//! The reminder of a note, which comes, moves and goes with it.

use domain::reminder::{Remembering, ReminderDetails, ReminderPatch};
use domain::{
    BranchId, Change, FieldInvalid, Grant, LeadId, Permission, Reminder, ReminderId, ReminderStatus, ReminderType,
    UserId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::there;
use web::{App, Problem, SignedIn};

/// Whose reminder it is, and where it belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose {
    pub(super) author: UserId,
    pub(super) branch: BranchId,
    pub(super) lead: Option<LeadId>,
}

/// A new reminder of a note.
pub(super) fn new(app: &App, grant: &Grant, whose: Whose, at: Timestamp) -> Result<Change<Reminder>, Problem> {
    let now = app.now();
    let details = ReminderDetails {
        title: Reminder::of_a_note(),
        description: None,
        due_at: at,
        priority: None,
        kind: Some(ReminderType::General),
        repeat: None,
    };
    let remembering = Remembering {
        id: ReminderId::at(now, app.platform().random()),
        organization: grant.organization(),
        branch: whose.branch,
        agent: whose.author,
        lead: whose.lead,
        call: None,
        now,
    };
    Reminder::create(details, remembering).map_err(refused)
}

/// The reminder of a note moved to another time, as it stands now; a new one where it is gone.
pub(super) async fn moved(
    app: &App,
    grant: &Grant,
    known: Option<ReminderId>,
    whose: Whose,
    at: Timestamp,
) -> Result<Change<Reminder>, Problem> {
    let Some(reminder) = read(app, grant, known).await? else { return new(app, grant, whose, at) };
    let patch = ReminderPatch { due_at: Some(at), status: Some(ReminderStatus::Pending), ..ReminderPatch::default() };
    // It does not come again, so that neither an id nor a zone is needed.
    let id = reminder.id;
    Ok(reminder.update(patch, id, &TimeZone::UTC, app.now()).map_err(refused)?.change)
}

/// The reminder of a note gone with it; `None` where there is none any more.
pub(super) async fn gone(
    app: &App,
    grant: &Grant,
    known: Option<ReminderId>,
) -> Result<Option<Change<Reminder>>, Problem> {
    Ok(read(app, grant, known).await?.map(|reminder| reminder.delete(app.now())))
}

async fn read(app: &App, grant: &Grant, known: Option<ReminderId>) -> Result<Option<Reminder>, Problem> {
    let Some(id) = known else { return Ok(None) };
    Ok(there(app.table().get_to_change::<Reminder>(grant, id).await)?)
}

/// Reminders of notes need the permission that reminders need.
pub(super) fn allow(signed_in: &SignedIn) -> Result<(), Problem> {
    signed_in.caller.allow(Permission::RemindersWrite)?;
    Ok(())
}

fn refused(errors: Vec<FieldInvalid>) -> Problem {
    Problem::invalid(errors.into_iter().map(|error| error.under("due_at", "reminder_at")))
}
