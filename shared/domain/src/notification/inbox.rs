//! What somebody has received, in figures, and up to where all of it is read.

use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Serialize};

use super::{Arriving, Notification, NotificationType};
use crate::record::{Meta, Record};
use crate::{Change, InboxId, OrganizationId, Priority, UserId};

/// Times at which notifications of one inbox expire, with what they are: so many of them are known at a time.
pub const MAX_EXPIRING: usize = 200;

/// An inbox knows too many times at which something expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the inbox is full of what expires")]
pub struct Full;

/// What is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Class {
    #[serde(rename = "t")]
    kind: NotificationType,
    #[serde(rename = "p")]
    priority: Priority,
    #[serde(rename = "r")]
    read: bool,
}

/// How many of a class there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Cell {
    #[serde(flatten)]
    class: Class,
    n: u32,
}

/// How many of a class expire at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Expiring {
    at: Timestamp,
    #[serde(flatten)]
    class: Class,
    n: u32,
}

/// How many there are, and how many of them are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Figures {
    /// All.
    pub total: u32,
    /// Those that are not read.
    pub unread: u32,
}

impl std::ops::AddAssign<Cell> for Figures {
    fn add_assign(&mut self, cell: Cell) {
        self.total += cell.n;
        self.unread += if cell.class.read { 0 } else { cell.n };
    }
}

/// What somebody has received, in figures, and up to where all of it is read: one write marks any number as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the user's UUID, so that it is found without a look-up.
    pub id: InboxId,
    /// Whose it is.
    pub user: UserId,
    /// When the last one came; no two come at the same time.
    last_at: Option<Timestamp>,
    /// Everything up to here is read.
    read_through: Option<Timestamp>,
    /// What is there, by what it is; what has expired meanwhile is still in it.
    cells: Vec<Cell>,
    /// What of it expires, and when; the next first.
    expiring: Vec<Expiring>,
}

impl Inbox {
    /// The id of a user's inbox.
    pub const fn id_of(user: UserId) -> InboxId {
        InboxId::from_uuid(user.uuid())
    }

