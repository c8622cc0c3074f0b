//! Every key of the table, on one page. No other module formats a key.
//!
//! | question | where | key condition | cost in capacity units |
//! | --- | --- | --- | --- |
//! | one record by id | table | `pk = org#id, sk = record` | 0.5 read (1 when read to be changed) |
//! | 50 records of a list, newest first | `list1`, `list2`, `list3` | `lNpk = org#kind#question#value, place < cursor` | 1 Query: 0.5 read a 4 KB, 6 for 50 leads |
//! | a record's history | table | `pk = org#id, sk begins_with event#` | 1 Query: 0.5 read a 4 KB |
//! | who holds this e-mail | table | `pk = org#claim#kind#field#hash, sk = claim` | 1 read |
//! | leads with a word that begins `ash` | table | `pk = org#term#kind#as, sk begins_with ash` | 1 Query 0.5 a 4 KB, then 1 `BatchGetItem` 0.5 each: 26.5 for 50 |
//! | leads with this address or number | table | `pk = org#term#kind#~h, sk begins_with ~hash` | 1 Query 0.5 a 4 KB, for digits 2, then 1 `BatchGetItem` 0.5 each |
//! | a figure per day | table | `pk = org#count#metric#branch, sk between days` | 1 Query: 0.5 read a 4 KB |
//! | a person's figure per day | table | `pk = org#count#metric#of#user, sk between days` | likewise |
//! | a figure of now | table | the same, `sk begins_with now#` | likewise |
//! | what changed for a person since | table | `pk = org#feed#kind#owner, sk > time` | 1 Query: 1 read a 4 KB, then 1 `BatchGetItem` 0.5 each: 27 for 50 leads |
//! | that a client asked for it | table | `pk = org#sync#user, sk = last#kind or run#time` | 1 write, or 2 where there was something to tell |
//! | what is due | `due` | `duepk = due#shard, duesk <= now` | 0.5 read a 4 KB, for each of 4 shards |
//! | an import's progress | table | `pk = org#job, sk begins_with chunk#` | 1 Query: 1 read a 4 KB |
//! | create with c claims and an event | table + 3 lists | one transaction | 2 × (w + e + c) + 3 × w write: 9 for a lead with 1 claim |
//! | change with an event, same lists | table + 3 lists | one transaction of 2 | 2 × (w + e) + 3 × w write: 7 for a lead |
//! | change of one list | table + 3 lists | one transaction of 2 | as above, and w more for each list left: 8 for a lead's owner or stage |
//! | a request counted against its limit | table | `UpdateItem` on `org#limit#subject, sk = window` | 1 write for every hundredth of the limit |
//! | an idempotent POST | table | `pk = org#idempotency#user#hash` | 1 write, and 1 a KB of its answer |
//! | who listens in a room | table | `pk = org#room#room, sk > connection` | 1 Query: 1 read a 4 KB, 32 for 1,000 connections |
//! | whether anybody of an organization listens | table | `pk = org#listening, sk = listening` | 1 read a batch of the stream and organization |
//! | what was told since | table | `pk = org#told, sk > time` | 1 Query: 1 read a 4 KB, then 1 `BatchGetItem` 1 each; to write 1 an event where anybody listens |
//! | what happened in an organization, newest first | table | `pk = org#log, sk < event` | 1 Query: 0.5 read a 4 KB (about 25 entries), with a filter of 500 entries at most, then 1 `BatchGetItem` 0.5 an event: 26 for 50; to write 1 an event |
//! | one event by its id | table | `pk = org#log, sk = event`, then the event | 2 `GetItem`, 0.5 each |
//! | what an endpoint is told of an event | table + 2 lists + `due` | one write of the delivery, as its worker moves it | 4 × w write to make it, 5 × w to take it up, 5 × w to end it |
//! | an event enters the audit chain | table | `pk = org#audit, sk = block#number` | 1 read and 2 × e write, and for each block of 1 to 90: 1 read, 2 write and 2 a KB |
//! | whether an address may be written to | table | `pk = org#id` of five items, `sk = record` or window | 1 `BatchGetItem`: 1 read each that is there |
//! | whether an address is suppressed | table | `pk = org#id`, the id from its keyed hash, `sk = record` | 0.5 read |
//!
//! An event is counted in one transaction of 2 × e write, and 2 for each figure that it steps: of the organization, of
//! the branch and of the person, whatever numbers stand beside it.
//!
//! w is the record's size in KB and e its event's, both rounded up. A lead of a person with a name, an address, a number,
//! an owner and a note is about 1,000 bytes and its event less: both are 1. The test `costs` of the whole holds these
//! rows against what the table reports.
//!
//! The tenant comes first in every key but `due`, whose entries name their tenant in the sort key.
//! Writes of a tenant spread over its records, claims, terms and events; the lists of the whole
//! organization (`#all`) are the one partition that all its creations share, which on AWS bounds one
//! organization to about 1,000 new records a second.

