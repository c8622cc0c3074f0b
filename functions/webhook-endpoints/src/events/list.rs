//! `GET /events`.

use axum::extract::State;
use domain::webhook::{EventMessage, EventPattern, KEPT};
use domain::{Event, FieldInvalid, Grant, Invalid, Permission, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::{EventLogQuery, ListPage};
use utoipa::ToSchema;
use web::{App, Data, Envelope, Page, Params, Problem, SignedIn};

use crate::allowed;

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventList {
    events: Vec<EventMessage>,
    /// Leads to the next page; `null` on the last. A page that had to look at too much for its filter is short, or empty,
    /// and still has one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// The filters of the list, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; Question reads them")]
pub(crate) struct EventFilters {
    /// A type (`lead.created`), all of a kind of record (`lead.*`), or `*`.
    r#type: Option<String>,
    /// One record, by its id.
    subject: Option<String>,
    /// What this person did, by themselves or by a machine of theirs: their id.
    actor: Option<String>,
    /// A moment as RFC 3339 has it: not before.
    since: Option<String>,
    /// A moment: before.
    until: Option<String>,
    /// Events a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// `desc` (newest first) or, where no `subject` is asked for, `asc`.
    sort_order: Option<String>,
}

struct Question {
    pattern: Option<EventPattern>,
    subject: Option<String>,
    actor: Option<UserId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Question {
    fn read(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Self {
        let subject = params.get("subject").and_then(|text| {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let good = text.len() <= 80 && text.bytes().all(word);
            if !good {
                wrong.push(FieldInvalid::new("subject", Invalid::new("invalid_id", "must be the id of a record")));
            }
            good.then(|| text.to_owned())
        });
        let mut moment = |name: &str| {
            let moment = params.get(name)?.parse().ok();
            if moment.is_none() {
                let invalid = Invalid::new("not_a_time", "must be a moment as RFC 3339 has it");
                wrong.push(FieldInvalid::new(name, invalid));
            }
            moment
        };
        let (since, until) = (moment("since"), moment("until"));
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            wrong.push(FieldInvalid::new("since", Invalid::new("start_after_end", "must not be after until")));
        }
        Self { pattern: params.parsed("type", wrong), subject, actor: params.parsed("actor", wrong), since, until }
    }

    /// Names the list, for cursors.
    fn name(&self, grant: &Grant) -> String {
        let Self { pattern, subject, actor, since, until } = self;
        format!("{} events {pattern:?} {subject:?} {actor:?} {since:?} {until:?}", grant.organization())
    }

    async fn ask(self, app: &App, grant: &Grant, page: &Page) -> Result<ListPage<Event>, Problem> {
        let Self { pattern, subject, actor, since, until } = self;
        let kept = app.now() - KEPT;
        let Some(subject) = subject else {
            let query = EventLogQuery {
                pattern,
                actor,
                // What has expired may lie there for a while.
                since: Some(since.map_or(kept, |since| since.max(kept))),
                until,
                newest_first: page.newest_first,
                cursor: page.cursor.clone(),
                limit: page.limit,
            };
            return Ok(app.table().logged_events(grant, &query).await?);
        };
        let mut found = app.table().events_of(grant, &subject, page.cursor.as_ref(), page.limit).await?;
        if found.records.last().is_some_and(|oldest| oldest.at < kept.max(since.unwrap_or(kept))) {
            found.next = None;
        }
        found.records.retain(|event| {
            event.at >= kept
                && since.is_none_or(|since| event.at >= since)
                && until.is_none_or(|until| event.at < until)
                && pattern.as_ref().is_none_or(|pattern| pattern.fits(&event.kind))
                && actor.is_none_or(|actor| event.actor.user() == Some(actor))
        });
        Ok(found)
    }
}

/// What happened in the organization within the last 30 days, newest first: every change of a record, with each field
/// before and after, as an endpoint of yours would be sent it. Costs 1 Query and 0.5 read units an event; with a filter
/// it looks at 500 entries a page at most. The events of one record cost 1 Query.
#[utoipa::path(
    get, path = "/events", tag = "events", params(EventFilters),
    responses((status = 200, description = "A page of events.", body = Envelope<EventList>)),
)]
pub(crate) async fn event_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<EventList>, Problem> {
    let grant = allowed(&signed_in, Permission::EventsRead)?;
    let mut wrong = Vec::new();
    let question = Question::read(&params, &mut wrong);
    let (key, name) = (app.table().hash_key(), question.name(&grant));
    let page = Page::read(&params, key, &name, &mut wrong);
    if page.skip > 0 {
        wrong.push(FieldInvalid::new("page", Invalid::new("cursor_only", "the list of events goes on by next_cursor")));
    }
    if !page.newest_first && question.subject.is_some() {
        let words = "must be desc where one record is asked for";
        wrong.push(FieldInvalid::new("sort_order", Invalid::new("unknown_value", words)));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let found = question.ask(&app, &grant, &page).await?;
    let next_cursor = page.sealed(key, &name, found.next.as_ref());
    let events = found.records.into_iter().map(|event| EventMessage::of(event, grant.clear())).collect();
    Ok(Data(EventList { events, next_cursor }))
}
