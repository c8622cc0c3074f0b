//! The business of Sampark: records, rules and events.
//!
//! Pure: no HTTP, no AWS, no clock, no randomness. Time and random bits arrive as arguments, text
//! becomes a type at the edge and stays one, and every decision returns a [`Change`] for the store
//! to commit.

mod caller;
mod event;
mod ids;
mod invalid;
mod permission;
mod plan;
mod planned;
mod role;

pub mod agent;
pub mod analytics_event;
pub mod api_key;
pub mod assignment;
pub mod assignment_pool;
pub mod attempts;
pub mod automation;
pub mod branch;
pub mod broadcast;
pub mod call;
pub mod challenge;
pub mod code;
pub mod date_range;
pub mod filter;
pub mod form;
pub mod funnel;
pub mod invite;
pub mod job;
pub mod lead;
pub mod lead_pipeline;
pub mod message;
pub mod note;
pub mod notification;
pub mod organization;
pub mod outreach;
pub mod pipeline;
pub mod realtime;
pub mod record;
pub mod referral_link;
pub mod reminder;
pub mod retention;
pub mod scoring;
pub mod seats;
pub mod security_event;
pub mod session;
pub mod suspicious;
pub mod sync;
pub mod terms;
pub mod user;
pub mod values;

pub use agent::{AgentState, AgentStatus};
pub use analytics_event::AnalyticsEvent;
pub use api_key::ApiKey;
pub use assignment_pool::AssignmentPool;
pub use attempts::Attempts;
pub use automation::{Workflow, WorkflowRun};
pub use branch::Branch;
pub use broadcast::Broadcast;
pub use call::{Call, CallDirection, CallOutcome, CallStatus};
pub use caller::{Actor, Caller, Denied, Grant, MAX_BRANCHES_OF_A_MEMBER, MAX_TEAM, Origin, Rows};
pub use challenge::Challenge;
pub use event::{Change, Count, Counted, Event, FieldChange, differences};
pub use form::Form;
pub use ids::*;
pub use invalid::{FieldInvalid, Invalid};
pub use invite::Invite;
pub use job::Job;
pub use lead::Lead;
pub use lead_pipeline::LeadPipeline;
pub use message::{Message, MessageTemplate, Recipient};
pub use note::{EntityNote, NoteEntity, NoteType};
pub use notification::{Inbox, Notification, NotificationType};
pub use organization::{Organization, SystemSettings};
pub use outreach::{
    CommunicationSettings, Consent, ContactAddress, ContactChannel, ContactPurpose, Outreach, Reachability, Suppression,
};
pub use permission::{Permission, Permissions, PersonalField, PersonalFields, Role, RowReach};
pub use plan::{Allowance, Plan};
pub use planned::plannable;
pub use record::{Claim, List, Meta, Record, Slot, Within};
pub use referral_link::ReferralLink;
pub use reminder::{Reminder, ReminderStatus, ReminderType};
pub use retention::RetentionPolicy;
pub use role::{Authority, Beyond, CustomRole, RoleKey};
pub use seats::Seats;
pub use security_event::{SecurityEvent, SecurityKind};
pub use session::Session;
pub use suspicious::SuspiciousActivity;
pub use user::{MemberStatus, Membership, Preferences, SecondFactor, User};
pub use values::*;
