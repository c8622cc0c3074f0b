//! Refresh tokens: opaque to clients; the table keeps only what they are made from.

use std::str::FromStr;

use domain::{OrganizationId, Session, SessionId};
use store::HashKey;
use subtle::ConstantTimeEq as _;

/// A refresh token: `session.organization.generation.proof`, so that its session is found with one read, and one that
/// was never given is known from one that was used before.
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    pub(crate) organization: OrganizationId,
    pub(crate) generation: u32,
    proof: String,
}

impl RefreshToken {
    /// The one of a session that is good now. Whoever has the platform's hash key makes it again, so that the answer
    /// to a lost exchange can be repeated; the table alone does not tell it.
    pub(crate) fn of(key: &HashKey, session: &Session) -> Self {
        Self::made(key, session, session.refresh.generation)
    }

    fn made(key: &HashKey, session: &Session, generation: u32) -> Self {
        let (id, salt) = (session.id, &session.refresh.salt);
        let proof = key.hash(&["refresh-token", &id.to_string(), salt, &generation.to_string()]);
        Self { session: id, organization: session.meta.organization, generation, proof }
    }

    /// Whether it was ever given to a session's holder, compared in constant time.
    pub(crate) fn is_genuine(&self, key: &HashKey, session: &Session) -> bool {
        let made = Self::made(key, session, self.generation);
        made.organization == self.organization && bool::from(made.proof.as_bytes().ct_eq(self.proof.as_bytes()))
    }

    /// What the client gets.
    pub(crate) fn into_text(self) -> String {
        let Self { session, organization, generation, proof } = self;
        format!("{session}.{organization}.{generation}.{proof}")
    }
}

/// Not a refresh token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadRefreshToken;

impl FromStr for RefreshToken {
    type Err = BadRefreshToken;

    fn from_str(text: &str) -> Result<Self, BadRefreshToken> {
        let mut parts = text.splitn(4, '.');
        let mut next = || parts.next().ok_or(BadRefreshToken);
        Ok(Self {
            session: next()?.parse().map_err(|_| BadRefreshToken)?,
            organization: next()?.parse().map_err(|_| BadRefreshToken)?,
            generation: next()?.parse().map_err(|_| BadRefreshToken)?,
            proof: next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::UserId;
    use domain::session::{Device, Opening};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_token_leads_to_its_session_and_is_known_from_one_that_was_never_given() {
        let at = Timestamp::UNIX_EPOCH;
        let (organization, user) = (OrganizationId::at(at, [2; 10]), UserId::at(at, [1; 10]));
        let opening = Opening {
            organization,
            user,
            device: Device::default(),
            remember: true,
            proofs: Vec::new(),
            must: None,
            second_factor_due_at: None,
        };
        let session = Session::open(SessionId::at(at, [1; 10]), opening, "salt".to_owned(), at);
        let key = HashKey::new("test");
        let text = RefreshToken::of(&key, &session).into_text();
        let read: RefreshToken = text.parse().map_err(|BadRefreshToken| text.clone()).expect("token");
        assert_eq!((read.session, read.organization, read.generation), (session.id, organization, 0));
        assert!(read.is_genuine(&key, &session));
        assert!(!read.is_genuine(&HashKey::new("other"), &session));
        let next: RefreshToken =
            text.replacen(".0.", ".1.", 1).parse().map_err(|BadRefreshToken| text.clone()).expect("token");
        assert!(!next.is_genuine(&key, &session));
        for wrong in ["", "a.b.c.d", &text[1..], &format!("{organization}.{}.0.x", session.id)] {
            assert!(wrong.parse::<RefreshToken>().is_err(), "{wrong}");
        }
    }
}
