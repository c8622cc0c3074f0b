//! A question that proves who somebody is: a code that was sent, a link, a second factor.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::{Meta, Record};
use crate::session::Proof;
use crate::{ChallengeId, Change, OrganizationId, UserId};

/// So many answers are compared with a challenge's code; then it is spent.
pub const MAX_TRIES: u32 = 5;

/// A question that was put to somebody. It belongs to the platform, as users do. One stands also where there is no
/// such account, so that neither an answer nor the work for it tells whether there is one.
#[derive(Clone, Serialize, Deserialize)]
pub struct Challenge {
    /// What every record carries; its organization is [`OrganizationId::PLATFORM`].
    pub meta: Meta,
    /// Its id.
    pub id: ChallengeId,
    /// What it is for.
    pub purpose: Purpose,
    /// Who must answer it; `None` where there is no such account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Keyed hash of the code that answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_hash: Option<String>,
    /// SHA-256 of the random text, in a link or held by the client, that leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_hash: Option<String>,
    /// The secret of an authenticator that is being set up, in base 32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The sign-in that waits for its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingSignIn>,
    /// Answers that were compared with its code, or are being compared.
    pub tries: u32,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it was answered.
    pub used: bool,
}

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signing in by a code.
    SignIn,
    /// Choosing a new password by a code or a link.
    PasswordReset,
    /// Signing in with a second factor, after the first.
    SecondFactor,
    /// Setting up a second factor.
    Enrolment,
}

/// A sign-in whose first factor was good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// Where it leads.
    pub organization: OrganizationId,
    /// Whether its holder wants to be remembered.
    pub remember: bool,
    /// How they proved who they are so far.
    pub proofs: Vec<Proof>,
}

impl Purpose {
    /// How long its challenges are good.
    pub const fn life(self) -> SignedDuration {
        match self {
            Self::SignIn | Self::SecondFactor => SignedDuration::from_mins(5),
            Self::Enrolment => SignedDuration::from_mins(30),
            Self::PasswordReset => SignedDuration::from_mins(60),
        }
    }

    /// Its name in hashes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::PasswordReset => "password_reset",
            Self::SecondFactor => "second_factor",
            Self::Enrolment => "enrolment",
        }
    }
}

/// Hashes and secrets stay out of logs.
impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenge")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("tries", &self.tries)
            .field("used", &self.used)
            .finish_non_exhaustive()
    }
}

impl Challenge {
    /// The id that a digest gives: one account has one challenge a purpose.
    pub const fn id_of(digest: [u8; 16]) -> ChallengeId {
        ChallengeId::from_uuid(Uuid::from_bytes(digest))
    }

    /// A new one, without anything that answers it yet.
    pub fn new(id: ChallengeId, purpose: Purpose, user: Option<UserId>, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(OrganizationId::PLATFORM, now),
            id,
            purpose,
            user,
            code_hash: None,
            token_hash: None,
            secret: None,
            pending: None,
            tries: 0,
            expires_at: now + purpose.life(),
            used: false,
        }
    }

    /// Puts this one in the place of an earlier one of the same id, if there was one.
    pub fn put(self, earlier: Option<Self>) -> Change<Self> {
        match earlier {
            Some(earlier) => Change::update(earlier, self, "challenge.replaced"),
            None => Change::create(self, "challenge.created"),
        }
    }

    /// Whether an answer may end it at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.used && now < self.expires_at
    }

    /// An answer is about to be compared with its code; `None` where none may be any more. It is counted before, so
    /// that answers at the same time count too.
    pub fn tried(self, now: Timestamp) -> Option<Change<Self>> {
        if !self.is_open(now) || self.tries >= MAX_TRIES {
            return None;
        }
        let mut after = self.clone();
        after.tries += 1;
        after.meta.updated_at = now;
        Some(Change::update(self, after, "challenge.tried"))
    }

    /// It was answered.
    pub fn answered(self, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.used = true;
        after.meta.updated_at = now;
        Change::update(self, after, "challenge.answered")
    }
}

impl Record for Challenge {
    const KIND: &'static str = "challenge";
    type Id = ChallengeId;

    fn id(&self) -> ChallengeId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
    /// What it was for is remembered by the security events that follow.
    const REMEMBERED: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(now: Timestamp) -> Challenge {
        Challenge::new(Challenge::id_of([7; 16]), Purpose::SignIn, None, now)
    }

    #[test]
    fn five_answers_are_compared_and_no_sixth() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let mut challenge = challenge(now);
        for _ in 0..MAX_TRIES {
            challenge = challenge.tried(now).expect("a try").after;
        }
        assert!(challenge.tried(now).is_none());
    }

    #[test]
    fn what_was_answered_or_is_over_takes_no_answer() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        assert!(challenge(now).answered(now).after.tried(now).is_none());
        assert!(challenge(now).tried(now + Purpose::SignIn.life()).is_none());
    }

    #[test]
    fn an_id_from_a_digest_survives_its_text_form() {
        let id = Challenge::id_of([0xff; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
