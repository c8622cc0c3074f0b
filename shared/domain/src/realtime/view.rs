//! What each listener hears of what happened.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Kind, Outline, Room, Told};
use crate::{Authority, BranchId, LeadId, MAX_BRANCHES_OF_A_MEMBER, Permission, Rows, UserId};

/// A change concerns at most so many rooms: two people, a member's branches, the organization and a lead.
pub const MAX_ROOMS_OF_A_VIEW: usize = MAX_BRANCHES_OF_A_MEMBER + 4;

/// What happened beside what the record is now: whoever sees the record as it is now is shown it, whoever saw it before
/// and does not any more is told that it is gone, and nobody else hears anything.
#[derive(Debug, Clone)]
pub struct View {
    kind: Kind,
    deleted: bool,
    now: Scope,
    before: Scope,
    shown: Arc<str>,
    gone: Arc<str>,
}

/// Where a record belongs, and so who may see it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Scope {
    owner: Option<UserId>,
    branches: Vec<BranchId>,
    lead: Option<LeadId>,
    /// The only one who may, where it is private.
    only: Option<UserId>,
    /// What one must be permitted to see what it is about.
    about: Option<Permission>,
}

impl View {
    /// What is to be told of `told`, where the record is now `record` and [what it is about](Told::about) `about`. `None`
    /// where there is nothing to tell: a change of what has been deleted since, a note about what is gone.
    pub fn new(told: &Told, record: &Outline, about: Option<&Outline>) -> Option<Self> {
        if Kind::of(&record.kind) != Some(told.kind) || (record.deleted && !told.is_deletion()) {
            return None;
        }
        let now = scope(told, &record.fields, about)?;
        let mut fields = record.fields.clone();
        fields.extend(told.before.clone());
        let before = scope(told, &fields, about)?;
        let id = match told.kind {
            // An agent's id is the person's everywhere.
            Kind::Agent => record.text("user").unwrap_or(&told.subject),
            _ => &told.subject,
        };
        let shown = json!({
            "event": told.event,
            "id": told.id,
            "at": told.at,
            "data": {
                "type": told.kind.as_str(),
                "id": id,
                "version": record.version,
                "changed": told.changed,
                "fields": shown(told.kind, &record.fields),
            },
        });
        let event = if told.is_deletion() { told.event.clone() } else { format!("{}:gone", told.kind.as_str()) };
        let gone = json!({
            "event": event,
            "id": told.id,
            "at": told.at,
            "data": {"type": told.kind.as_str(), "id": id, "version": told.version},
        });
        Some(Self {
            kind: told.kind,
            deleted: told.is_deletion(),
            now,
            before,
            shown: shown.to_string().into(),
            gone: gone.to_string().into(),
        })
    }

    /// The rooms that may hold somebody who hears of it; at most [`MAX_ROOMS_OF_A_VIEW`].
    pub fn rooms(&self) -> BTreeSet<Room> {
        let mut rooms = BTreeSet::new();
        for scope in [&self.now, &self.before] {
            if let Some(only) = scope.only {
                rooms.insert(Room::User(only));
                continue;
            }
            rooms.extend(scope.owner.map(Room::User));
            rooms.extend(scope.branches.iter().take(MAX_BRANCHES_OF_A_MEMBER).copied().map(Room::Branch));
            rooms.extend(scope.lead.map(Room::Lead));
            rooms.insert(Room::All);
        }
        rooms
    }

    /// The frame for a listener who may do so much now, if they hear anything.
    pub fn frame_for(&self, user: UserId, authority: &Authority) -> Option<&Arc<str>> {
        let sees = |scope: &Scope| scope.is_seen_by(self.kind, user, authority);
        if self.deleted {
            return (sees(&self.now) || sees(&self.before)).then_some(&self.gone);
        }
        if sees(&self.now) { Some(&self.shown) } else { sees(&self.before).then_some(&self.gone) }
    }
}

impl Scope {
    fn is_seen_by(&self, kind: Kind, user: UserId, authority: &Authority) -> bool {
        if let Some(only) = self.only
            && only != user
        {
            return false;
        }
        let may = |permission| authority.permissions.has(permission) && authority.plan.allows(permission);
        let Some(permission) = kind.permission() else { return self.only == Some(user) };
        if kind == Kind::Agent {
            return self.owner == Some(user) || (may(permission) && self.is_a_member_in(&authority.rows));
        }
        let branch = self.branches.first().copied();
        may(permission) && self.about.is_none_or(may) && branch.is_some() && authority.rows.cover(branch, self.owner)
    }

    /// As [`crate::Membership::is_in_reach`].
    fn is_a_member_in(&self, rows: &Rows) -> bool {
        match rows {
            Rows::All => true,
            Rows::Branches { branches } => self.branches.iter().any(|branch| branches.contains(branch)),
            Rows::Team { users } => self.owner.is_some_and(|owner| users.contains(&owner)),
            Rows::Own { user } => self.owner == Some(*user),
        }
    }
}

fn scope(told: &Told, fields: &Map<String, Value>, about: Option<&Outline>) -> Option<Scope> {
    let owner = read(fields, told.kind.owner());
    let branches: Vec<BranchId> = read(fields, "branch_id").into_iter().collect();
    Some(match told.kind {
        Kind::Lead => Scope { owner, branches, lead: told.subject.parse().ok(), ..Scope::default() },
        Kind::Call | Kind::Reminder => Scope { owner, branches, lead: read(fields, "lead_id"), ..Scope::default() },
        Kind::Notification => Scope { owner, only: Some(owner?), ..Scope::default() },
        Kind::Agent => {
            let branches = about?.fields.get("branches")?.as_array()?;
            let branches = branches.iter().filter_map(|branch| branch.as_str()?.parse().ok()).collect();
            Scope { owner, branches, ..Scope::default() }
        }
        Kind::Note => {
            let about = about?;
            let kind = Kind::of(&about.kind).filter(|kind| matches!(kind, Kind::Lead | Kind::Call | Kind::Reminder))?;
            let lead = match kind {
                Kind::Lead => read(fields, "entity_id"),
                _ => read(&about.fields, "lead_id"),
            };
            Scope {
                owner: read(&about.fields, kind.owner()),
                branches: read(&about.fields, "branch_id").into_iter().collect(),
                lead,
                only: if fields.get("is_private") == Some(&Value::Bool(false)) { None } else { Some(owner?) },
                about: kind.permission(),
            }
        }
    })
}

fn read<T: FromStr>(fields: &Map<String, Value>, field: &str) -> Option<T> {
    fields.get(field).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

fn shown(kind: Kind, fields: &Map<String, Value>) -> Map<String, Value> {
    let shown = kind.shown().iter();
    shown.map(|(stored, name)| ((*name).to_owned(), fields.get(*stored).cloned().unwrap_or(Value::Null))).collect()
}
