//! What a client changed while it was offline.

use domain::sync::{FieldConflict, Sent, SyncMode, conflicts};
use domain::{Change, Event, Grant, Invalid, Permission, Record};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use indexmap::IndexMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use store::{CommitError, Refused, there};

use super::fetch::{begin, note, told};
use super::{Applied, Batch, Conflict, ConflictField, Op, Outcome, Rejected, SyncAnswer, SyncRequest, Wanted};
use crate::{App, Problem, SignedIn};

/// Records that are worked on at the same time.
const AT_ONCE: usize = 8;
/// Tries against other writers of the same record.
const TRIES: u32 = 8;

/// What an update makes of a record.
#[derive(Debug)]
pub struct Merged<R> {
    /// Of the record itself.
    pub change: Change<R>,
    /// A new record that comes with it, in the same transaction.
    pub next: Option<Change<R>>,
}

impl<R> From<Change<R>> for Merged<R> {
    fn from(change: Change<R>) -> Self {
        Self { change, next: None }
    }
}

/// A kind of record that clients change while they are offline, in the hands of one caller.
pub trait Offline: Sync {
    /// The record.
    type Record: Record;
    /// As the caller sees it.
    type View: Serialize + Send;
    /// What an update asks for, parsed, with the people and records that it names looked for.
    type Asked: Send + Sync;

    /// Needed to create and to update.
    const WRITE: Permission;
    /// Needed to delete.
    const DELETE: Permission;
    /// The fields that a creation reads.
    const CREATES: &'static [&'static str];
    /// The fields that an update reads.
    const UPDATES: &'static [&'static [&'static str]];

    /// A new record as its fields say, its id among them.
    fn create(&self, fields: Map<String, Value>) -> impl Future<Output = Result<Change<Self::Record>, Problem>> + Send;

    /// What a refusal to create means to the caller.
    fn refused(&self, error: CommitError) -> impl Future<Output = Problem> + Send {
        async { error.into() }
    }

    /// What an update's fields ask for.
    fn asked(&self, fields: Map<String, Value>) -> impl Future<Output = Result<Self::Asked, Problem>> + Send;

    /// The fields that it writes, as the record names them.
    fn writing(&self, asked: &Self::Asked) -> Vec<&'static str>;

    /// The record as the client wants it, whether it may become so or not.
    fn wanted(&self, record: Self::Record, asked: &Self::Asked) -> Result<Self::Record, Problem>;

    /// The update but for the fields that are kept as they stand.
    fn merged(&self, record: Self::Record, asked: &Self::Asked, kept: &[&str])
    -> Result<Merged<Self::Record>, Problem>;

    /// The record goes.
    fn deleted(&self, record: Self::Record) -> Change<Self::Record>;

    /// The record as the caller sees it.
    fn view(&self, record: Self::Record) -> Self::View;
}

/// Tries a batch of changes and answers what became of each, and what else the client must know.
///
/// Costs as the operations themselves, 1 Query more for an update of what has changed meanwhile, and as a fetch.
pub async fn push<K: Offline>(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    kind: &K,
    body: SyncRequest,
) -> Result<SyncAnswer<K::View>, Problem> {
    let session = signed_in.session.map_or_else(|| signed_in.user.to_string(), |session| session.to_string());
    let Batch { since, limit, client, wanted, rejected } = body.parse(app.table().hash_key(), &session)?;
    let mut run = begin(app, signed_in, K::Record::KIND, SyncMode::Incremental);
    let push = Push { app, signed_in, grant, kind };
    let mut records: IndexMap<String, Vec<Wanted>> = IndexMap::new();
    for wanted in wanted {
        records.entry(wanted.id.clone()).or_default().push(wanted);
    }
    let outcomes: Vec<Vec<Outcome<K::View>>> = stream::iter(records.into_values())
        .map(|changes| push.all(changes))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let view = |record: K::Record| kind.view(record);
    let changes = told(app, grant, signed_in.user, (since.as_deref(), limit), view).await?;
    note(&mut run, &changes);
    let answer = SyncAnswer::new(outcomes.into_iter().flatten(), rejected, changes);
    let counted = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    run.client = Some(client);
    run.applied = counted(answer.applied.len());
    run.conflicts = counted(answer.conflicts.len());
    run.rejected = counted(answer.rejected.len());
    app.table().sync_ran(grant, signed_in.user, &run).await?;
    Ok(answer)
}

struct Push<'a, K> {
    app: &'a App,
    signed_in: &'a SignedIn,
    grant: &'a Grant,
    kind: &'a K,
}

