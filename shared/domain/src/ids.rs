//! Every id of the house, in one alphabetical registry.
//!
//! An id reads `lead_01k…`: a prefix that names its type, then a UUID v7 in the base 32 of the
//! [TypeID](https://github.com/jetify-com/typeid) specification, so that ids sort by time and a
//! lead's id never passes for a user's. Clients that work offline may make their own.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use type_safe_id::{StaticType, TypeSafeId};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema::SchemaType};
use uuid::Uuid;

use crate::Invalid;

/// The 80 random bits of an id, handed in by whoever holds the source of randomness.
pub type IdBits = [u8; 10];

fn uuid_at(at: Timestamp, random: IdBits) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        const _: () = {
            #[derive(Default)]
            struct Kind;
            impl StaticType for Kind {
                const TYPE: &'static str = $prefix;
            }

            impl $name {
                /// What the text form begins with, without the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// A new id that sorts at `at`.
                pub fn at(at: Timestamp, random: IdBits) -> Self {
                    Self(uuid_at(at, random))
                }

                /// The id around an existing UUID: for ids derived from other facts.
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The UUID inside.
                pub const fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    std::fmt::Display::fmt(&TypeSafeId::<Kind>::from_uuid(self.0), f)
                }
            }

            impl std::fmt::Debug for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    std::fmt::Display::fmt(self, f)
                }
            }

            impl std::str::FromStr for $name {
                type Err = Invalid;

                fn from_str(text: &str) -> Result<Self, Invalid> {
                    text.parse::<TypeSafeId<Kind>>()
                        .map(|id| Self(id.uuid()))
                        .map_err(|_| Invalid::new("invalid_id", concat!("must be an id that begins with ", $prefix, "_")))
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(de::Error::custom)
                }
            }

            impl utoipa::__dev::ComposeSchema for $name {
                fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
                    ObjectBuilder::new()
                        .schema_type(SchemaType::Type(Type::String))
                        .pattern(Some(concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")))
                        .examples([serde_json::json!(concat!($prefix, "_01kaf0v3hteb9s1z6vqk4m2x8y"))])
                        .into()
                }
            }

            impl utoipa::ToSchema for $name {}
        };
    )*};
}

ids! {
    /// What somebody who works leads is doing.
    AgentId = "agt";
    /// Something that somebody did, told for analytics.
    AnalyticsEventId = "aev";
    /// A machine's key to the API.
    ApiKeyId = "key";
    /// Something that somebody asked others to approve.
    ApprovalId = "appr";
    /// A person's part in what is to be approved: theirs to decide now.
    ApprovalTaskId = "apt";
    /// The steps by which something is approved.
    ApprovalWorkflowId = "apw";
    /// The tries to sign in of one account or address.
    AttemptsId = "att";
    /// A place of an organization where people work.
    BranchId = "br";
    /// A notification to many people at once.
    BroadcastId = "cast";
    /// When an organization works.
    BusinessHoursId = "hours";
    /// A telephone call, planned, going on or over.
    CallId = "call";
    /// What is said to many people at once.
    CampaignId = "camp";
    /// A person whom a campaign was planned for.
    CampaignRecipientId = "crec";
    /// A question that proves who somebody is: a code, a link.
    ChallengeId = "chal";
    /// Something said to somebody or by them: a message, a call, a letter.
    CommunicationId = "comm";
    /// What an organization asks of its own sending.
    CommunicationSettingsId = "cset";
    /// What somebody agreed to, or withdrew.
    ConsentId = "cons";
    /// A browser that notifications are pushed to.
    DeviceId = "dev";
    /// One event: something that happened to a record.
    EventId = "evt";
    /// Something that somebody uploaded.
    FileId = "file";
    /// A public form that captures leads; the id is the form's public key.
    FormId = "form";
    /// What somebody has been notified of.
    InboxId = "inbox";
    /// How a connection to a service of others fares.
    IntegrationHealthId = "ihl";
    /// A connection to a service of others.
    IntegrationId = "intg";
    /// What a connection to a service of others did.
    IntegrationLogId = "ilog";
    /// An invitation to join an organization.
    InviteId = "inv";
    /// A long piece of work with progress: an import, a bulk change.
    JobId = "job";
    /// Somebody who may become a customer.
    LeadId = "lead";
    /// A user's place in one organization.
    MembershipId = "mem";
    /// A message to a person, on whatever channel.
    MessageId = "msg";
    /// What somebody wrote about a record.
    NoteId = "note";
    /// Something that somebody was told inside the product.
    NotificationId = "ntf";
    /// How somebody wants to be told.
    PreferencesId = "pref";
    /// A tenant.
    OrganizationId = "org";
    /// The stages a lead goes through.
    PipelineId = "pipe";
    /// An organization's assignment pool.
    PoolId = "pool";
    /// What a service of others told us, in one request.
    ProviderDeliveryId = "pdel";
    /// What is known of an address or number.
    ReachabilityId = "rch";
    /// A person's link that brings leads to them.
    ReferralLinkId = "ref";
    /// What a person wants to be told of at a time.
    ReminderId = "rem";
    /// One HTTP request, for support and for the log.
    RequestId = "req";
    /// An organization's rule for how long things are kept.
    RetentionPolicyId = "ret";
    /// An organization's own role.
    RoleId = "role";
    /// An organization's count of those who may come in.
    SeatsId = "seat";
    /// Something that happened around signing in, or that looks wrong.
    SecurityEventId = "sec";
    /// Leads that belong together.
    SegmentId = "seg";
    /// A sign-in and the tokens that came from it.
    SessionId = "ses";
    /// An organization's free settings.
    SettingsId = "set";
    /// The clock of a service level and a lead.
    SlaClockId = "slac";
    /// A service level.
    SlaPolicyId = "sla";
    /// An address or number that is not written to.
    SuppressionId = "supp";
    /// Something that somebody should look at.
    SuspiciousActivityId = "sus";
    /// A client's asking for what changed, and what came of it.
    SyncRunId = "sync";
    /// A template of messages.
    TemplateId = "tpl";
    /// What a template said once.
    TemplateVersionId = "tplv";
    /// A person who signs in.
    UserId = "usr";
    /// One event on its way to one webhook endpoint.
    WebhookDeliveryId = "whd";
    /// A machine that is told what happened.
    WebhookEndpointId = "whe";
    /// How a webhook endpoint does.
    WebhookHealthId = "whh";
    /// A sending again of what a webhook endpoint missed.
    WebhookRecoveryId = "whr";
    /// An automation: a rule, or a workflow of several steps.
    WorkflowId = "wf";
    /// One time that an automation was set going.
    WorkflowRunId = "wrun";
}

impl OrganizationId {
    /// Holds what belongs to no tenant: users, public form keys, token keys.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form_and_sorts_by_time() {
        let early = LeadId::at(Timestamp::from_second(1_000).expect("time"), [255; 10]);
        let late = LeadId::at(Timestamp::from_second(1_001).expect("time"), [0; 10]);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
    }

    #[test]
    fn an_id_of_one_type_is_refused_as_another() {
        let user = UserId::at(Timestamp::UNIX_EPOCH, [1; 10]).to_string();
        assert_eq!(user.parse::<LeadId>().map_err(|e| e.code), Err("invalid_id"));
    }
}