use domain::realtime::Room;
use domain::{BranchId, EventId, OrganizationId, UserId};
use jiff::Timestamp;

/// Names of attributes: short, because each item pays for them.
pub mod attr {
    /// Partition key.
    pub const PK: &str = "pk";
    /// Sort key.
    pub const SK: &str = "sk";
    /// Partition key of index `list1`.
    pub const L1PK: &str = "l1pk";
    /// Partition key of index `list2`.
    pub const L2PK: &str = "l2pk";
    /// Partition key of index `list3`.
    pub const L3PK: &str = "l3pk";
    /// Sort key of the three lists: a record has one place, whichever list it is in.
    pub const PLACE: &str = "place";
    /// Partition key of the sparse index `due`.
    pub const DUEPK: &str = "duepk";
    /// Sort key of the sparse index `due`.
    pub const DUESK: &str = "duesk";
    /// The kind of record: `lead`.
    pub const KIND: &str = "kind";
    /// The record's version, a number.
    pub const VERSION: &str = "v";
    /// The record, the event or the response as JSON text.
    pub const DATA: &str = "d";
    /// What lies encrypted: a record's or an event's personal fields, a kept response, bytes.
    pub const SEALED: &str = "e";
    /// A record's search terms, one a line.
    pub const TERMS: &str = "t";
    /// The counters that follow from an event, as JSON text.
    pub const COUNTS: &str = "c";
    /// Set on an event once its counters are counted.
    pub const COUNTED: &str = "counted";
    /// Set on an event once it is in the audit chain: the number of its block.
    pub const AUDITED: &str = "audited";
    /// Set on the event that says its record was purged.
    pub const PURGED: &str = "purged";
    /// When a block of the audit chain was written.
    pub const AT: &str = "at";
    /// The hash of the block before.
    pub const PREV: &str = "prev";
    /// The hash of a block.
    pub const HASH: &str = "hash";
    /// The same under the platform's key.
    pub const SEAL: &str = "seal";
    /// The entries of all blocks, a number.
    pub const ENTRIES: &str = "entries";
    /// A count, a number.
    pub const N: &str = "n";
    /// The id of the record that a claim or a term leads to.
    pub const SUBJECT: &str = "subject";
    /// The organization that a platform-wide claim leads to.
    pub const ORGANIZATION: &str = "org";
    /// The branch of a record that can be searched, its id without prefix.
    pub const BRANCH: &str = "br";
    /// The owner of a record that can be searched or that clients keep while they are offline, its id without prefix.
    pub const OWNER: &str = "own";
    /// The rooms that a connection is in.
    pub const ROOMS: &str = "rooms";
    /// When DynamoDB may remove the item, in seconds of the epoch.
    pub const TTL: &str = "ttl";
}

/// Names of the indexes.
pub mod index {
    /// First list index.
    pub const LIST1: &str = "list1";
    /// Second list index.
    pub const LIST2: &str = "list2";
    /// Third list index.
    pub const LIST3: &str = "list3";
    /// What is due.
    pub const DUE: &str = "due";
}

