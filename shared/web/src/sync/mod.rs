//! How clients that work offline bring their changes and fetch those of others.

mod fetch;
mod push;

use std::num::NonZeroU32;

use domain::{FieldInvalid, Invalid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::HashKey;
use utoipa::ToSchema;

use crate::{Field, FieldProblem, Fields, FromWire, Problem};

pub use fetch::{Asking, SyncQuery, fetch, fetch_asked};
pub use push::{Merged, Offline, push, read};

/// A batch holds so many changes; a client with more sends several.
pub const MAX_CHANGES: usize = 100;
const MAX_LIMIT: u32 = 200;
/// A client's name for itself, or for a time, has at most so many characters.
const MAX_NAME: usize = 100;

/// What a client knows and what it changed.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SyncRequest {
    /// The `next_cursor` of the last answer; without it, everything is told from the beginning.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    since: Field<String>,
    /// Names the device, whose own changes never conflict with each other; the sign-in where absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    client_id: Field<String>,
    /// Records that an answer tells at most.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Field<u32>,
    /// At most 100, those of one record in their order.
    #[serde(default)]
    #[schema(value_type = Vec<SyncChange>)]
    changes: Field<Vec<Map<String, Value>>>,
}

impl Fields for SyncRequest {
    const WRITES: &'static [&'static str] = &["since", "client_id", "limit", "changes"];
}

/// What is done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// It is new; the client made its id.
    Create,
    /// Some of its fields change.
    Update,
    /// It goes.
    Delete,
}

impl FromWire for Op {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        serde_json::from_value(value)
            .map_err(|_| vec![FieldInvalid::new("", Invalid::new("unknown_value", "must be create, update or delete"))])
    }
}

/// One change that a client made. One that cannot be understood is rejected alone, so that each part may be anything.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SyncChange {
    /// `create`, `update` or `delete`.
    #[serde(default)]
    #[schema(value_type = Value)]
    op: Field<Op>,
    /// The record's; the client makes that of a new one.
    #[serde(default)]
    #[schema(value_type = Value)]
    id: Field<String>,
    /// The `version` of the record that the client changed; needed for an update.
    #[serde(default)]
    #[schema(value_type = Value)]
    base_version: Field<u32>,
    /// As the record's own operations take them.
    #[serde(default)]
    #[schema(value_type = Value)]
    fields: Field<Map<String, Value>>,
    /// When the client says that it was. Its first 100 characters are remembered, and decide nothing.
    #[serde(default)]
    #[schema(value_type = Value)]
    client_ts: Field<String>,
}

/// A change that can be tried.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// What is done.
    pub op: Op,
    /// The record's id as text.
    pub id: String,
    /// What the client saw; 0 for nothing.
    pub base_version: u64,
    /// The fields.
    pub fields: Map<String, Value>,
    /// What its event remembers.
    pub sent: domain::sync::Sent,
}

/// A batch that can be tried.
#[derive(Debug)]
pub struct Batch {
    /// Where the client stands.
    pub since: Option<String>,
    /// Records that the answer tells at most.
    pub limit: NonZeroU32,
    /// The client's name.
    pub client: String,
    /// The changes that can be tried.
    pub wanted: Vec<Wanted>,
    /// Those that cannot be understood.
    pub rejected: Vec<Rejected>,
}

/// A change that is done, or was when it came before.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Applied {
    /// The change's place in the batch, from 0.
    pub index: usize,
    /// The record.
    pub id: String,
    /// The record's version with it.
    pub version: u64,
    /// Fields that have no effect here.
    pub ignored: Vec<String>,
}

/// A change that somebody else's stands against; what of it does not conflict is done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Conflict<V> {
    /// The change's place in the batch, from 0.
    pub index: usize,
    /// The record.
    pub id: String,
    /// The record's version now: what to name as `base_version` when the conflict is resolved.
    pub version: u64,
    /// The fields with both values; none where the record was deleted.
    pub fields: Vec<ConflictField>,
    /// The record as it stands; `null` where it was deleted.
    #[schema(required)]
    pub server: Option<V>,
}

/// A field that both sides changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConflictField {
    /// The field; `custom_fields.x` for one of the free fields.
    pub field: String,
    /// What the client wants.
    pub client: Value,
    /// What stands.
    pub server: Value,
}

/// A change that cannot be done, now or later.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rejected {
    /// The change's place in the batch, from 0.
    pub index: usize,
    /// The record, as the client named it.
    pub id: String,
    /// Why, for programs.
    pub code: String,
    /// Why, in words.
    pub detail: String,
    /// Its wrong fields.
    pub errors: Vec<FieldProblem>,
    /// The record that stands in the way, where the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_id: Option<Value>,
}

impl Rejected {
    /// Why a change cannot be done. A fault of ours is no refusal: the whole batch must come again.
    pub fn because(index: usize, id: String, problem: Problem) -> Result<Self, Problem> {
        if problem.status().is_server_error() {
            return Err(problem);
        }
        let existing_id = problem.more("existing_id").cloned();
        let (code, detail, errors) =
            (problem.code().to_owned(), problem.detail().to_owned(), problem.errors().to_vec());
        Ok(Self { index, id, code, detail, errors, existing_id })
    }
}

/// What a client must know.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fetched<V> {
    /// Records as they are now. Some may be known already.
    server_changes: Vec<V>,
    /// What is no longer theirs: deleted, or gone to somebody else.
    deleted_ids: Vec<String>,
    /// Where to go on next time.
    next_cursor: String,
    /// Whether there is more now.
    has_more: bool,
    /// The server's clock.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

