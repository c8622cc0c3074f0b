//! What the store needs to know of a record, in words of the business: where it belongs, which
//! lists it appears in, what must be unique about it, when it is due, how it is found.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::terms::Term;
use crate::{BranchId, Invalid, OrganizationId, UserId};

/// A deleted record can be restored for this long, then it is purged.
pub const RESTORABLE_DAYS: i64 = 30;

/// What every record carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The tenant. The store tells it by the record's key, so that it is not written twice.
    #[serde(skip, default = "platform")]
    pub organization: OrganizationId,
    /// 1 when created, one more with every change; 0 before the first commit. It stands beside the record, where the
    /// table sees it.
    #[serde(skip)]
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}

pub(crate) const fn platform() -> OrganizationId {
    OrganizationId::PLATFORM
}

impl Meta {
    /// The beginning of a record.
    pub const fn new(organization: OrganizationId, now: Timestamp) -> Self {
        Self { organization, version: 0, created_at: now, updated_at: now, deleted_at: None }
    }
}

/// A kind of record. A new one is a struct, this impl, and nothing else in the store.
pub trait Record: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names the kind in keys and events: `lead`.
    const KIND: &'static str;

    /// Its id's type.
    type Id: Copy + Eq + std::hash::Hash + Display + FromStr<Err = Invalid> + Send + Sync;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// What every record carries.
    fn meta(&self) -> &Meta;

    /// The same, for the store and for deletion.
    fn meta_mut(&mut self) -> &mut Meta;

    /// The branch it belongs to; `None` for what belongs to the whole organization.
    fn branch(&self) -> Option<BranchId> {
        None
    }

    /// The person it belongs to, for those who reach only their own.
    fn owner(&self) -> Option<UserId> {
        None
    }

    /// The lists it appears in, at most one a slot.
    fn lists(&self) -> Vec<List> {
        Vec::new()
    }

    /// What its lists are ordered by.
    fn order(&self) -> Timestamp {
        self.meta().created_at
    }

    /// What must be unique about it.
    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    /// When the clock must look at it.
    fn due(&self) -> Option<Timestamp> {
        None
    }

    /// What it is found by.
    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }

    /// The lists that hold all that is somebody's, for kinds that clients keep while they are offline: their changes
    /// enter the feed of whom they belong to.
    fn all_of(_owner: UserId) -> Vec<List> {
        Vec::new()
    }

    /// When it goes by itself, for records that live for a while (sessions).
    fn expires(&self) -> Option<Timestamp> {
        None
    }

    /// Fields that tell who somebody is or how to reach them, by the names they are stored under: at rest they and
    /// their changes are encrypted. A field may be added at any time; records that were written before are sealed by
    /// their next change.
    const SEALED: &'static [&'static str] = &[];

    /// Fields that follow from others and are left out of an event's changes.
    const DERIVED: &'static [&'static str] = &[];

    /// Whether changes to it are remembered as events. Sessions and counters of attempts are not:
    /// their audit trail is the events of what they did.
    const REMEMBERED: bool = true;
}

/// Which of the three overloaded indexes a list lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The first index.
    One,
    /// The second.
    Two,
    /// The third.
    Three,
}

/// One place of a record in a list: "the leads of this owner, newest first".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The index.
    pub slot: Slot,
    /// The question it answers: `owner`.
    pub question: &'static str,
    /// The value asked for: a user's id. Empty where the question has none.
    pub value: String,
}

impl List {
    /// A place in a list.
    pub fn new(slot: Slot, question: &'static str, value: impl Display) -> Self {
        Self { slot, question, value: value.to_string() }
    }
}

/// Something that only one live record may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where it must be unique.
    pub within: Within,
    /// The field it comes from; named in the refusal.
    pub field: &'static str,
    /// The value; the store keeps only its keyed hash.
    pub value: String,
}

impl Claim {
    /// Unique in its organization, per kind of record.
    pub fn new(field: &'static str, value: impl Into<String>) -> Self {
        Self { within: Within::Organization, field, value: value.into() }
    }

    /// Unique on the whole platform.
    pub fn platform(field: &'static str, value: impl Into<String>) -> Self {
        Self { within: Within::Platform, field, value: value.into() }
    }
}

/// The room in which a claim must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Among the records of its kind in one organization.
    Organization,
    /// Among all of its kind.
    Platform,
}