    /// An empty one.
    pub fn new(organization: OrganizationId, user: UserId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(user),
            user,
            last_at: None,
            read_through: None,
            cells: Vec::new(),
            expiring: Vec::new(),
        }
    }

    /// Everything up to here is read; lists of what is not begin behind it.
    pub const fn read_through(&self) -> Option<Timestamp> {
        self.read_through
    }

    /// Whether a notification of it is read.
    pub fn is_read(&self, notification: &Notification) -> bool {
        notification.read_at.is_some() || self.read_through.is_some_and(|read| notification.meta.created_at <= read)
    }

    /// Whether its owner has seen a notification: it is read, and not from the moment it came.
    pub fn is_seen(&self, notification: &Notification) -> bool {
        self.is_read(notification) && !notification.was_read_on_arrival()
    }

    /// Takes in a notification, behind all that came before.
    pub fn receive(self, arriving: Arriving, now: Timestamp) -> Result<(Change<Notification>, Change<Self>), Full> {
        let mut after = self.settled(now);
        // To a microsecond, as lists are ordered.
        let now = now.round(Unit::Microsecond).unwrap_or(now);
        let at = self.last_at.map_or(now, |last| now.max(last + SignedDuration::from_micros(1)));
        after.last_at = Some(at);
        let notification = Notification::new(arriving, self.meta.organization, at);
        if !notification.is_expired(now) {
            after.add(class_of(&notification, false), notification.expires_at, 1);
        }
        if after.expiring.len() > MAX_EXPIRING {
            return Err(Full);
        }
        Ok((Change::create(notification, "notification.created"), self.becomes(after, now)))
    }

    /// Its owner read one of them.
    pub fn read(self, notification: &Notification, now: Timestamp) -> Change<Self> {
        let mut after = self.settled(now);
        if !self.is_read(notification) && !notification.is_expired(now) {
            after.remove(class_of(notification, false), notification.expires_at);
            after.add(class_of(notification, true), notification.expires_at, 1);
        }
        self.becomes(after, now)
    }

    /// One of them is gone.
    pub fn drop_one(self, notification: &Notification, now: Timestamp) -> Change<Self> {
        let mut after = self.settled(now);
        if !notification.is_expired(now) {
            after.remove(class_of(notification, self.is_read(notification)), notification.expires_at);
        }
        self.becomes(after, now)
    }

    /// Its owner read all of them.
    pub fn read_all(self, now: Timestamp) -> Change<Self> {
        let mut after = self.settled(now);
        after.read_through = after.last_at;
        let (cells, expiring) = (std::mem::take(&mut after.cells), std::mem::take(&mut after.expiring));
        for Cell { class, n } in cells {
            count(&mut after.cells, Class { read: true, ..class }, n);
        }
        for Expiring { at, class, n } in expiring {
            after.expire(at, Class { read: true, ..class }, n);
        }
        self.becomes(after, now)
    }

    /// How many there are now, of a type or of all.
    pub fn figures(&self, kind: Option<NotificationType>, now: Timestamp) -> Figures {
        self.sum(now, |class| kind.is_none_or(|kind| class.kind == kind))
    }

    /// How many there are now of a priority.
    pub fn figures_of(&self, priority: Priority, now: Timestamp) -> Figures {
        self.sum(now, |class| class.priority == priority)
    }

    fn sum(&self, now: Timestamp, of: impl Fn(&Class) -> bool) -> Figures {
        let mut sum = Figures::default();
        for cell in self.settled(now).cells.into_iter().filter(|cell| of(&cell.class)) {
            sum += cell;
        }
        sum
    }

    /// As it is without what has expired.
    fn settled(&self, now: Timestamp) -> Self {
        let mut settled = self.clone();
        let gone = settled.expiring.partition_point(|expiring| expiring.at <= now);
        for Expiring { class, n, .. } in settled.expiring.drain(..gone).collect::<Vec<_>>() {
            discount(&mut settled.cells, class, n);
        }
        settled
    }

    fn add(&mut self, class: Class, expires: Option<Timestamp>, n: u32) {
        count(&mut self.cells, class, n);
        if let Some(at) = expires {
            self.expire(at, class, n);
        }
    }

    fn expire(&mut self, at: Timestamp, class: Class, n: u32) {
        match self.expiring.binary_search_by_key(&(at, class), |known| (known.at, known.class)) {
            Ok(place) => self.expiring[place].n += n,
            Err(place) => self.expiring.insert(place, Expiring { at, class, n }),
        }
    }

    fn remove(&mut self, class: Class, expires: Option<Timestamp>) {
        discount(&mut self.cells, class, 1);
        let place = expires
            .and_then(|at| self.expiring.binary_search_by_key(&(at, class), |known| (known.at, known.class)).ok());
        if let Some(place) = place {
            self.expiring[place].n -= 1;
            self.expiring.retain(|known| known.n > 0);
        }
    }

    fn becomes(self, mut after: Self, now: Timestamp) -> Change<Self> {
        after.meta.updated_at = now;
        let kind = "inbox.changed";
        if self.meta.version == 0 { Change::create(after, kind) } else { Change::update(self, after, kind) }
    }
}

fn class_of(notification: &Notification, read: bool) -> Class {
    Class { kind: notification.kind, priority: notification.priority, read }
}

fn count(cells: &mut Vec<Cell>, class: Class, n: u32) {
    match cells.iter_mut().find(|cell| cell.class == class) {
        Some(cell) => cell.n += n,
        None => cells.push(Cell { class, n }),
    }
}

fn discount(cells: &mut Vec<Cell>, class: Class, n: u32) {
    if let Some(cell) = cells.iter_mut().find(|cell| cell.class == class) {
        cell.n = cell.n.saturating_sub(n);
    }
    cells.retain(|cell| cell.n > 0);
}

impl Record for Inbox {
    const KIND: &'static str = "inbox";
    type Id = InboxId;

    fn id(&self) -> InboxId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    /// Its notifications have events of their own.
    const REMEMBERED: bool = false;
}
