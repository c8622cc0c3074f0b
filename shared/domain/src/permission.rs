//! What can be permitted, and the roles that are templates over it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{EmailAddress, FieldChange, Invalid, Phone};

macro_rules! permissions {
    ($($name:ident = $text:literal, $why:literal;)*) => {
        /// One thing a person may do, written `module:action`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Permission { $(#[doc = $why] $name,)* }

        impl Permission {
            /// All of them, in the order of the registry.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// `module:action`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What stands before the colon.
            pub fn module(self) -> &'static str {
                self.as_str().split_once(':').map_or("", |(module, _)| module)
            }

            /// What it lets a person do, for administrators.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }
        }
    };
}

permissions! {
    AgentsRead = "agents:read", "See agents in reach, what they are doing and how they do.";
    AgentsWrite = "agents:write", "Say what one is doing as an agent, and what agents in reach are.";
    AnalyticsRead = "analytics:read", "See funnels, sources, calls and what people did in the product.";
    AnalyticsWrite = "analytics:write", "Tell what one did in the product.";
    ApiKeysRead = "api_keys:read", "See the keys of machines.";
    ApiKeysWrite = "api_keys:write", "Make, rotate and revoke keys of machines.";
    ApprovalsRead = "approvals:read", "See approval workflows, and what in reach was asked to be approved.";
    ApprovalsRequest = "approvals:request", "Ask for approvals.";
    ApprovalsWrite = "approvals:write", "Make, change and delete approval workflows, and cancel what was asked for.";
    AuditExport = "audit:export", "Download the audit log.";
    AuditRead = "audit:read", "See the audit log and verify it.";
    AutomationExecute = "automation:execute", "Set automations going, and try them out.";
    AutomationRead = "automation:read", "See automations and their runs.";
    AutomationWrite = "automation:write", "Make, change, pause and delete automations.";
    BranchesAll = "branches:all", "See the records of every branch, where the role reaches branches.";
    BranchesRead = "branches:read", "See the organization's branches.";
    BranchesWrite = "branches:write", "Open, change and close branches.";
    CallsDelete = "calls:delete", "Delete and restore calls.";
    CallsRead = "calls:read", "See calls.";
    CallsWrite = "calls:write", "Plan, make and log calls.";
    CampaignsRead = "campaigns:read", "See campaigns and what became of them.";
    CampaignsWrite = "campaigns:write", "Make, change, launch, halt and delete campaigns to people in reach.";
    CommunicationsRead = "communications:read", "See how the organization writes to people.";
    CommunicationsWrite = "communications:write", "Write to people in reach, and try templates out.";
    ConsentsRead = "consents:read", "See what people in reach agreed to.";
    ConsentsWrite = "consents:write", "Enter what people in reach agreed to, or withdrew.";
    DashboardRead = "dashboard:read", "See the dashboard.";
    EventsRead = "events:read", "See what happened to every record, before and after.";
    FilesRead = "files:read", "See and download files in reach.";
    FilesWrite = "files:write", "Upload files, and delete and restore those in reach.";
    FormsRead = "forms:read", "See public lead forms and their keys.";
    FormsWrite = "forms:write", "Make, change and close public lead forms.";
    IntegrationsRead = "integrations:read", "See connections to services of others, how they fare and what they told.";
    IntegrationsWrite = "integrations:write", "Make, change and remove connections to services of others, and replay what they told.";
    LeadsAssign = "leads:assign", "Give a lead to a person.";
    LeadsDelete = "leads:delete", "Delete, restore and merge leads.";
    LeadsExport = "leads:export", "Download leads as a file.";
    LeadsImport = "leads:import", "Upload files of leads.";
    LeadsRead = "leads:read", "See leads, their history and score.";
    LeadsReveal = "leads:reveal", "See a lead's masked fields one by one, which is remembered.";
    LeadsSkipStage = "leads:skip_stage", "Move a lead over stages, with a reason.";
    LeadsWrite = "leads:write", "Create and change leads.";
    NotesModerate = "notes:moderate", "Change, delete and restore notes of others.";
    NotesRead = "notes:read", "See notes about what one sees.";
    NotesWrite = "notes:write", "Write notes, and change and delete one's own.";
    NotificationsBroadcast = "notifications:broadcast", "Notify many people in reach at once.";
    NotificationsRead = "notifications:read", "See what people in reach were notified of.";
    NotificationsWrite = "notifications:write", "Notify people in reach, and mark and delete what they were notified of.";
    OrganizationRead = "organization:read", "See the organization and its settings.";
    OrganizationWrite = "organization:write", "Change the organization and its settings.";
    PipelinesRead = "pipelines:read", "See the stages of leads.";
    PipelinesWrite = "pipelines:write", "Change the stages of leads.";
    ReferralLinksRead = "referral_links:read", "See referral links and what they brought.";
    ReferralLinksWrite = "referral_links:write", "Make and change referral links.";
    RemindersRead = "reminders:read", "See reminders.";
    RemindersWrite = "reminders:write", "Make, change, complete and delete reminders.";
    RolesRead = "roles:read", "See roles and what they permit.";
    RolesWrite = "roles:write", "Make and change the organization's own roles.";
    SecurityRead = "security:read", "See security events and suspicious activities.";
    SecurityWrite = "security:write", "Acknowledge suspicious activities, set retention.";
    SegmentsRead = "segments:read", "See segments of leads.";
    SegmentsWrite = "segments:write", "Make, change and delete segments of leads.";
    SlaRead = "sla:read", "See service levels and their clocks.";
    SlaWrite = "sla:write", "Make, change and delete service levels.";
    SubscriptionRead = "subscription:read", "See the plan and what of it is used.";
    SubscriptionWrite = "subscription:write", "Change the plan.";
    SuppressionsRead = "suppressions:read", "See which addresses and numbers are not written to.";
    SuppressionsWrite = "suppressions:write", "Say which addresses and numbers are not written to, and lift that.";
    TemplatesRead = "templates:read", "See and preview templates of messages.";
    TemplatesWrite = "templates:write", "Make, change and delete templates of messages.";
    UsersRead = "users:read", "See the organization's people.";
    UsersWrite = "users:write", "Add people and change what they may do.";
    WebhookEndpointsRead = "webhook_endpoints:read", "See the machines that webhooks tell, and what they were sent.";
    WebhookEndpointsReveal = "webhook_endpoints:reveal", "See what a webhook endpoint's calls are signed with, which is remembered.";
    WebhookEndpointsWrite = "webhook_endpoints:write", "Say which machines webhooks tell, and send again what they missed.";
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Permission {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| Invalid::new("unknown_permission", "is not a permission"))
    }
}