impl<K: Offline> Push<'_, K> {
    /// The changes of one record, one after the other.
    async fn all(&self, changes: Vec<Wanted>) -> Result<Vec<Outcome<K::View>>, Problem> {
        let mut outcomes = Vec::with_capacity(changes.len());
        for wanted in changes {
            let (index, id) = (wanted.index, wanted.id.clone());
            outcomes.push(match self.one(wanted).await {
                Ok(outcome) => outcome,
                Err(problem) => Outcome::Rejected(Rejected::because(index, id, problem)?),
            });
        }
        Ok(outcomes)
    }

    async fn one(&self, wanted: Wanted) -> Result<Outcome<K::View>, Problem> {
        let id = wanted.id.parse().map_err(|invalid| Problem::field("id", invalid))?;
        let needed = match wanted.op {
            Op::Create | Op::Update => K::WRITE,
            Op::Delete => K::DELETE,
        };
        self.signed_in.caller.allow(needed)?;
        match wanted.op {
            Op::Create => self.create(id, wanted).await,
            Op::Update => self.update(id, wanted).await,
            Op::Delete => self.delete(id, &wanted).await,
        }
    }

    async fn create(&self, id: Id<K>, mut wanted: Wanted) -> Result<Outcome<K::View>, Problem> {
        if let Some(record) = self.live(id).await? {
            let (events, _) = self.app.table().events_since(self.grant, &record, 0).await?;
            return if among(&wanted, &events).is_some() {
                Ok(applied(&wanted, &record, Vec::new()))
            } else {
                Err(Refused::Exists.into())
            };
        }
        let ignored = ignored(&wanted.fields, &[K::CREATES]);
        wanted.fields.insert("id".to_owned(), id.to_string().into());
        let change = self.kind.create(std::mem::take(&mut wanted.fields)).await?;
        match self.app.table().commit(self.grant, change.with(Sent::NAME, &wanted.sent)).await {
            Ok(record) => Ok(applied(&wanted, &record, ignored)),
            Err(error) => Err(self.kind.refused(error).await),
        }
    }

    async fn update(&self, id: Id<K>, mut wanted: Wanted) -> Result<Outcome<K::View>, Problem> {
        let ignored = ignored(&wanted.fields, K::UPDATES);
        let asked = self.kind.asked(std::mem::take(&mut wanted.fields)).await?;
        for _ in 0..TRIES {
            let Some(record) = self.live(id).await? else { return self.gone(id, &wanted).await };
            let (against, record) = match self.meanwhile(&record, &wanted).await? {
                // Whoever did not hear the answer is told again what stands against it.
                Meanwhile::Done(sent) => {
                    let mut against = self.against(&record, &asked, None, &sent)?;
                    against.retain(|conflict| sent.kept.contains(&conflict.field));
                    (against, record)
                }
                Meanwhile::Happened(events) => {
                    let against = self.against(&record, &asked, events.as_deref(), &wanted.sent)?;
                    let kept = against.iter().map(|conflict| conflict.field.clone()).collect();
                    let sent = Sent { kept, ..wanted.sent.clone() };
                    let Some(record) = self.commit(record, &asked, &sent).await? else { continue };
                    (against, record)
                }
            };
            if against.is_empty() {
                return Ok(applied(&wanted, &record, ignored));
            }
            let (version, view) = (record.meta().version, self.kind.view(record));
            let shown = serde_json::to_value(&view).map_err(Problem::internal)?;
            let fields = against.into_iter().map(|FieldConflict { field, client, server }| ConflictField {
                // As the caller sees it: it may be masked.
                server: shown.get(&field).cloned().unwrap_or(server),
                client,
                field,
            });
            return Ok(conflict(&wanted, version, fields.collect(), Some(view)));
        }
        Err(Refused::Conflict.into())
    }

    /// The fields that the client and somebody else changed.
    fn against(
        &self,
        record: &K::Record,
        asked: &K::Asked,
        since: Option<&[Event]>,
        sent: &Sent,
    ) -> Result<Vec<FieldConflict>, Problem> {
        let writing = self.kind.writing(asked);
        let wanted = self.kind.wanted(record.clone(), asked)?;
        let mut against = conflicts(record, &wanted, since, &sent.client);
        // Others follow from what it writes.
        against.retain(|conflict| writing.iter().any(|field| is_part(&conflict.field, field)));
        Ok(against)
    }

    /// What of an update is done; `None` where somebody else was faster.
    async fn commit(&self, record: K::Record, asked: &K::Asked, sent: &Sent) -> Result<Option<K::Record>, Problem> {
        let kept: Vec<&str> = sent.kept.iter().map(String::as_str).collect();
        let Merged { change, next } = self.kind.merged(record, asked, &kept)?;
        if change.changes().is_empty() {
            return Ok(Some(change.after));
        }
        let mut transaction = self.app.table().transaction();
        let record = transaction.push(self.grant, change.with(Sent::NAME, sent))?;
        if let Some(next) = next {
            transaction.push(self.grant, next)?;
        }
        match transaction.commit().await {
            Ok(()) => Ok(Some(record)),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete(&self, id: Id<K>, wanted: &Wanted) -> Result<Outcome<K::View>, Problem> {
        for _ in 0..TRIES {
            let Some(record) = self.live(id).await? else {
                return match self.gone(id, wanted).await? {
                    Outcome::Conflict(conflict) => {
                        let Conflict { index, id, version, .. } = *conflict;
                        Ok(Outcome::Applied(Applied { index, id, version, ignored: Vec::new() }))
                    }
                    outcome => Ok(outcome),
                };
            };
            let Meanwhile::Happened(events) = self.meanwhile(&record, wanted).await? else {
                return Ok(applied(wanted, &record, Vec::new()));
            };
            let own = |event: &Event| Sent::of(event).is_some_and(|sent| sent.client == wanted.sent.client);
            if wanted.base_version > 0 && events.is_none_or(|events| !events.iter().all(own)) {
                let version = record.meta().version;
                return Ok(conflict(wanted, version, Vec::new(), Some(self.kind.view(record))));
            }
            let change = self.kind.deleted(record).with(Sent::NAME, &wanted.sent);
            match self.app.table().commit(self.grant, change).await {
                Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
                committed => return Ok(applied(wanted, &committed?, Vec::new())),
            }
        }
        Err(Refused::Conflict.into())
    }

    async fn live(&self, id: Id<K>) -> Result<Option<K::Record>, Problem> {
        Ok(there(self.app.table().get_to_change(self.grant, id).await)?)
    }

    /// A record that is not there: deleted, which the client must know, or never there.
    async fn gone(&self, id: Id<K>, wanted: &Wanted) -> Result<Outcome<K::View>, Problem> {
        let deleted: K::Record = self.app.table().get_deleted(self.grant, id).await?;
        Ok(conflict(wanted, deleted.meta().version, Vec::new(), None))
    }

    /// What happened since the client saw the record: at most 1 Query.
    async fn meanwhile(&self, record: &K::Record, wanted: &Wanted) -> Result<Meanwhile, Problem> {
        let version = record.meta().version;
        if wanted.base_version > version {
            let invalid = Invalid::new("unknown_version", "is a version that this record never had");
            return Err(Problem::field("base_version", invalid));
        }
        if wanted.base_version == version {
            return Ok(Meanwhile::Happened(Some(Vec::new())));
        }
        let (events, all) = self.app.table().events_since(self.grant, record, wanted.base_version).await?;
        Ok(match among(wanted, &events) {
            Some(sent) => Meanwhile::Done(sent),
            None => Meanwhile::Happened(all.then_some(events)),
        })
    }
}

/// What happened since a client saw a record.
enum Meanwhile {
    /// Its change among it: it comes again.
    Done(Sent),
    /// The events; `None` where they are too many to tell.
    Happened(Option<Vec<Event>>),
}

type Id<K> = <<K as Offline>::Record as Record>::Id;

/// The fields of a change as a body.
pub fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(fields)).map_err(Problem::internal)
}

fn is_part(changed: &str, written: &str) -> bool {
    changed.strip_prefix(written).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn among(wanted: &Wanted, events: &[Event]) -> Option<Sent> {
    events.iter().filter_map(Sent::of).find(|sent| sent.key == wanted.sent.key)
}

fn applied<R: Record, V>(wanted: &Wanted, record: &R, ignored: Vec<String>) -> Outcome<V> {
    let version = record.meta().version;
    Outcome::Applied(Applied { index: wanted.index, id: wanted.id.clone(), version, ignored })
}

fn conflict<V>(wanted: &Wanted, version: u64, fields: Vec<ConflictField>, server: Option<V>) -> Outcome<V> {
    Outcome::Conflict(Box::new(Conflict { index: wanted.index, id: wanted.id.clone(), version, fields, server }))
}

fn ignored(fields: &Map<String, Value>, writes: &[&[&str]]) -> Vec<String> {
    fields.keys().filter(|field| !writes.iter().any(|names| names.contains(&field.as_str()))).cloned().collect()
}