/// The sort key of a record.
pub const RECORD: &str = "record";
/// The sort key of a claim.
pub const CLAIM: &str = "claim";
/// Begins the sort key of an event.
pub const EVENT: &str = "event#";
/// Begins the sort key of a chunk of a job.
pub const CHUNK: &str = "chunk#";
/// Begins the sort key of the errors of a job's rows.
pub const ROW_ERRORS: &str = "errors#";
/// Ends the partition of an organization's audit chain.
pub const AUDIT: &str = "audit";
/// Begins the sort key of a block of it.
pub const BLOCK: &str = "block#";
/// The subject of an entry of a feed that says that whoever comes upon it begins anew.
pub const ANEW: &str = "anew";
/// Begins the sort key of a figure of now.
pub const NOW: &str = "now#";

/// Begins the term of an address or a number, whose keyed hash follows; no word begins with it.
pub const EXACT: char = '~';

/// Stands between a figure's attribute and the name of a number beside it.
const PART: char = '.';

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// An id without the prefix that its place already tells.
pub(crate) fn bare(id: &str) -> &str {
    id.rsplit_once('_').map_or(id, |(_, suffix)| suffix)
}

/// Whether a text is a prefix and the 26 letters of an id.
fn is_id(text: &str) -> bool {
    let Some((prefix, suffix)) = text.rsplit_once('_') else { return false };
    !prefix.is_empty()
        && suffix.len() == 26
        && suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn tenant(organization: OrganizationId) -> String {
    bare(&organization.to_string()).to_owned()
}

/// A record.
pub fn record(organization: OrganizationId, id: &str) -> Key {
    Key { pk: partition(organization, id), sk: RECORD.to_owned() }
}

/// The partition of a record, its events and its parts.
pub fn partition(organization: OrganizationId, id: &str) -> String {
    format!("{}#{id}", tenant(organization))
}

/// The tenant's part and the id of a record's partition.
pub fn split_partition(pk: &str) -> Option<(OrganizationId, &str)> {
    let (tenant, id) = pk.split_once('#')?;
    let organization = format!("{}_{tenant}", OrganizationId::PREFIX).parse().ok()?;
    (!id.is_empty() && !id.contains('#')).then_some((organization, id))
}

/// An event, in order of the record's versions.
pub fn event(organization: OrganizationId, id: &str, version: u64) -> Key {
    Key { pk: partition(organization, id), sk: format!("{EVENT}{version:010}") }
}

/// A chunk of a job.
pub fn chunk(organization: OrganizationId, job: &str, number: u32) -> Key {
    Key { pk: partition(organization, job), sk: format!("{CHUNK}{number:06}") }
}

/// The errors of a job's rows, from the row of a chunk on.
pub fn row_errors(organization: OrganizationId, job: &str, chunk: u32, row: u32) -> Key {
    Key { pk: partition(organization, job), sk: format!("{ROW_ERRORS}{chunk:06}#{row:06}") }
}

/// A block of an organization's audit chain, from 1.
pub fn audit_block(organization: OrganizationId, number: u64) -> Key {
    Key { pk: partition(organization, AUDIT), sk: format!("{BLOCK}{number:012}") }
}

/// Where an organization's audit chain ends.
pub fn audit_head(organization: OrganizationId) -> Key {
    Key { pk: partition(organization, AUDIT), sk: "head".to_owned() }
}

/// The mark that something was done for a record, once.
pub fn mark(organization: OrganizationId, id: &str, name: &str) -> Key {
    Key { pk: partition(organization, id), sk: format!("mark#{name}") }
}

/// A claim; `hash` is the keyed hash of its value.
pub fn claim(organization: OrganizationId, kind: &str, field: &str, hash: &str) -> Key {
    Key { pk: format!("{}#claim#{kind}#{field}#{hash}", tenant(organization)), sk: CLAIM.to_owned() }
}

/// The partition of a list. An id that begins the value stands without its prefix, which the question tells.
pub fn list(organization: OrganizationId, kind: &str, question: &str, value: &str) -> String {
    let tenant = tenant(organization);
    let (first, rest) = value.split_at(value.find('#').unwrap_or(value.len()));
    let value = if is_id(first) { format!("{}{rest}", bare(first)) } else { value.to_owned() };
    if value.is_empty() { format!("{tenant}#{kind}#{question}") } else { format!("{tenant}#{kind}#{question}#{value}") }
}

/// The place in a list: microseconds of the epoch in 14 hexadecimal digits, then the id.
pub fn place(at: Timestamp, id: &str) -> String {
    format!("{}#{}", sort_time(at), bare(id))
}

/// The time's part of a place in a list: of fixed width, so that text sorts as time does.
pub fn sort_time(at: Timestamp) -> String {
    format!("{:014x}", at.as_microsecond().max(0))
}

/// The number of partitions that due records spread over.
pub const DUE_SHARDS: u8 = 4;

/// A due record: the shard, then the time and whose it is. The clock reads each shard up to now, so
/// that a minute in which it did not run is not lost.
pub fn due(at: Timestamp, organization: OrganizationId, id: &str) -> (String, String) {
    let shard = id.bytes().fold(0_u8, u8::wrapping_add) % DUE_SHARDS;
    (due_shard(shard), format!("{}#{}", sort_time(at), partition(organization, id)))
}

/// A partition of due records.
pub fn due_shard(shard: u8) -> String {
    format!("due#{shard}")
}

/// The partition of the terms that share their first two letters.
pub fn terms(organization: OrganizationId, kind: &str, term: &str) -> String {
    let first: String = term.chars().take(2).collect();
    format!("{}#term#{kind}#{first}", tenant(organization))
}

/// A term of a record.
pub fn term(organization: OrganizationId, kind: &str, term: &str, id: &str) -> Key {
    Key { pk: terms(organization, kind, term), sk: format!("{term}#{}", bare(id)) }
}

/// What changed of a kind of record for a person, by the time that it was entered.
pub fn feed(organization: OrganizationId, kind: &str, owner: &str) -> String {
    format!("{}#feed#{kind}#{}", tenant(organization), bare(owner))
}

/// An entry of a feed: a record that changed.
pub fn feed_entry(organization: OrganizationId, kind: &str, owner: &str, at: Timestamp, id: &str) -> Key {
    Key { pk: feed(organization, kind, owner), sk: place(at, id) }
}

/// Begins the sort key of the last run of a kind of records.
pub const SYNC_LAST: &str = "last#";
/// Begins the sort key of a run in a person's history.
pub const SYNC_RUN: &str = "run#";

/// What became of a person's clients that work offline.
pub fn syncs(organization: OrganizationId, owner: &str) -> String {
    format!("{}#sync#{}", tenant(organization), bare(owner))
}

/// The last run of a kind of records.
pub fn sync_last(organization: OrganizationId, owner: &str, kind: &str) -> Key {
    Key { pk: syncs(organization, owner), sk: format!("{SYNC_LAST}{kind}") }
}

/// A run in a person's history.
pub fn sync_run(organization: OrganizationId, owner: &str, at: Timestamp, id: &str) -> Key {
    Key { pk: syncs(organization, owner), sk: format!("{SYNC_RUN}{}", place(at, id)) }
}

/// Whose figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The whole organization's.
    Organization,
    /// A branch's.
    Branch(BranchId),
    /// A person's.
    Person(UserId),
}

