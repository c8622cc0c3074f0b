//! What in the security events somebody should look at.
//!
//! Each kind has a bound within a stretch of time. Where a person (or an address) reaches it, the platform notes an
//! activity for the hour in which that was: one for each kind, person and hour, whatever order the events come in.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::{List, Meta, Record, Slot};
use crate::{
    Change, IdBits, Invalid, OrganizationId, SecurityEvent, SecurityEventId, SecurityKind, SuspiciousActivityId, UserId,
};

/// At most so many events are named as evidence.
pub const MAX_EVIDENCE: usize = 20;
/// So many failed sign-ins within an hour.
pub const MANY_FAILURES: u32 = 10;
/// So many addresses within ten minutes. There is no map of addresses here: it is their number that is impossible for
/// one person, not the way between them.
pub const MANY_ADDRESSES: u32 = 4;
/// So many files within an hour.
pub const MANY_EXPORTS: u32 = 5;
/// More rows than this within an hour, in however many files.
pub const MANY_ROWS: u64 = 10_000;

/// What looks wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspiciousKind {
    /// Ten sign-ins failed within an hour, for one person or from one address.
    ManyFailures,
    /// One person signed in from four addresses within ten minutes.
    ImpossiblePace,
    /// A refresh token came a second time.
    RefreshReused,
    /// One person downloaded five files, or more than 10,000 rows, within an hour.
    MassExport,
}

impl SuspiciousKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ManyFailures, Self::ImpossiblePace, Self::RefreshReused, Self::MassExport];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ManyFailures => "many_failures",
            Self::ImpossiblePace => "impossible_pace",
            Self::RefreshReused => "refresh_reused",
            Self::MassExport => "mass_export",
        }
    }

    /// The kind that a security event may belong to.
    pub const fn of(event: SecurityKind) -> Option<Self> {
        match event {
            SecurityKind::SignInFailed => Some(Self::ManyFailures),
            SecurityKind::SignedIn => Some(Self::ImpossiblePace),
            SecurityKind::RefreshReused => Some(Self::RefreshReused),
            SecurityKind::Exported => Some(Self::MassExport),
            SecurityKind::LockedOut
            | SecurityKind::SessionRevoked
            | SecurityKind::PasswordResetRequested
            | SecurityKind::PasswordChanged
            | SecurityKind::SecondFactorEnrolled
            | SecurityKind::SecondFactorDisabled
            | SecurityKind::RecoveryCodeUsed => None,
        }
    }

    /// The stretch of time within which it counts.
    pub const fn within(self) -> SignedDuration {
        match self {
            Self::ImpossiblePace => SignedDuration::from_mins(10),
            Self::ManyFailures | Self::RefreshReused | Self::MassExport => SignedDuration::from_hours(1),
        }
    }

    fn is_too_much(self, events: &[&SecurityEvent]) -> bool {
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        match self {
            Self::ManyFailures => count >= MANY_FAILURES,
            Self::RefreshReused => count >= 1,
            Self::ImpossiblePace => {
                let addresses: BTreeSet<&str> = events.iter().map(|event| event.address.as_str()).collect();
                addresses.len() >= MANY_ADDRESSES as usize
            }
            Self::MassExport => {
                let rows = |event: &&SecurityEvent| event.data.get("rows").and_then(serde_json::Value::as_u64);
                count >= MANY_EXPORTS || events.iter().filter_map(rows).sum::<u64>() > MANY_ROWS
            }
        }
    }
}

impl std::str::FromStr for SuspiciousKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Invalid::new("unknown_value", "is not a kind of suspicious activity"))
    }
}

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspiciousActivity {
    /// What every record carries.
    pub meta: Meta,
    /// Its id, which follows from its kind, whom it is about and the hour.
    pub id: SuspiciousActivityId,
    /// What looks wrong.
    pub kind: SuspiciousKind,
    /// Whose account it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Where it came from, where it is an address that is suspicious.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The first of its events.
    pub first_at: Timestamp,
    /// The last of its events, as of `count`.
    pub last_at: Timestamp,
    /// How many events there were. Where they go on, it is written again each time they have doubled.
    pub count: u32,
    /// The first of its events, at most [`MAX_EVIDENCE`].
    pub evidence: Vec<SecurityEventId>,
    /// Whether somebody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
}

/// Somebody has looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// What they found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whom an activity is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suspect {
    /// An account.
    User(UserId),
    /// An address.
    Address(String),
}

impl Suspect {
    /// Whether an event is about them.
    pub fn is_of(&self, event: &SecurityEvent) -> bool {
        match self {
            Self::User(user) => event.user == Some(*user),
            Self::Address(address) => event.address == *address,
        }
    }

    /// For deriving ids.
    pub fn name(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Address(address) => address.clone(),
        }
    }
}

