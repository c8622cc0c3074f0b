//! `POST /reminders/{id}/snooze`.

use axum::extract::State;
use domain::{FieldInvalid, Invalid, Permission, Reminder, ReminderId};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;
use views::ReminderView;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::at;

/// A reminder is put off for at most so many minutes: 30 days.
const MAX_MINUTES: u32 = 43_200;

/// Until when, or for how long: one of them.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReminderSnooze {
    /// Until when.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Field<Timestamp>,
    /// For how long, from now or from when it is due, whichever is later.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 43200)]
    minutes: Field<u32>,
}

impl Fields for ReminderSnooze {
    const WRITES: &'static [&'static str] = &["until", "minutes"];
}

#[derive(Clone, Copy)]
enum Rest {
    Until(Timestamp),
    For(SignedDuration),
}

impl ReminderSnooze {
    fn parse(self) -> Result<Rest, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let until = self.until.optional("until", &mut wrong);
        let minutes = self.minutes.optional("minutes", &mut wrong);
        let refuse = |field, invalid| Err(vec![FieldInvalid::new(field, invalid)]);
        match (until, minutes) {
            _ if !wrong.is_empty() => Err(wrong),
            (Some(_), Some(_)) => refuse("minutes", Invalid::new("contradiction", "goes not with until")),
            (Some(until), None) => Ok(Rest::Until(until)),
            (None, Some(minutes)) if (1..=MAX_MINUTES).contains(&minutes) => {
                Ok(Rest::For(SignedDuration::from_mins(minutes.into())))
            }
            (None, Some(_)) => refuse("minutes", Invalid::new("out_of_range", "must be 1 to 43,200")),
            (None, None) => refuse("until", Invalid::new("required", "or minutes is required")),
        }
    }
}

/// Puts a reminder off: it is told of again then. Its repeat stays as it was.
#[utoipa::path(
    post, path = "/reminders/{id}/snooze", tag = "reminders",
    params(("id" = ReminderId, Path)),
    request_body = ReminderSnooze,
    responses((status = 200, body = Envelope<ReminderView>, headers(("ETag" = String)))),
)]
pub(crate) async fn reminder_snooze(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReminderId>,
    if_match: IfMatch,
    Body(body): Body<ReminderSnooze>,
) -> Result<Versioned<ReminderView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RemindersWrite)?;
    let rest = body.parse()?;
    let now = app.now();
    let reminder = change(&app, &grant, id, if_match, &["due_at"], |reminder: Reminder| {
        if !reminder.is_pending() {
            return Err(Problem::conflict("not_pending", "The reminder is over."));
        }
        let (until, field) = match rest {
            Rest::Until(until) => (until, "until"),
            Rest::For(minutes) => (reminder.due_at.max(now) + minutes, "minutes"),
        };
        reminder.snooze(until, now).map_err(at(field))
    })
    .await?;
    let version = reminder.meta.version;
    Ok(Versioned(reminder.into(), version))
}