/// The partition of a figure.
pub fn counts(organization: OrganizationId, metric: &str, whose: Whose) -> String {
    let tenant = tenant(organization);
    match whose {
        Whose::Organization => format!("{tenant}#count#{metric}"),
        Whose::Branch(branch) => format!("{tenant}#count#{metric}#{}", bare(&branch.to_string())),
        Whose::Person(user) => format!("{tenant}#count#{metric}#of#{}", bare(&user.to_string())),
    }
}

/// The attribute of a number that stands beside a figure.
pub fn count_part(name: &str) -> String {
    format!("{}{PART}{name}", attr::N)
}

/// The number beside a figure that an attribute holds.
pub fn part_of_count(attribute: &str) -> Option<&str> {
    attribute.strip_prefix(attr::N)?.strip_prefix(PART)
}

/// The sort key of a figure.
pub fn count_sort(day: Option<jiff::civil::Date>, dimension: &str) -> String {
    day.map_or_else(|| format!("{NOW}{dimension}"), |day| format!("{day}#{dimension}"))
}

/// The use that a subject (a user, an address) makes of a limit in a window.
pub fn limit(organization: OrganizationId, limit: &str, subject: &str, window: i64) -> Key {
    Key { pk: format!("{}#limit#{limit}#{subject}", tenant(organization)), sk: format!("{window:012}") }
}