/// What was found in some events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What looks wrong.
    pub kind: SuspiciousKind,
    /// Who it is about.
    pub suspect: Suspect,
    /// When the hour began.
    pub hour: Timestamp,
    /// The first event.
    pub first_at: Timestamp,
    /// The last event.
    pub last_at: Timestamp,
    /// How many.
    pub count: u32,
    /// The first of them.
    pub evidence: Vec<SecurityEventId>,
}

/// The hour that a moment is in.
pub fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(3_600)).unwrap_or(at)
}

/// Looks whether the events of an hour, with those of the stretch before it, are too much: some stretch of time that
/// ends in the hour reaches the kind's bound. Events of other kinds, people and times are passed over, and neither
/// their order nor repetition matters.
pub fn find(kind: SuspiciousKind, suspect: &Suspect, hour: Timestamp, events: &[SecurityEvent]) -> Option<Finding> {
    let end = hour + SignedDuration::from_hours(1);
    let at = |event: &SecurityEvent| event.meta.created_at;
    let mut own: Vec<&SecurityEvent> = events
        .iter()
        .filter(|event| SuspiciousKind::of(event.kind) == Some(kind) && suspect.is_of(event))
        .filter(|event| hour - kind.within() < at(event) && at(event) < end)
        .collect();
    own.sort_by_key(|event| (at(event), event.id));
    own.dedup_by_key(|event| event.id);
    let mut first = None;
    for (last, event) in own.iter().enumerate().filter(|(_, event)| at(event) >= hour) {
        let begin = own.partition_point(|earlier| at(earlier) <= at(event) - kind.within());
        if kind.is_too_much(&own[begin..=last]) {
            first = Some(begin);
            break;
        }
    }
    let counted = &own[first?..];
    Some(Finding {
        kind,
        suspect: suspect.clone(),
        hour,
        first_at: at(counted.first()?),
        last_at: at(counted.last()?),
        count: u32::try_from(counted.len()).unwrap_or(u32::MAX),
        evidence: counted.iter().take(MAX_EVIDENCE).map(|event| event.id).collect(),
    })
}

impl SuspiciousActivity {
    /// The id of what was found; `bits` follow from the kind, the suspect and the organization.
    pub fn id_of(finding: &Finding, bits: IdBits) -> SuspiciousActivityId {
        SuspiciousActivityId::at(finding.hour, bits)
    }

    /// It was found.
    pub fn found(
        id: SuspiciousActivityId,
        organization: OrganizationId,
        finding: Finding,
        now: Timestamp,
    ) -> Change<Self> {
        let Finding { kind, suspect, hour: _, first_at, last_at, count, evidence } = finding;
        let (user, address) = match suspect {
            Suspect::User(user) => (Some(user), None),
            Suspect::Address(address) => (None, Some(address)),
        };
        let meta = Meta::new(organization, now);
        let activity = Self { meta, id, kind, user, address, first_at, last_at, count, evidence, acknowledged: None };
        Change::create(activity, "suspicious_activity.found")
    }

    /// It goes on: a change once there are twice as many events as were written, while nobody has looked.
    pub fn goes_on(self, finding: Finding, now: Timestamp) -> Option<Change<Self>> {
        if self.acknowledged.is_some() || finding.count < self.count.saturating_mul(2) {
            return None;
        }
        let mut after = self.clone();
        after.first_at = finding.first_at;
        after.last_at = finding.last_at;
        after.count = finding.count;
        after.evidence = finding.evidence;
        after.meta.updated_at = now;
        Some(Change::update(self, after, "suspicious_activity.went_on"))
    }

    /// Somebody has looked; only the first counts.
    pub fn acknowledge(self, by: UserId, note: Option<String>, now: Timestamp) -> Result<Change<Self>, Invalid> {
        if self.acknowledged.is_some() {
            return Err(Invalid::new("already_acknowledged", "was acknowledged already"));
        }
        let mut after = self.clone();
        after.acknowledged = Some(Acknowledged { by, at: now, note: note.clone() });
        after.meta.updated_at = now;
        Ok(Change::update(self, after, "suspicious_activity.acknowledged").because(note))
    }

    /// `open` or `acknowledged`.
    pub const fn state(&self) -> &'static str {
        if self.acknowledged.is_some() { "acknowledged" } else { "open" }
    }
}

impl Record for SuspiciousActivity {
    const KIND: &'static str = "suspicious_activity";
    type Id = SuspiciousActivityId;

