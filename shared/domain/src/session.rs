//! A sign-in, and the family of refresh tokens that came from it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::{List, Meta, Record, Slot};
use crate::{Change, OrganizationId, SessionId, UserId};

/// An access token's life.
pub const ACCESS_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// A refresh token's life where the person wants to be remembered; each use starts it anew.
pub const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A refresh token's life otherwise.
pub const SHORT_REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// Within this time a refresh token that was just used gives the same answer again: the first one may have been lost.
pub const RETRY_GRACE: SignedDuration = SignedDuration::from_secs(10);
/// `last_seen_at` is written at most once in this time, so that a busy person costs no write a request.
pub const SEEN_NOTED: SignedDuration = SignedDuration::from_mins(15);

/// A sign-in. What its holder may do is their membership's to say, not its own: a changed role is felt at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// With what.
    pub device: Device,
    /// Whether its holder wants to be remembered for long.
    pub remember: bool,
    /// How its holder proved who they are.
    pub proofs: Vec<Proof>,
    /// What its holder must do before anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must: Option<Must>,
    /// When an administrator without a second factor may do nothing else but set one up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor_due_at: Option<Timestamp>,
    /// When it was last used, to a quarter of an hour.
    pub last_seen_at: Timestamp,
    /// The refresh token that is good now.
    pub refresh: RefreshState,
    /// When the refresh token ends.
    pub expires_at: Timestamp,
    /// When it was ended, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
}

/// What somebody signed in with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Device {
    /// What the browser or the app calls itself (`User-Agent`), cut to 200 characters.
    pub user_agent: String,
    /// Where it came from, as API Gateway saw it.
    pub address: String,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Their password.
    Password,
    /// A code sent to their address or number.
    Code,
    /// A code of their authenticator.
    Totp,
    /// One of their recovery codes.
    RecoveryCode,
    /// An invitation.
    Invite,
}

/// What somebody must do before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// Choose a password of their own.
    ChangePassword,
    /// Set up a second factor.
    EnrollSecondFactor,
}

/// Where a family of refresh tokens stands. The token of a generation is made from the salt with the platform's hash
/// key: a copy of the table tells none, and one that was never given is known from one that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshState {
    /// What the family's tokens are made from.
    pub salt: String,
    /// The generation that is good now; the first is 0.
    pub generation: u32,
    /// Since when.
    pub since: Timestamp,
}

/// The end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: RevokedWhy,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokedWhy {
    /// Its holder signed out.
    Logout,
    /// A refresh token came a second time: somebody has a copy.
    RefreshReused,
    /// Its holder or an administrator ended it from elsewhere.
    Revoked,
    /// The password was set anew.
    PasswordReset,
}

/// What a refresh token that was shown leads to.
#[derive(Debug)]
pub enum Refreshed {
    /// The session goes on with a new token.
    Rotated(Change<Session>),
    /// The same exchange again, moments later: the token it gave is given again.
    Again(Session),
    /// The token was used before: the whole family ends.
    Reused(Change<Session>),
    /// The session is over.
    Over,
}

/// A sign-in that is about to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The tenant it is for.
    pub organization: OrganizationId,
    /// Who signs in.
    pub user: UserId,
    /// With what.
    pub device: Device,
    /// Whether they want to be remembered.
    pub remember: bool,
    /// How they proved who they are.
    pub proofs: Vec<Proof>,
    /// What they must do first.
    pub must: Option<Must>,
    /// When an administrator without a second factor may do nothing else but set one up.
    pub second_factor_due_at: Option<Timestamp>,
}

impl Session {
    /// A new sign-in.
    pub fn open(id: SessionId, opening: Opening, salt: String, now: Timestamp) -> Self {
        let Opening { organization, user, device, remember, proofs, must, second_factor_due_at } = opening;
        Self {
            meta: Meta::new(organization, now),
            id,
            user,
            device,
            remember,
            proofs,
            must,
            second_factor_due_at,
            last_seen_at: now,
            refresh: RefreshState { salt, generation: 0, since: now },
            expires_at: now + Self::life(remember),
            revoked: None,
        }
    }

    const fn life(remember: bool) -> SignedDuration {
        if remember { REFRESH_LIFE } else { SHORT_REFRESH_LIFE }
    }