/// A set of permissions, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u128);

impl Permissions {
    /// Everything there is.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Whether nothing is in it.
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The first permission that `other` lacks.
    pub fn beyond(self, other: Self) -> Option<Permission> {
        Self(self.0 & !other.0).iter().next()
    }

    /// Whether `permission` is in the set.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// The members, in the order of the registry.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.has(*p))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(iter: I) -> Self {
        Self(iter.into_iter().fold(0, |bits, p| bits | (1 << p as u8)))
    }
}

/// Written as a list of `module:action`; a permission that is no more reads as none.
impl Serialize for Permissions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::as_str))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
    }
}

/// A field of a person that not everybody needs to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum PersonalField {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

impl PersonalField {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Email, Self::Phone];

    /// The field's name in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

impl std::str::FromStr for PersonalField {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|field| field.as_str() == text)
            .ok_or_else(|| Invalid::new("unknown_field", "is not a personal field"))
    }
}

/// The personal fields that somebody sees in the clear; the others are masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<PersonalField>", into = "Vec<PersonalField>")]
pub struct PersonalFields(u8);

impl PersonalFields {
    /// Every one.
    pub const ALL: Self = Self(u8::MAX);
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether a field is seen in the clear.
    pub const fn has(self, field: PersonalField) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// An address as it is seen: `a***@example.com` where it is masked.
    pub fn email(self, address: &EmailAddress) -> String {
        if self.has(PersonalField::Email) { address.to_string() } else { address.masked() }
    }

    /// A number as it is seen: `+91******3210` where it is masked.
    pub fn phone(self, number: &Phone) -> String {
        if self.has(PersonalField::Phone) { number.to_string() } else { number.masked() }
    }

    /// A change of a field as it is seen.
    #[must_use]
    pub fn change(self, mut change: FieldChange) -> FieldChange {
        let seen = |value: &Value| match (change.field.as_str(), value.as_str()) {
            ("email", Some(text)) => text.parse().map_or(Value::Null, |address| self.email(&address).into()),
            ("phone", Some(text)) => text.parse().map_or(Value::Null, |number| self.phone(&number).into()),
            _ => value.clone(),
        };
        let (before, after) = (seen(&change.before), seen(&change.after));
        (change.before, change.after) = (before, after);
        change
    }
}

impl From<Vec<PersonalField>> for PersonalFields {
    fn from(fields: Vec<PersonalField>) -> Self {
        Self(fields.into_iter().fold(0, |bits, field| bits | (1 << field as u8)))
    }
}

impl From<PersonalFields> for Vec<PersonalField> {
    fn from(fields: PersonalFields) -> Self {
        PersonalField::ALL.into_iter().filter(|field| fields.has(*field)).collect()
    }
}