    fn id(&self) -> SuspiciousActivityId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![List::new(Slot::One, "all", ""), List::new(Slot::Three, "state", self.state())];
        lists.extend(self.user.map(|user| List::new(Slot::Two, "user", user)));
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Device;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("a time")
    }

    fn user() -> UserId {
        UserId::at(now(), [1; 10])
    }

    fn event(kind: SecurityKind, number: u8, at: Timestamp, address: &str) -> SecurityEvent {
        let device = Device { user_agent: String::new(), address: address.to_owned() };
        let organization = OrganizationId::at(now(), [2; 10]);
        SecurityEvent::new(SecurityEventId::at(at, [number; 10]), organization, kind, &device, at).about(user())
    }

    fn minutes(minutes: i64) -> Timestamp {
        hour_of(now()) + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn ten_failures_within_an_hour_are_too_many_and_nine_are_not() {
        let fail = |number: u8| event(SecurityKind::SignInFailed, number, minutes(i64::from(number) * 5), "a");
        let find = |events: &[SecurityEvent]| {
            find(SuspiciousKind::ManyFailures, &Suspect::User(user()), hour_of(now()), events)
        };
        let ten: Vec<SecurityEvent> = (0..10).map(fail).collect();
        assert_eq!(find(&ten[1..]), None);
        let found = find(&ten).expect("ten are too many");
        assert_eq!((found.count, found.evidence.len()), (10, 10));
        let mut mixed: Vec<SecurityEvent> = ten.iter().rev().chain(&ten).cloned().collect();
        mixed.push(event(SecurityKind::SignedIn, 99, minutes(1), "a"));
        assert_eq!(find(&mixed), Some(found), "neither order nor repetition matters");
        let mut slow = ten;
        slow[0] = event(SecurityKind::SignInFailed, 0, minutes(-16), "a");
        assert_eq!(find(&slow), None, "the first is more than an hour before the last");
    }

    #[test]
    fn failures_of_the_hour_before_count_while_they_are_less_than_an_hour_old() {
        let events: Vec<SecurityEvent> =
            (0..10).map(|n| event(SecurityKind::SignInFailed, n, minutes(i64::from(n) - 5), "a")).collect();
        let find = |hour| find(SuspiciousKind::ManyFailures, &Suspect::Address("a".into()), hour, &events);
        assert_eq!(find(hour_of(now())).map(|found| (found.count, found.first_at)), Some((10, minutes(-5))));
        assert_eq!(find(hour_of(minutes(-1))), None, "five of them are none");
    }

    #[test]
    fn four_addresses_in_ten_minutes_are_one_too_many() {
        let sign_in = |number: u8, at: i64, address: &str| event(SecurityKind::SignedIn, number, minutes(at), address);
        let find = |events: &[SecurityEvent]| {
            find(SuspiciousKind::ImpossiblePace, &Suspect::User(user()), hour_of(now()), events)
                .map(|found| found.count)
        };
        let mut four = vec![sign_in(1, 1, "a"), sign_in(2, 2, "b"), sign_in(3, 3, "c"), sign_in(4, 10, "d")];
        assert_eq!(find(&four), Some(4));
        four[3] = sign_in(4, 11, "d");
        assert_eq!(find(&four), None, "in eleven minutes they are possible");
        four[3] = sign_in(4, 4, "c");
        assert_eq!(find(&four), None, "three are possible");
    }

    #[test]
    fn rows_count_as_files_do() {
        let export = |number: u8, rows: u64| {
            let mut export = event(SecurityKind::Exported, number, minutes(i64::from(number)), "a");
            export.data.insert("rows".into(), rows.into());
            export
        };
        let find = |events: &[SecurityEvent]| {
            find(SuspiciousKind::MassExport, &Suspect::User(user()), hour_of(now()), events).is_some()
        };
        assert!(find(&[export(1, 10_001)]));
        assert!(!find(&[export(1, 5_000), export(2, 5_000)]));
        assert!(find(&[export(1, 5_000), export(2, 5_000), export(3, 1)]));
        assert!(find(&(1..=5).map(|number| export(number, 1)).collect::<Vec<_>>()));
    }

    #[test]
    fn what_goes_on_is_written_again_when_it_has_doubled_and_never_once_somebody_has_looked() {
        let finding = |count| Finding {
            kind: SuspiciousKind::ManyFailures,
            suspect: Suspect::User(user()),
            hour: hour_of(now()),
            first_at: now(),
            last_at: now(),
            count,
            evidence: Vec::new(),
        };
        let id = SuspiciousActivity::id_of(&finding(10), [1; 10]);
        let activity = SuspiciousActivity::found(id, OrganizationId::at(now(), [2; 10]), finding(10), now()).after;
        assert!(activity.clone().goes_on(finding(19), now()).is_none());
        let twice = activity.goes_on(finding(20), now()).expect("twice as many").after;
        let seen = twice.acknowledge(user(), None, now()).expect("nobody has looked").after;
        assert!(seen.clone().goes_on(finding(80), now()).is_none());
        assert_eq!(seen.acknowledge(user(), None, now()).map_err(|e| e.code).err(), Some("already_acknowledged"));
    }
}
