//! What records operations are about.

use domain::RowReach;

use super::rows::Place;

/// What record an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// None: the caller's organization, or a list.
    None,
    /// A lead, assigned to the caller where it is their own.
    Lead,
    /// The same, deleted.
    DeletedLead,
    /// A branch to look at or to rename.
    Branch,
    /// A branch made for being closed.
    EmptyBranch,
    /// The same, closed.
    ClosedBranch,
    /// The branch that a report is about, in `branch_id`.
    ReportBranch,
    /// A form, the caller's referral link where it is their own.
    Form,
    /// The same, deleted.
    DeletedForm,
    /// The organization's pipeline.
    Pipeline,
    /// Somebody's place in the organization.
    User,
    /// The same, of somebody who waits to be let in.
    PendingUser,
    /// A person whom leads are assigned to.
    Person,
    /// Somebody who works leads: the caller where they do.
    Agent,
    /// The caller.
    Myself,
    /// A sign-in, the caller's where it is their own.
    Session,
    /// An open invitation.
    Invite,
    /// A key of a machine, the caller's where it is their own.
    ApiKey,
    /// A referral link, the caller's where it is their own.
    ReferralLink,
    /// The same, deleted.
    DeletedReferralLink,
    /// One of the organization's own roles.
    Role,
    /// The same, deleted.
    DeletedRole,
    /// Something that somebody did, told for analytics: the caller where it is their own.
    AnalyticsEvent,
    /// Something that the caller asked for and has to decide themselves.
    Approval,
    /// An approval workflow to look at or to rename.
    ApprovalWorkflow,
    /// One made for being deleted.
    SpentApprovalWorkflow,
    /// The same, deleted.
    DeletedApprovalWorkflow,
    /// A call that goes on, the caller's where it is their own.
    Call,
    /// The same, deleted.
    DeletedCall,
    /// A reminder, of the caller's where it is their own.
    Reminder,
    /// The same, deleted.
    DeletedReminder,
    /// A note about a lead, by the caller where it is their own.
    Note,
    /// The same, deleted.
    DeletedNote,
    /// Something that was said to a lead, by the caller where it is their own.
    Communication,
    /// The same, deleted.
    DeletedCommunication,
    /// A file that is ready, uploaded by the caller where it is their own.
    File,
    /// The same, deleted.
    DeletedFile,
    /// An import, by the caller where it is their own.
    Job,
    /// Something that somebody was told: the caller where it is their own.
    Notification,
    /// A browser that is pushed to, the caller's where it is their own.
    Device,
    /// A notification to many, sent by the caller where it is their own.
    Broadcast,
    /// A template of automations.
    Template,
    /// An automation to look at or to rename.
    Workflow,
    /// One made for being deleted.
    SpentWorkflow,
    /// The same, deleted.
    DeletedWorkflow,
    /// A campaign to look at, to change or to launch, planned for two leads.
    Campaign,
    /// The same, under way.
    ActiveCampaign,
    /// The same, halted.
    PausedCampaign,
    /// The same, deleted.
    DeletedCampaign,
    /// A segment to look at or to change.
    Segment,
    /// One made for being deleted.
    SpentSegment,
    /// The same, deleted.
    DeletedSegment,
    /// A service level to look at or to rename, with two clocks.
    SlaPolicy,
    /// One made for being deleted.
    SpentSlaPolicy,
    /// The same, deleted.
    DeletedSlaPolicy,
    /// A run of an automation about a lead, the caller's where it is their own.
    WorkflowRun,
    /// Something that happened to a record.
    Event,
    /// A machine that is told what happens.
    WebhookEndpoint,
    /// One made for being deleted.
    SpentWebhookEndpoint,
    /// The same, deleted.
    DeletedWebhookEndpoint,
    /// What a machine was sent: its endpoint's id and its own.
    WebhookDelivery,
    /// A sending again of what a machine missed, likewise.
    WebhookRecovery,
    /// A connection to a service of others, to look at or to rename.
    Integration,
    /// One to a page whose lead ads bring leads.
    LeadAds,
    /// One made for being deleted.
    SpentIntegration,
    /// The same, deleted.
    DeletedIntegration,
    /// A row of the log of connections.
    IntegrationLog,
    /// A connection and what its provider told over it.
    ProviderDelivery,
    /// What a lead agreed to, the caller's lead where it is their own.
    Consent,
    /// An address that is not written to.
    Suppression,
    /// A template of messages to look at or to change, of two versions.
    MessageTemplate,
    /// One made for being deleted.
    SpentMessageTemplate,
    /// The same, deleted.
    DeletedMessageTemplate,
    /// A template and the number of what it said first.
    MessageTemplateVersion,
    /// Something that happened around signing in.
    SecurityEvent,
    /// Something that somebody should look at, and has not.
    SuspiciousActivity,
}

impl Subject {
    /// Whether somebody who reaches these rows finds it there; `None` where there is no such record.
    pub(super) fn is_found(self, place: Place, reach: RowReach) -> Option<bool> {
        match (self, place) {
            (Self::None | Self::Myself, Place::OtherBranch | Place::OtherOrganization | Place::MadeUp)
            | (Self::Template, Place::OtherBranch | Place::OtherOrganization)
            | (
                Self::Pipeline
                | Self::EmptyBranch
                | Self::ClosedBranch
                | Self::SecurityEvent
                | Self::SuspiciousActivity
                | Self::Suppression
                | Self::MessageTemplate
                | Self::SpentMessageTemplate
                | Self::DeletedMessageTemplate
                | Self::MessageTemplateVersion
                | Self::Invite
                | Self::ApiKey
                | Self::Role
                | Self::DeletedRole
                | Self::Campaign
                | Self::ActiveCampaign
                | Self::PausedCampaign
                | Self::DeletedCampaign
                | Self::Segment
                | Self::SpentSegment
                | Self::DeletedSegment
                | Self::Workflow
                | Self::SpentWorkflow
                | Self::DeletedWorkflow
                | Self::Integration
                | Self::LeadAds
                | Self::SpentIntegration
                | Self::DeletedIntegration
                | Self::IntegrationLog
                | Self::ProviderDelivery
                | Self::Event
                | Self::WebhookEndpoint
                | Self::SpentWebhookEndpoint
                | Self::DeletedWebhookEndpoint
                | Self::WebhookDelivery
                | Self::WebhookRecovery
                | Self::SlaPolicy
                | Self::SpentSlaPolicy
                | Self::DeletedSlaPolicy
                | Self::Approval
                | Self::ApprovalWorkflow
                | Self::SpentApprovalWorkflow
                | Self::DeletedApprovalWorkflow,
                Place::OtherBranch,
            ) => None,
            // A browser is its owner's alone.
            (_, Place::OtherOrganization | Place::MadeUp) | (Self::Device, Place::OtherBranch) => Some(false),
            // Figures are kept by branch, and a branch is nobody's own.
            (Self::ReportBranch, Place::Own) => Some(reach != RowReach::Own),
            // People belong to the organization; whoever may see them sees them all.
            (_, Place::Own) | (Self::User | Self::PendingUser, Place::OtherBranch) => Some(true),
            (_, Place::OtherBranch) => Some(reach == RowReach::All),
        }
    }
}
