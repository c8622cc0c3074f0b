//! What happens around signing in, whether it succeeded or not.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::record::{List, Meta, Record, Slot};
use crate::{Change, Invalid, OrganizationId, SecurityEventId, SessionId, UserId};

/// The platform's own are kept for so long. How long an organization's are, its retention policy says.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Something that happened around signing in. It belongs to the organization it was for; a try that names no account
/// belongs to the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// What every record carries; it was created when it happened.
    pub meta: Meta,
    /// Its id.
    pub id: SecurityEventId,
    /// What happened.
    pub kind: SecurityKind,
    /// Whose account it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The sign-in it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Where it came from, as API Gateway saw it.
    pub address: String,
    /// What the browser or the app calls itself.
    pub user_agent: String,
    /// What else is worth knowing.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}

/// What happened around signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityKind {
    /// Somebody signed in.
    SignedIn,
    /// A sign-in failed: wrong password, code or no such account.
    SignInFailed,
    /// So many failed that the account or the address has to wait.
    LockedOut,
    /// Somebody signed out, or ended a sign-in from elsewhere.
    SessionRevoked,
    /// A refresh token came a second time: somebody has a copy.
    RefreshReused,
    /// A code or a link to choose a new password was asked for.
    PasswordResetRequested,
    /// A password was set.
    PasswordChanged,
    /// A second factor was set up.
    SecondFactorEnrolled,
    /// A second factor was given up.
    SecondFactorDisabled,
    /// A recovery code was used up.
    RecoveryCodeUsed,
    /// Somebody downloaded data as a file: `what`, `rows` and `format` say which.
    Exported,
}

impl SecurityKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::LockedOut,
        Self::SessionRevoked,
        Self::RefreshReused,
        Self::PasswordResetRequested,
        Self::PasswordChanged,
        Self::SecondFactorEnrolled,
        Self::SecondFactorDisabled,
        Self::RecoveryCodeUsed,
        Self::Exported,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::LockedOut => "locked_out",
            Self::SessionRevoked => "session_revoked",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorEnrolled => "second_factor_enrolled",
            Self::SecondFactorDisabled => "second_factor_disabled",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::Exported => "exported",
        }
    }

    /// The kind of the event by which it enters the audit log.
    const fn event(self) -> &'static str {
        match self {
            Self::SignedIn => "security.signed_in",
            Self::SignInFailed => "security.sign_in_failed",
            Self::LockedOut => "security.locked_out",
            Self::SessionRevoked => "security.session_revoked",
            Self::RefreshReused => "security.refresh_reused",
            Self::PasswordResetRequested => "security.password_reset_requested",
            Self::PasswordChanged => "security.password_changed",
            Self::SecondFactorEnrolled => "security.second_factor_enrolled",
            Self::SecondFactorDisabled => "security.second_factor_disabled",
            Self::RecoveryCodeUsed => "security.recovery_code_used",
            Self::Exported => "security.exported",
        }
    }
}

impl std::str::FromStr for SecurityKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Invalid::new("unknown_value", "is not a kind of security event"))
    }
}

impl SecurityEvent {
    /// Something that just happened.
    pub fn new(
        id: SecurityEventId,
        organization: OrganizationId,
        kind: SecurityKind,
        device: &crate::session::Device,
        now: Timestamp,
    ) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id,
            kind,
            user: None,
            session: None,
            address: device.address.clone(),
            user_agent: device.user_agent.clone(),
            data: Map::new(),
        }
    }

    /// About somebody's account.
    #[must_use]
    pub fn about(self, user: UserId) -> Self {
        Self { user: Some(user), ..self }
    }

    /// About a sign-in.
    #[must_use]
    pub fn of_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// It happened.
    pub fn happened(self) -> Change<Self> {
        let kind = self.kind.event();
        Change::create(self, kind)
    }
}

impl Record for SecurityEvent {
    const KIND: &'static str = "security_event";
    type Id = SecurityEventId;

    fn id(&self) -> SecurityEventId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![List::new(Slot::One, "all", ""), List::new(Slot::Three, "kind", self.kind.as_str())];
        lists.extend(self.user.map(|user| List::new(Slot::Two, "user", user)));
        lists
    }
    fn expires(&self) -> Option<Timestamp> {
        (self.meta.organization == OrganizationId::PLATFORM).then(|| self.meta.created_at + KEPT)
    }
}
