//! Tries to prove who one is, and the wait that grows with those that fail.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::{Meta, Record};
use crate::{AttemptsId, Change, OrganizationId};

/// So many tries may fail in [`WINDOW`] before there is a wait: the insurance product's figure.
pub const FREE: u32 = 5;
/// Tries that failed longer ago do not count, as long as there was no wait.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// The first wait; each further try that fails doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The longest.
const LAST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// After so long without a try an account's are forgotten. Longer than [`WINDOW`], or whoever pauses a quarter of an
/// hour would never wait long.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);
/// An address's wear off one by one, [`FREE`] in a [`WINDOW`]: an office shares it, and somebody there always mistypes.
const WORN_OFF: SignedDuration = SignedDuration::from_mins(3);

/// The tries of one subject (an account from unknown addresses, an account from one known address, an address)
/// that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// What every record carries; its organization is [`OrganizationId::PLATFORM`].
    pub meta: Meta,
    /// Its id: from a keyed hash of the subject.
    pub id: AttemptsId,
    /// Tries that failed, or have not ended.
    pub failed: u32,
    /// When the first of an account's was; until when an address's have worn off.
    pub since: Timestamp,
    /// When the last of them was.
    pub last: Timestamp,
}

/// Whose tries they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// An account's: they count until its holder succeeds.
    Account,
    /// An address's, for whichever accounts: they wear off.
    Address,
}

/// The next try must wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MustWait {
    /// Until then.
    pub until: Timestamp,
}

impl Attempts {
    /// The id of a subject's.
    pub const fn id_of(digest: [u8; 16]) -> AttemptsId {
        AttemptsId::from_uuid(Uuid::from_bytes(digest))
    }

    /// None yet.
    pub fn none(id: AttemptsId, now: Timestamp) -> Self {
        Self { meta: Meta::new(OrganizationId::PLATFORM, now), id, failed: 0, since: now, last: now }
    }

    /// Until when the next try must wait; `None` where it need not.
    pub fn wait(&self) -> Option<Timestamp> {
        let over = self.failed.checked_sub(FREE)?;
        let wait = FIRST_WAIT.saturating_mul(1 << over.min(16));
        Some(self.last + wait.min(LAST_WAIT))
    }

    /// Tries left before there is a wait.
    pub const fn left(&self) -> u32 {
        FREE.saturating_sub(self.failed)
    }

    /// Those that still count at `now`, and since when.
    fn counting(&self, whose: Whose, now: Timestamp) -> (u32, Timestamp) {
        match whose {
            Whose::Account => {
                let past = now >= self.last + FORGOTTEN || (self.failed < FREE && now >= self.since + WINDOW);
                if past || self.failed == 0 { (0, now) } else { (self.failed, self.since) }
            }
            Whose::Address => {
                let worn = now.duration_since(self.since).as_secs() / WORN_OFF.as_secs();
                let worn = u32::try_from(worn.max(0)).unwrap_or(u32::MAX);
                if worn >= self.failed {
                    return (0, now);
                }
                let since = self.since + SignedDuration::from_secs(WORN_OFF.as_secs() * i64::from(worn));
                (self.failed - worn, since)
            }
        }
    }

    /// A try begins. It counts as failed until it succeeds, so that tries at the same time count too.
    pub fn begin(self, whose: Whose, now: Timestamp) -> Result<Change<Self>, MustWait> {
        let (failed, since) = self.counting(whose, now);
        if let Some(until) = self.wait().filter(|until| failed > 0 && now < *until) {
            return Err(MustWait { until });
        }
        let after = Self { failed: failed + 1, since, last: now, ..self.clone() };
        Ok(self.becoming(after, now))
    }

    /// A try that only its subject could make succeeded: nothing counts any more.
    pub fn forgiven(self, now: Timestamp) -> Change<Self> {
        let after = Self { failed: 0, ..self.clone() };
        self.becoming(after, now)
    }

    /// A try that began at `begun`, after one at `before`, succeeded and says nothing about the others: it alone does
    /// not count, and nobody waits for it.
    pub fn returned(self, begun: Timestamp, before: Timestamp, now: Timestamp) -> Change<Self> {
        let last = if self.last == begun { before } else { self.last };
        let after = Self { failed: self.failed.saturating_sub(1), last, ..self.clone() };
        self.becoming(after, now)
    }

    fn becoming(self, mut after: Self, now: Timestamp) -> Change<Self> {
        after.meta.updated_at = now;
        if self.meta.version == 0 {
            Change::create(after, "attempts.counted")
        } else {
            Change::update(self, after, "attempts.counted")
        }
    }
}

impl Record for Attempts {
    const KIND: &'static str = "attempts";
    type Id = AttemptsId;

    fn id(&self) -> AttemptsId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.last + FORGOTTEN)
    }
    /// Who had to wait is remembered by security events.
    const REMEMBERED: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    fn failed(times: u32, now: Timestamp) -> Attempts {
        (0..times).fold(Attempts::none(Attempts::id_of([1; 16]), now), |attempts, _| {
            attempts.begin(Whose::Account, now).expect("a try").after
        })
    }

    #[test]
    fn the_wait_doubles_from_a_minute_to_an_hour() {
        let (mut attempts, mut now) = (failed(FREE, at(0)), at(0));
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            let MustWait { until } = attempts.clone().begin(Whose::Account, now).expect_err("a wait");
            assert_eq!(until.duration_since(now), SignedDuration::from_mins(minutes));
            now = until;
            attempts = attempts.begin(Whose::Account, now).expect("a try after the wait").after;
        }
    }

    #[test]
    fn four_failures_are_forgotten_after_a_quarter_of_an_hour_and_a_wait_after_a_day() {
        let later = at(0) + WINDOW;
        let begun = |times, now| failed(times, at(0)).begin(Whose::Account, now).expect("a try").after.failed;
        assert_eq!((begun(4, later), begun(5, later), begun(5, at(24 * 3_600))), (1, 6, 1));
    }

    #[test]
    fn a_success_forgives_or_gives_its_own_try_back() {
        assert_eq!(failed(4, at(0)).forgiven(at(1)).after.failed, 0);
        assert_eq!(failed(4, at(0)).returned(at(0), at(0), at(1)).after.failed, 3);
        assert_eq!(failed(5, at(0)).returned(at(0), at(0), at(1)).after.wait(), None);
    }

    #[test]
    fn an_address_s_failures_wear_off_one_in_three_minutes() {
        let begun = |seconds| failed(5, at(0)).begin(Whose::Address, at(seconds)).map(|change| change.after.failed);
        assert_eq!((begun(179), begun(180), begun(900)), (Ok(6), Ok(5), Ok(1)));
        assert_eq!(begun(59), Err(MustWait { until: at(60) }));
    }

    #[test]
    fn a_success_after_a_wait_begins_no_other() {
        let waited = failed(5, at(0)).begin(Whose::Address, at(60)).expect("a try").after;
        let after = waited.returned(at(60), at(0), at(60)).after;
        assert!(after.begin(Whose::Address, at(61)).is_ok());
    }
}
