//! A person who signs in, and their place in an organization.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::organization::Limits;
use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{
    BranchId, Change, EmailAddress, MembershipId, OrganizationId, Permissions, Phone, RoleKey, RowReach, Rows, UserId,
};

/// A person who signs in. Users belong to the platform: one person may work in several organizations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// What every record carries; its organization is [`OrganizationId::PLATFORM`].
    pub meta: Meta,
    /// Their id.
    pub id: UserId,
    /// What they sign in with, unique on the platform.
    pub email: EmailAddress,
    /// Given name.
    pub first_name: String,
    /// Family name; may be empty.
    pub last_name: String,
    /// Their phone.
    pub phone: Option<Phone>,
    /// Argon2id, in PHC string format; empty for who signs in by code only.
    pub password_hash: String,
    /// Whether the password was given to them and must be replaced first.
    #[serde(default)]
    pub must_change_password: bool,
    /// What they prove themselves with beside the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactor>,
    /// Keyed hashes of the addresses they signed in from, the newest first, at most [`MAX_KNOWN_ADDRESSES`]: who tries
    /// their password from elsewhere cannot lock them out there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_addresses: Vec<String>,
    /// How they like things.
    #[serde(default)]
    pub preferences: Preferences,
    /// Where their picture is: an `https` address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The organizations they belong to; the first is where a sign-in leads.
    pub organizations: Vec<OrganizationId>,
}

/// So many addresses are remembered of a person.
pub const MAX_KNOWN_ADDRESSES: usize = 10;

/// A time-based one-time password (RFC 6238) that its holder has confirmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// The secret that authenticator and server share, in base 32.
    pub secret: String,
    /// When its holder showed that their authenticator has it.
    pub confirmed_at: Timestamp,
    /// The last 30-second step whose code was taken: none is taken twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<u64>,
    /// SHA-256 of each recovery code that is left.
    pub recovery: Vec<String>,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor").field("confirmed_at", &self.confirmed_at).finish_non_exhaustive()
    }
}

/// How somebody likes things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Preferences {
    /// A BCP 47 language tag.
    #[schema(example = "en-IN")]
    pub language: String,
    /// Their IANA zone, where it is not the organization's.
    #[serde(default)]
    #[schema(required)]
    pub timezone: Option<String>,
    /// What reaches them where.
    pub notifications: NotificationChoices,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { language: "en-IN".to_owned(), timezone: None, notifications: NotificationChoices::default() }
    }
}

/// The channels on which somebody wants to be told things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotificationChoices {
    /// By e-mail.
    pub email: bool,
    /// By text message.
    pub sms: bool,
    /// On their devices.
    pub push: bool,
}

impl Default for NotificationChoices {
    fn default() -> Self {
        Self { email: true, sms: false, push: true }
    }
}

impl User {
    /// Somebody new.
    pub fn new(id: UserId, email: EmailAddress, first_name: String, last_name: String, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(OrganizationId::PLATFORM, now),
            id,
            email,
            first_name,
            last_name,
            phone: None,
            password_hash: String::new(),
            must_change_password: false,
            second_factor: None,
            known_addresses: Vec::new(),
            preferences: Preferences::default(),
            avatar: None,
            organizations: Vec::new(),
        }
    }

    /// Their name in one piece.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// The claim on a sign-in's address.
    pub fn email_claim(email: &EmailAddress) -> Claim {
        Claim::platform("email", email.normalized())
    }
}

impl Record for User {
    const KIND: &'static str = "user";
    type Id = UserId;

    fn id(&self) -> UserId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn claims(&self) -> Vec<Claim> {
        vec![Self::email_claim(&self.email)]
    }
    const SEALED: &'static [&'static str] = &["email", "phone", "second_factor"];
    /// A hash of a password has no place in a history.
    const REMEMBERED: bool = false;
}

/// A user's place in one organization: what they may do, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the user's UUID, so that it is found without a look-up.
    pub id: MembershipId,
    /// The person.
    pub user: UserId,
    /// Their name, for lists of people.
    pub name: String,
    /// What of it is their given name.
    #[serde(default)]
    pub first_name: String,
    /// Their address, likewise.
    pub email: EmailAddress,
    /// Whether they may come in.
    #[serde(default)]
    pub status: MemberStatus,
    /// Why they may not, in the words of who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// What they may do.
    pub role: RoleKey,
    /// Since when.
    pub role_since: Timestamp,
    /// What they may do beside.
    #[serde(default, skip_serializing_if = "Permissions::is_empty")]
    pub extra: Permissions,
    /// The rows they reach, if not the role's usual ones.
    pub reach: Option<RowReach>,
    /// Where they work; the first is where their new records go.
    pub branches: Vec<BranchId>,
    /// Whose team they belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<UserId>,
    /// Their department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Their title in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub designation: Option<String>,
    /// How often they may ask, if not as the organization's others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// Whether a member may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// They may.
    #[default]
    Active,
    /// They registered themselves and wait for somebody to decide.
    Pending,
    /// Somebody decided that they may not.
    Rejected,
    /// They may no more; their history stays.
    Deactivated,
}

impl Membership {
    /// The id of a user's membership.
    pub const fn id_of(user: UserId) -> MembershipId {
        MembershipId::from_uuid(user.uuid())
    }

    /// A new one.
    pub fn new(
        organization: OrganizationId,
        user: &User,
        role: impl Into<RoleKey>,
        branches: Vec<BranchId>,
        now: Timestamp,
    ) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(user.id),
            user: user.id,
            name: user.name(),
            first_name: user.first_name.clone(),
            email: user.email.clone(),
            status: MemberStatus::Active,
            status_reason: None,
            role: role.into(),
            role_since: now,
            extra: Permissions::default(),
            reach: None,
            branches,
            manager: None,
            department: None,
            designation: None,
            limits: None,
        }
    }

    /// Their family name; may be empty.
    pub fn last_name(&self) -> &str {
        self.name.strip_prefix(&self.first_name).unwrap_or_default().trim_start()
    }

    /// Takes over the name of the person's account.
    pub fn named_as(&mut self, user: &User) {
        self.name = user.name();
        self.first_name.clone_from(&user.first_name);
    }

    /// Decides whether they may come in, and why not.
    pub fn decide(
        self,
        status: MemberStatus,
        reason: Option<String>,
        kind: &'static str,
        now: Timestamp,
    ) -> Change<Self> {
        let mut after = self.clone();
        after.status = status;
        after.status_reason.clone_from(&reason);
        after.meta.updated_at = now;
        Change::update(self, after, kind).because(reason)
    }

    /// Whether these rows reach them.
    pub fn is_in_reach(&self, rows: &Rows) -> bool {
        match rows {
            Rows::All => true,
            Rows::Branches { branches } => self.branches.iter().any(|branch| branches.contains(branch)),
            Rows::Team { users } => users.contains(&self.user),
            Rows::Own { user } => *user == self.user,
        }
    }

    /// Whether they may come in.
    pub fn is_active(&self) -> bool {
        self.status == MemberStatus::Active
    }
}

impl Record for Membership {
    const KIND: &'static str = "membership";
    type Id = MembershipId;

    fn id(&self) -> MembershipId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![List::new(Slot::One, "all", "")];
        lists.extend(self.manager.map(|manager| List::new(Slot::Two, "manager", manager)));
        lists
    }
    const SEALED: &'static [&'static str] = &["email"];
    const DERIVED: &'static [&'static str] = &["first_name"];
}