    /// Whether its tokens are good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires_at
    }

    /// What its holder must do before anything else, at `now`.
    pub fn must(&self, now: Timestamp) -> Option<Must> {
        let due = self.second_factor_due_at.filter(|due| *due <= now);
        self.must.or(due.map(|_| Must::EnrollSecondFactor))
    }

    /// A refresh token of the family was shown. Only the newest is good (RFC 9700, 4.14.2): an older one means that a
    /// copy is about, and ends the session for whoever holds it. But the answer to an exchange may be lost: within
    /// [`RETRY_GRACE`] the token that was just used gives the same new one again.
    pub fn refresh(self, generation: u32, now: Timestamp) -> Refreshed {
        let RefreshState { salt, generation: current, since } = self.refresh.clone();
        if !self.is_live(now) || generation > current {
            return Refreshed::Over;
        }
        if generation == current {
            let after = Self {
                refresh: RefreshState { salt, generation: current.saturating_add(1), since: now },
                last_seen_at: now,
                expires_at: now + Self::life(self.remember),
                meta: Meta { updated_at: now, ..self.meta.clone() },
                ..self.clone()
            };
            return Refreshed::Rotated(Change::update(self, after, "session.refreshed"));
        }
        if generation + 1 == current && now < since + RETRY_GRACE {
            return Refreshed::Again(self);
        }
        Refreshed::Reused(self.revoke(RevokedWhy::RefreshReused, now))
    }

    /// It was used.
    pub fn seen(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.last_seen_at = now;
        Change::update(self, after, "session.seen")
    }

    /// Its holder chose a password of their own.
    pub fn password_chosen(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.must = after.must.filter(|must| *must != Must::ChangePassword);
        after.meta.updated_at = now;
        Change::update(self, after, "session.password_chosen")
    }

    /// Its holder set up a second factor.
    pub fn second_factor_set_up(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.must = after.must.filter(|must| *must != Must::EnrollSecondFactor);
        after.second_factor_due_at = None;
        after.meta.updated_at = now;
        Change::update(self, after, "session.second_factor_set_up")
    }

    /// Ends it.
    pub fn revoke(self, why: RevokedWhy, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.revoked = Some(Revoked { at: now, why });
        after.meta.updated_at = now;
        Change::update(self, after, "session.revoked").with("why", why)
    }
}

impl Record for Session {
    const KIND: &'static str = "session";
    type Id = SessionId;

    fn id(&self) -> SessionId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::Two, "user", self.user)]
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
    /// Sign-ins are audited by their own events; hashes of tokens have no place in a history.
    const REMEMBERED: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(now: Timestamp, remember: bool) -> Session {
        let opening = Opening {
            organization: OrganizationId::at(now, [1; 10]),
            user: UserId::at(now, [1; 10]),
            device: Device::default(),
            remember,
            proofs: vec![Proof::Password],
            must: None,
            second_factor_due_at: None,
        };
        Session::open(SessionId::at(now, [1; 10]), opening, "salt".to_owned(), now)
    }

    #[test]
    fn a_used_token_is_good_again_for_ten_seconds_and_then_ends_the_family() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let Refreshed::Rotated(change) = session(now, true).refresh(0, now) else {
            panic!("the newest token is good");
        };
        let later = |seconds| now + SignedDuration::from_secs(seconds);
        let go_on = |at| change.after.clone().refresh(0, at);
        assert!(matches!(go_on(later(9)), Refreshed::Again(again) if again.refresh.generation == 1));
        assert!(matches!(go_on(later(10)), Refreshed::Reused(change) if !change.after.is_live(later(10))));
        assert!(matches!(change.after.clone().refresh(2, later(1)), Refreshed::Over));
    }

    #[test]
    fn who_is_not_remembered_must_sign_in_again_the_next_day() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        assert!(!session(now, false).is_live(now + SHORT_REFRESH_LIFE));
        assert!(session(now, true).is_live(now + SHORT_REFRESH_LIFE));
        assert!(!session(now, true).is_live(now + REFRESH_LIFE));
    }

    #[test]
    fn an_administrator_has_time_to_set_up_a_second_factor() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let due = now + SignedDuration::from_hours(24);
        let session = Session { second_factor_due_at: Some(due), ..session(now, true) };
        assert_eq!(session.must(now), None);
        assert_eq!(session.must(due), Some(Must::EnrollSecondFactor));
    }
}
