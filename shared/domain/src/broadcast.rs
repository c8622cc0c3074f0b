//! A notification to many people at once: worked through page by page, each person once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::notification::{Arriving, Notice};
use crate::record::{List, Meta, Record, Slot};
use crate::{
    BranchId, BroadcastId, Change, IdBits, Membership, NotificationId, NotificationType, OrganizationId, Priority,
    RoleKey, Rows, UserId,
};

/// A broadcast that has not moved for so long has lost its message; the clock sends it again.
pub const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// People of a step: one message of the queue.
pub const PEOPLE_A_STEP: u32 = 200;
/// So many people can be named one by one.
pub const MAX_NAMED: usize = 500;

/// What the queue of broadcasts carries: "go on".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroadcastStep {
    /// The tenant.
    pub organization: OrganizationId,
    /// The broadcast.
    pub broadcast: BroadcastId,
}

/// Who is to be told, of those who may come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Audience {
    /// Everybody.
    Everybody,
    /// These people.
    Named {
        /// At most [`MAX_NAMED`], each once.
        user_ids: Vec<UserId>,
    },
    /// Whoever has one of these roles, where roles are named, and works in one of these branches, where branches are.
    Matching {
        /// The roles.
        roles: Vec<RoleKey>,
        /// The branches.
        branch_ids: Vec<BranchId>,
    },
}

impl Audience {
    /// Whether somebody is in it.
    pub fn has(&self, member: &Membership) -> bool {
        match self {
            Self::Everybody => true,
            Self::Named { user_ids } => user_ids.contains(&member.user),
            Self::Matching { roles, branch_ids } => {
                (roles.is_empty() || roles.contains(&member.role))
                    && (branch_ids.is_empty() || member.branches.iter().any(|branch| branch_ids.contains(branch)))
            }
        }
    }
}

/// How a broadcast stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BroadcastStatus {
    /// It waits for its turn, or is under way.
    Processing,
    /// Everybody was told.
    Completed,
}

/// How many people were dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reached {
    /// Those who were told.
    pub delivered: u32,
    /// Those whose inbox took no more of what expires.
    pub skipped: u32,
}

/// A notification to many people at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Broadcast {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: BroadcastId,
    /// Who sent it.
    pub created_by: UserId,
    /// The rows that its sender reached: nobody beyond them is told.
    pub rows: Rows,
    /// Who is to be told.
    pub audience: Audience,
    /// What it is about.
    pub kind: NotificationType,
    /// How urgent it is.
    pub priority: Priority,
    /// What it says.
    pub notice: Notice,
    /// When it is gone by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How it stands.
    pub status: BroadcastStatus,
    /// Behind which place of the list of people it goes on; `None` at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many were dealt with up to there.
    #[serde(default)]
    pub reached: Reached,
    /// When the clock shall look after it, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// What a broadcast begins with.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Who sends it.
    pub by: UserId,
    /// The rows that they reach.
    pub rows: Rows,
    /// Who is to be told.
    pub audience: Audience,
    /// What it is about.
    pub kind: NotificationType,
    /// How urgent it is.
    pub priority: Priority,
    /// What it says.
    pub notice: Notice,
    /// When it is gone by itself.
    pub expires_at: Option<Timestamp>,
}

impl Broadcast {
    /// A new one.
    pub fn send(id: BroadcastId, organization: OrganizationId, sending: Sending, now: Timestamp) -> Change<Self> {
        let Sending { by, rows, audience, kind, priority, notice, expires_at } = sending;
        let broadcast = Self {
            meta: Meta::new(organization, now),
            id,
            created_by: by,
            rows,
            audience,
            kind,
            priority,
            notice,
            expires_at,
            status: BroadcastStatus::Processing,
            place: None,
            reached: Reached::default(),
            lease_until: Some(now + LEASE),
            finished_at: None,
        };
        Change::create(broadcast, "broadcast.created")
    }

    /// Whether somebody is to be told: in its audience, in its sender's reach, and may come in.
    pub fn is_for(&self, member: &Membership) -> bool {
        member.is_active() && member.is_in_reach(&self.rows) && self.audience.has(member)
    }

    /// What one person is told. `bits` are derived from the broadcast and the person, so that nobody is told twice.
    pub fn to(&self, user: UserId, bits: IdBits) -> Arriving {
        Arriving {
            id: NotificationId::at(self.meta.created_at, bits),
            user,
            kind: self.kind,
            priority: self.priority,
            notice: self.notice.clone(),
            expires_at: self.expires_at,
            created_by: Some(self.created_by),
            broadcast: Some(self.id),
            channels: None,
        }
    }

    /// People up to a place were dealt with; `None` where that was the end.
    pub fn moved(self, next: Option<String>, reached: Reached, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.reached.delivered += reached.delivered;
        after.reached.skipped += reached.skipped;
        let ended = next.is_none();
        after.place = next;
        after.lease_until = (!ended).then(|| now + LEASE);
        if ended {
            (after.status, after.finished_at) = (BroadcastStatus::Completed, Some(now));
        }
        Change::update(self, after, if ended { "broadcast.completed" } else { "broadcast.moved" })
    }

    /// The clock looked after it: its next look is a lease away.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.lease_until = Some(now + LEASE);
        Change::update(self, after, "broadcast.looked_after")
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.status == BroadcastStatus::Completed
    }
}

impl Record for Broadcast {
    const KIND: &'static str = "broadcast";
    type Id = BroadcastId;

    fn id(&self) -> BroadcastId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", ""), List::new(Slot::Two, "sender", self.created_by)]
    }
    fn due(&self) -> Option<Timestamp> {
        self.lease_until
    }
    const SEALED: &'static [&'static str] = &["notice"];
    const DERIVED: &'static [&'static str] = &["place", "lease_until"];
}