/// A template of permissions and rows. The first four are intelipro's; the others come from the
/// fund-distribution, admissions and cotton-trade products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Full access.
    Admin,
    /// A team's lead: everything but changing settings and people.
    Manager,
    /// Works the leads assigned to them.
    Agent,
    /// Looks, changes nothing.
    Viewer,
    /// A mutual-fund distributor: an agent with their own forms.
    Mfd,
    /// An admissions counselor: an agent by another name.
    Counselor,
    /// A partner's user in the cotton trade.
    PartnerUser,
    /// A lead in their own portal; no access to the back office.
    Lead,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Admin,
        Self::Manager,
        Self::Agent,
        Self::Viewer,
        Self::Mfd,
        Self::Counselor,
        Self::PartnerUser,
        Self::Lead,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Agent => "agent",
            Self::Viewer => "viewer",
            Self::Mfd => "mfd",
            Self::Counselor => "counselor",
            Self::PartnerUser => "partner_user",
            Self::Lead => "lead",
        }
    }

    /// What the template permits.
    pub fn permissions(self) -> Permissions {
        use Permission as P;
        match self {
            Self::Admin => Permissions::all(),
            Self::Manager => Permission::ALL
                .iter()
                .copied()
                .filter(|p| {
                    !matches!(
                        p,
                        P::ApiKeysRead
                            | P::ApiKeysWrite
                            | P::AuditExport
                            | P::AuditRead
                            | P::BranchesAll
                            | P::BranchesWrite
                            | P::EventsRead
                            | P::IntegrationsRead
                            | P::IntegrationsWrite
                            | P::OrganizationWrite
                            | P::PipelinesWrite
                            | P::RolesWrite
                            | P::SecurityRead
                            | P::SecurityWrite
                            | P::SubscriptionWrite
                            | P::UsersWrite
                            | P::WebhookEndpointsRead
                            | P::WebhookEndpointsReveal
                            | P::WebhookEndpointsWrite
                    )
                })
                .collect(),
            Self::Agent | Self::Counselor => [
                P::AgentsRead,
                P::AgentsWrite,
                P::AnalyticsWrite,
                P::ApprovalsRead,
                P::ApprovalsRequest,
                P::BranchesRead,
                P::CallsRead,
                P::CallsWrite,
                P::CommunicationsRead,
                P::CommunicationsWrite,
                P::ConsentsRead,
                P::ConsentsWrite,
                P::DashboardRead,
                P::FilesRead,
                P::FilesWrite,
                P::LeadsRead,
                P::LeadsWrite,
                P::PipelinesRead,
                P::ReferralLinksRead,
                P::ReferralLinksWrite,
                P::NotesRead,
                P::NotesWrite,
                P::RemindersRead,
                P::RemindersWrite,
                P::SegmentsRead,
                P::SlaRead,
                P::TemplatesRead,
            ]
            .into_iter()
            .collect(),
            Self::Mfd => Self::Agent.permissions().iter().chain([P::FormsRead, P::FormsWrite]).collect(),
            Self::Viewer => [
                P::ApprovalsRead,
                P::CallsRead,
                P::ConsentsRead,
                P::DashboardRead,
                P::LeadsRead,
                P::PipelinesRead,
                P::RemindersRead,
                P::SlaRead,
            ]
            .into_iter()
            .collect(),
            Self::PartnerUser => [P::DashboardRead].into_iter().collect(),
            Self::Lead => Permissions::default(),
        }
    }

    /// The rows the template reaches.
    pub const fn rows(self) -> RowReach {
        match self {
            Self::Admin => RowReach::All,
            Self::Manager => RowReach::Branch,
            Self::Agent | Self::Viewer | Self::Mfd | Self::Counselor | Self::PartnerUser | Self::Lead => RowReach::Own,
        }
    }

    /// Whether its holders are agents: people who work the leads assigned to them.
    pub const fn works_leads(self) -> bool {
        matches!(self, Self::Agent | Self::Mfd | Self::Counselor)
    }

    /// The personal fields it sees in the clear.
    pub const fn clear(self) -> PersonalFields {
        match self {
            Self::Viewer | Self::PartnerUser | Self::Lead => PersonalFields::NONE,
            Self::Admin | Self::Manager | Self::Agent | Self::Mfd | Self::Counselor => PersonalFields::ALL,
        }
    }

    /// The module names that intelipro's frontend shows, from its permission matrix.
    pub const fn modules(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &["dashboard", "upload", "cases", "emails", "campaigns", "settings", "users", "analytics"],
            Self::Manager => &["dashboard", "upload", "cases", "emails", "campaigns", "analytics"],
            Self::Agent | Self::Mfd | Self::Counselor => &["dashboard", "cases", "emails"],
            Self::Viewer | Self::PartnerUser => &["dashboard"],
            Self::Lead => &[],
        }
    }
}

impl std::str::FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Invalid::new("unknown_role", "is not a role"))
    }
}

/// How far a role reaches over rows; a membership fills in whose and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowReach {
    /// Records assigned to the person.
    Own,
    /// Records assigned to the person or to those whose manager they are.
    Team,
    /// Records of the person's branches.
    Branch,
    /// Every record of the organization.
    All,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_reads_back_from_its_text() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
    }

    #[test]
    fn a_viewer_changes_nothing() {
        for permission in Role::Viewer.permissions().iter() {
            assert!(permission.as_str().ends_with(":read"), "{permission:?}");
        }
    }

    #[test]
    fn a_set_fits_its_bits() {
        assert!(Permission::ALL.len() <= 128);
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
    }
}
