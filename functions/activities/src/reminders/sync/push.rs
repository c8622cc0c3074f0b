//! `POST /reminders/sync`.

use axum::extract::State;
use domain::reminder::{Completed, ReminderPatch};
use domain::{Change, Grant, Permission, Reminder, ReminderId};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use views::ReminderView;
use web::sync::{Merged, Offline, SyncAnswer, SyncRequest, push, read};
use web::{App, Body, Data, Envelope, Fields, Problem, SignedIn};

use crate::reminders::create::{ReminderCreate, remembered};
use crate::reminders::update::{Asked, ReminderUpdate};

/// Takes the reminders that a client made and changed while it was offline, and tells it what else it must know; see
/// `POST /leads/sync` for how changes are merged.
///
/// One that is completed by its status and comes again is followed by its next. Costs as the operations themselves, and
/// as a fetch.
#[utoipa::path(
    post, path = "/reminders/sync", tag = "reminders", request_body = SyncRequest,
    responses((status = 200, description = "What became of each change.", body = Envelope<SyncAnswer<ReminderView>>)),
)]
pub(crate) async fn reminder_sync_push(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<SyncRequest>,
) -> Result<Data<SyncAnswer<ReminderView>>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersRead)?;
    let zone = app.organization(&grant).await?.time_zone();
    let reminders = Reminders { app: &app, signed_in: &signed_in, grant: &grant, zone };
    Ok(Data(push(&app, &signed_in, &grant, &reminders, body).await?))
}

struct Reminders<'a> {
    app: &'a App,
    signed_in: &'a SignedIn,
    grant: &'a Grant,
    zone: TimeZone,
}

impl Reminders<'_> {
    fn update(&self, reminder: Reminder, patch: ReminderPatch) -> Result<Merged<Reminder>, Problem> {
        let now = self.app.now();
        let next = ReminderId::at(now, self.app.platform().random());
        let Completed { change, next } = reminder.update(patch, next, &self.zone, now)?;
        Ok(Merged { change, next })
    }
}

impl Offline for Reminders<'_> {
    type Record = Reminder;
    type View = ReminderView;
    type Asked = Asked;

    const WRITE: Permission = Permission::RemindersWrite;
    const DELETE: Permission = Permission::RemindersWrite;
    const CREATES: &'static [&'static str] = ReminderCreate::WRITES;
    const UPDATES: &'static [&'static [&'static str]] = &[ReminderUpdate::WRITES];

    async fn create(&self, fields: Map<String, Value>) -> Result<Change<Reminder>, Problem> {
        remembered(self.app, self.signed_in, self.grant, read(fields)?).await
    }

    async fn asked(&self, fields: Map<String, Value>) -> Result<Asked, Problem> {
        read::<ReminderUpdate>(fields)?.asked(self.app, self.signed_in, self.grant).await
    }

    fn writing(&self, asked: &Asked) -> Vec<&'static str> {
        asked.writing()
    }

    fn wanted(&self, reminder: Reminder, asked: &Asked) -> Result<Reminder, Problem> {
        let patch = asked.patch_of(&reminder)?;
        let status = patch.status;
        let wanted = self.update(reminder, ReminderPatch { status: None, ..patch })?.change.after;
        Ok(Reminder { status: status.unwrap_or(wanted.status), ..wanted })
    }

    fn merged(&self, reminder: Reminder, asked: &Asked, kept: &[&str]) -> Result<Merged<Reminder>, Problem> {
        let patch = asked.patch_of(&reminder)?.without(kept.iter().copied());
        self.update(reminder, patch)
    }

    fn deleted(&self, reminder: Reminder) -> Change<Reminder> {
        reminder.delete(self.app.now())
    }

    fn view(&self, reminder: Reminder) -> ReminderView {
        reminder.into()
    }
}