/// A response kept for an idempotency key.
pub fn idempotency(organization: OrganizationId, hash: &str) -> Key {
    Key { pk: format!("{}#idempotency#{hash}", tenant(organization)), sk: "response".to_owned() }
}

/// The public halves of the keys that sign tokens.
pub fn signing_keys() -> Key {
    Key { pk: format!("{}#signing-keys", tenant(OrganizationId::PLATFORM)), sk: RECORD.to_owned() }
}

/// The data keys of the platform, wrapped.
pub fn data_keys() -> Key {
    Key { pk: format!("{}#data-keys", tenant(OrganizationId::PLATFORM)), sk: RECORD.to_owned() }
}

/// An open connection, by the id that API Gateway gave it: it names no tenant.
pub fn connection(id: &str) -> Key {
    Key { pk: format!("{}#connection#{id}", tenant(OrganizationId::PLATFORM)), sk: "connection".to_owned() }
}

/// A token that opens a connection; `hash` is its keyed hash.
pub fn ticket(hash: &str) -> Key {
    Key { pk: format!("{}#ticket#{hash}", tenant(OrganizationId::PLATFORM)), sk: "ticket".to_owned() }
}

/// The partition of the connections in a room.
pub fn room(organization: OrganizationId, room: Room) -> String {
    let tenant = tenant(organization);
    match room {
        Room::User(user) => format!("{tenant}#room#user#{}", bare(&user.to_string())),
        Room::Branch(branch) => format!("{tenant}#room#branch#{}", bare(&branch.to_string())),
        Room::All => format!("{tenant}#room#all"),
        Room::Lead(lead) => format!("{tenant}#room#lead#{}", bare(&lead.to_string())),
    }
}

/// Says that somebody of an organization listens.
pub fn listening(organization: OrganizationId) -> Key {
    Key { pk: format!("{}#listening", tenant(organization)), sk: "listening".to_owned() }
}

/// The partition of what was told to those who listen, by the time that it was entered.
pub fn told(organization: OrganizationId) -> String {
    format!("{}#told", tenant(organization))
}

/// The partition of what happened in an organization within the last 30 days, by the events' ids.
pub fn event_log(organization: OrganizationId) -> String {
    format!("{}#log", tenant(organization))
}

/// An entry of it.
pub fn event_log_entry(organization: OrganizationId, event: EventId) -> Key {
    Key { pk: event_log(organization), sk: bare(&event.to_string()).to_owned() }
}

/// Where files of a tenant lie: `area/organization/…`.
pub fn file(organization: OrganizationId, area: &str, rest: &str) -> String {
    format!("{area}/{}/{rest}", tenant(organization))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sorts_as_time_does() {
        let times = [0, 1, 1_000_000, 1_763_596_800];
        let sorted: Vec<String> = times.iter().map(|t| sort_time(Timestamp::from_second(*t).expect("time"))).collect();
        assert!(sorted.is_sorted());
    }

    #[test]
    fn a_list_has_ids_without_their_prefix_and_other_values_as_they_are() {
        let of = |value: &str| list(OrganizationId::PLATFORM, "lead", "q", value);
        let (id, rest) = ("01k5f0v3hteb9s1z6vqk4m2x8y", of("").len());
        assert_eq!(of(&format!("user_{id}"))[rest..], format!("#{id}"));
        assert_eq!(of(&format!("branch_{id}#in_review"))[rest..], format!("#{id}#in_review"));
        for value in ["none", "in_review", "a_b#c_d"] {
            assert_eq!(of(value)[rest..], format!("#{value}"));
        }
    }

    #[test]
    fn a_partition_tells_its_tenant_and_id() {
        let organization = OrganizationId::at(Timestamp::from_second(5).expect("time"), [7; 10]);
        let pk = partition(organization, "lead_01k");
        assert_eq!(split_partition(&pk), Some((organization, "lead_01k")));
        assert_eq!(split_partition(&claim(organization, "lead", "email", "x").pk), None);
    }
}