impl<V> Fetched<V> {
    /// Whether there is more now.
    pub const fn has_more(&self) -> bool {
        self.has_more
    }
}

/// What became of a batch, and what else a client must know.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncAnswer<V> {
    applied: Vec<Applied>,
    conflicts: Vec<Conflict<V>>,
    rejected: Vec<Rejected>,
    #[serde(flatten)]
    changes: Fetched<V>,
}

/// What became of one change.
#[derive(Debug)]
pub enum Outcome<V> {
    /// It is done.
    Applied(Applied),
    /// Somebody else's stands against it.
    Conflict(Box<Conflict<V>>),
    /// It cannot be done.
    Rejected(Rejected),
}

impl<V> SyncAnswer<V> {
    /// The answer to a batch.
    pub fn new(outcomes: impl IntoIterator<Item = Outcome<V>>, rejected: Vec<Rejected>, changes: Fetched<V>) -> Self {
        let mut answer = Self { applied: Vec::new(), conflicts: Vec::new(), rejected, changes };
        for outcome in outcomes {
            match outcome {
                Outcome::Applied(applied) => answer.applied.push(applied),
                Outcome::Conflict(conflict) => answer.conflicts.push(*conflict),
                Outcome::Rejected(rejected) => answer.rejected.push(rejected),
            }
        }
        answer.applied.sort_by_key(|applied| applied.index);
        answer.conflicts.sort_by_key(|conflict| conflict.index);
        answer.rejected.sort_by_key(|rejected| rejected.index);
        answer
    }
}

impl SyncRequest {
    /// The batch; `session` names a client that does not name itself. A change that cannot be understood is rejected
    /// alone.
    pub fn parse(self, key: &HashKey, session: &str) -> Result<Batch, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let since = self.since.optional("since", w);
        let client = self.client_id.optional("client_id", w).filter(|client| !client.is_empty());
        if client.as_ref().is_some_and(|client| client.len() > MAX_NAME) {
            w.push(FieldInvalid::new("client_id", Invalid::new("too_long", "may have 100 characters")));
        }
        let client = client.unwrap_or_else(|| session.to_owned());
        let limit = limit(self.limit.optional("limit", w), w);
        let changes = self.changes.optional("changes", w).unwrap_or_default();
        if changes.len() > MAX_CHANGES {
            w.push(FieldInvalid::new(
                "changes",
                Invalid::new("too_many", "a batch may hold 100 changes: send several"),
            ));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let mut batch = Batch { since, limit, client, wanted: Vec::new(), rejected: Vec::new() };
        for (index, change) in changes.into_iter().enumerate() {
            match wanted(index, change, key, &batch.client) {
                Ok(wanted) => batch.wanted.push(wanted),
                Err(rejected) => batch.rejected.push(*rejected),
            }
        }
        Ok(batch)
    }
}

fn limit(given: Option<u32>, wrong: &mut Vec<FieldInvalid>) -> NonZeroU32 {
    let most = NonZeroU32::MIN.saturating_add(MAX_LIMIT - 1);
    match given.map(NonZeroU32::new) {
        None => most,
        Some(Some(limit)) if limit <= most => limit,
        Some(_) => {
            wrong.push(FieldInvalid::new("limit", Invalid::new("out_of_range", "must be 1 to 200")));
            most
        }
    }
}

fn wanted(index: usize, change: Map<String, Value>, key: &HashKey, client: &str) -> Result<Wanted, Box<Rejected>> {
    let named = change.get("id").and_then(Value::as_str).unwrap_or_default().chars().take(MAX_NAME).collect::<String>();
    let mut wrong = Vec::new();
    let unread = |error: serde_json::Error| FieldInvalid::new("", Invalid::new("bad_change", error.to_string()));
    let read = serde_json::from_value::<SyncChange>(Value::Object(change));
    let parts = read.map_err(|error| wrong.push(unread(error))).ok().and_then(|change| {
        let w = &mut wrong;
        let SyncChange { op, id, base_version, fields, client_ts } = change;
        let op = op.required("op", w);
        let id = id.required("id", w);
        let base = base_version.optional("base_version", w);
        if op == Some(Op::Update) && base.is_none() && w.is_empty() {
            w.push(FieldInvalid::new("base_version", Invalid::required()));
        }
        let fields = fields.optional("fields", w).unwrap_or_default();
        let at = client_ts.optional("client_ts", w).map(|at| at.chars().take(MAX_NAME).collect());
        Some((op?, id?, u64::from(base.unwrap_or_default()), fields, at))
    });
    match parts {
        Some((op, id, base_version, fields, at)) if wrong.is_empty() => {
            let text = serde_json::to_string(&(op, &id, base_version, &fields, &at)).unwrap_or_default();
            let sent = domain::sync::Sent {
                key: key.hash(&["sync", client, &text]),
                client: client.to_owned(),
                at,
                kept: Vec::new(),
            };
            Ok(Wanted { index, op, id, base_version, fields, sent })
        }
        _ => Err(Box::new(Rejected {
            index,
            id: named,
            code: "invalid_fields".to_owned(),
            detail: "The change cannot be understood.".to_owned(),
            errors: wrong.into_iter().map(FieldProblem::from).collect(),
            existing_id: None,
        })),
    }
}
