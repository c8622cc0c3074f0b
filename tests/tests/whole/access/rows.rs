//! One row an operation: what it needs, what record it is about, how to ask for it.

use domain::Permission::{self, *};
use domain::{Role, RowReach};
use serde_json::{Value, json};

/// What an operation needs of its caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Needs {
    /// Nothing: anybody may ask. These are all there are.
    Nothing,
    /// A sign-in.
    SignIn,
    /// A permission.
    May(Permission),
}

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

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the caller's branch, and theirs if it can be.
    Own,
    /// In another branch of the organization.
    OtherBranch,
    /// In another organization.
    OtherOrganization,
    /// Nobody's.
    MadeUp,
}

impl Place {
    pub(super) const ALL: [Self; 4] = [Self::Own, Self::OtherBranch, Self::OtherOrganization, Self::MadeUp];
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

/// What is sent.
#[derive(Clone, Copy)]
pub(super) enum Payload {
    /// No body.
    Nothing,
    /// A body; the number is another each time.
    Json(fn(u64) -> Value),
    /// A body that names records of the caller's own.
    Naming(fn(&Named, u64) -> Value),
    /// A file of leads, which is a file as any other.
    File,
}

/// Records of the caller's own that a body may name.
pub(super) struct Named {
    pub(super) branch: String,
    pub(super) lead: String,
    pub(super) user: String,
}

/// How to ask for an operation, and what to expect.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) needs: Needs,
    pub(super) subject: Subject,
    /// The status of an answer to somebody who may.
    pub(super) status: u16,
    pub(super) payload: Payload,
}

const fn row(id: &'static str, needs: Needs, subject: Subject, status: u16, payload: Payload) -> Row {
    Row { id, needs, subject, status, payload }
}

use Needs::{May, SignIn};
use Payload::{File, Json, Naming, Nothing};

/// Every operation, in the order of their ids.
pub(super) const ROWS: &[Row] = &[
    row(
        "agent_create",
        May(UsersWrite),
        Subject::None,
        201,
        Naming(|named, n| {
            json!({
                "email": format!("an_agent_{n}@example.com"), "first_name": "Asha", "password": "correct horse battery",
                "branch_ids": [named.branch],
            })
        }),
    ),
    row("agent_list", May(AgentsRead), Subject::None, 200, Nothing),
    row("agent_stats", May(AgentsRead), Subject::Agent, 200, Nothing),
    row("agent_status_change", May(AgentsWrite), Subject::Agent, 200, Json(|_| json!({"status": "break"}))),
    row("agent_update", May(UsersWrite), Subject::Agent, 200, Json(|_| json!({"department": "Calls"}))),
    row("agent_view", May(AgentsRead), Subject::Agent, 200, Nothing),
    row("analytics_agent_performance", May(AgentsRead), Subject::Agent, 200, Nothing),
    row("analytics_calls", May(AnalyticsRead), Subject::ReportBranch, 200, Nothing),
    row("analytics_dashboard", May(DashboardRead), Subject::ReportBranch, 200, Nothing),
    row(
        "analytics_event_create",
        May(AnalyticsWrite),
        Subject::None,
        201,
        Naming(|named, _| json!({"event_type": "page_view", "lead_id": named.lead})),
    ),
    row("analytics_event_list", May(AnalyticsRead), Subject::None, 200, Nothing),
    row("analytics_event_view", May(AnalyticsRead), Subject::AnalyticsEvent, 200, Nothing),
    row("analytics_lead_funnel", May(AnalyticsRead), Subject::ReportBranch, 200, Nothing),
    row("analytics_lead_pipeline", May(AnalyticsRead), Subject::ReportBranch, 200, Nothing),
    row("analytics_lead_sources", May(AnalyticsRead), Subject::ReportBranch, 200, Nothing),
    row("analytics_sla", May(AnalyticsRead), Subject::ReportBranch, 200, Nothing),
    row("analytics_overview", May(DashboardRead), Subject::ReportBranch, 200, Nothing),
    row(
        "api_key_create",
        May(ApiKeysWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Key {n}"), "scopes": ["leads:read"]})),
    ),
    row("api_key_list", May(ApiKeysRead), Subject::None, 200, Nothing),
    row("api_key_revoke", May(ApiKeysWrite), Subject::ApiKey, 200, Nothing),
    row("api_key_rotate", May(ApiKeysWrite), Subject::ApiKey, 200, Nothing),
    row("api_key_update", May(ApiKeysWrite), Subject::ApiKey, 200, Json(|n| json!({"name": format!("Key {n}")}))),
    row("api_key_view", May(ApiKeysRead), Subject::ApiKey, 200, Nothing),
    row("approval_approve", SignIn, Subject::Approval, 200, Json(|_| json!({}))),
    row("approval_cancel", SignIn, Subject::Approval, 200, Json(|_| json!({}))),
    row("approval_create", May(ApprovalsRequest), Subject::None, 422, Json(|_| json!({}))),
    row("approval_delegate", SignIn, Subject::Approval, 200, Naming(|named, _| json!({"to": named.user}))),
    row("approval_list", SignIn, Subject::None, 200, Nothing),
    row("approval_reject", SignIn, Subject::Approval, 200, Json(|_| json!({"comment": "Too much."}))),
    row("approval_view", SignIn, Subject::Approval, 200, Nothing),
    row(
        "approval_workflow_create",
        May(ApprovalsWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Steps {n}"), "steps": [{"name": "First", "approvers": ["role:admin"]}]})),
    ),
    row("approval_workflow_delete", May(ApprovalsWrite), Subject::SpentApprovalWorkflow, 200, Nothing),
    row("approval_workflow_list", May(ApprovalsRead), Subject::None, 200, Nothing),
    row("approval_workflow_restore", May(ApprovalsWrite), Subject::DeletedApprovalWorkflow, 200, Nothing),
    row(
        "approval_workflow_update",
        May(ApprovalsWrite),
        Subject::ApprovalWorkflow,
        200,
        Json(|_| json!({"name": "Steps"})),
    ),
    row("approval_workflow_view", May(ApprovalsRead), Subject::ApprovalWorkflow, 200, Nothing),
    row("assignment_update", May(OrganizationWrite), Subject::None, 200, Json(|_| json!({"members": []}))),
    row("assignment_view", May(OrganizationRead), Subject::None, 200, Nothing),
    // What they answer to good bodies is auth's own to test; here it counts whether a token is asked for.
    row("auth_change_password", SignIn, Subject::None, 422, Json(|_| json!({}))),
    row("auth_forgot_password", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("audit_log_export", May(AuditExport), Subject::None, 200, Nothing),
    row("audit_log_list", May(AuditRead), Subject::None, 200, Nothing),
    row("audit_log_verify", May(AuditRead), Subject::None, 200, Nothing),
    // No invitation has a token like that.
    row("auth_invite_accept", Needs::Nothing, Subject::None, 404, Json(|_| json!({}))),
    row("auth_join", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_jwks", Needs::Nothing, Subject::None, 200, Nothing),
    row("auth_login", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_logout", SignIn, Subject::None, 200, Nothing),
    row("auth_me", SignIn, Subject::None, 200, Nothing),
    row("auth_mfa_confirm", SignIn, Subject::None, 422, Json(|_| json!({}))),
    row("auth_mfa_disable", SignIn, Subject::None, 422, Json(|_| json!({}))),
    row("auth_mfa_enroll", SignIn, Subject::None, 200, Nothing),
    row("auth_mfa_verify", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_otp_request", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_otp_verify", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_refresh", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_register", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row("auth_reset_password", Needs::Nothing, Subject::None, 422, Json(|_| json!({}))),
    row(
        "automation_create",
        May(AutomationWrite),
        Subject::None,
        201,
        Json(|_| json!({"name": "Rule", "trigger": "lead_created", "actions": [{"type": "create_follow_up"}]})),
    ),
    row("automation_create_from_template", May(AutomationWrite), Subject::Template, 201, Json(|_| json!({}))),
    row("automation_delete", May(AutomationWrite), Subject::SpentWorkflow, 200, Nothing),
    row("automation_list", May(AutomationRead), Subject::None, 200, Nothing),
    row("automation_restore", May(AutomationWrite), Subject::DeletedWorkflow, 200, Nothing),
    row("automation_run_list", May(AutomationRead), Subject::Workflow, 200, Nothing),
    row("automation_run_view", May(AutomationRead), Subject::WorkflowRun, 200, Nothing),
    row("automation_templates", May(AutomationRead), Subject::None, 200, Nothing),
    row(
        "automation_test",
        May(AutomationExecute),
        Subject::Workflow,
        200,
        Naming(|named, _| json!({"lead_id": named.lead})),
    ),
    row("automation_update", May(AutomationWrite), Subject::Workflow, 200, Json(|_| json!({"name": "Rule"}))),
    row("automation_view", May(AutomationRead), Subject::Workflow, 200, Nothing),
    row("branch_create", May(BranchesWrite), Subject::None, 201, Json(|n| json!({"name": format!("Branch {n}")}))),
    row("branch_delete", May(BranchesWrite), Subject::EmptyBranch, 200, Nothing),
    row("branch_list", May(BranchesRead), Subject::None, 200, Nothing),
    row("branch_restore", May(BranchesWrite), Subject::ClosedBranch, 200, Nothing),
    row("branch_update", May(BranchesWrite), Subject::Branch, 200, Json(|_| json!({"city": "Pune"}))),
    row("branch_view", May(BranchesRead), Subject::Branch, 200, Nothing),
    row("broadcast_list", May(NotificationsBroadcast), Subject::None, 200, Nothing),
    row("broadcast_view", May(NotificationsBroadcast), Subject::Broadcast, 200, Nothing),
    row(
        "business_hours_update",
        May(OrganizationWrite),
        Subject::None,
        200,
        Json(|_| json!({"week": {"monday": [{"from": "09:00", "until": "18:00"}]}})),
    ),
    row("business_hours_view", May(OrganizationRead), Subject::None, 200, Nothing),
    row("call_create", May(CallsWrite), Subject::None, 201, Json(|_| json!({"phone": "9876543210"}))),
    row("call_delete", May(CallsDelete), Subject::Call, 200, Nothing),
    row("call_end", May(CallsWrite), Subject::Call, 200, Json(|_| json!({"outcome": "interested"}))),
    row("call_list", May(CallsRead), Subject::None, 200, Nothing),
    row("call_list_by_agent", May(CallsRead), Subject::Person, 200, Nothing),
    row("call_restore", May(CallsDelete), Subject::DeletedCall, 200, Nothing),
    row("call_start", May(CallsWrite), Subject::Call, 200, Nothing),
    row("call_sync_fetch", May(CallsRead), Subject::Person, 200, Nothing),
    row("call_sync_push", May(CallsRead), Subject::None, 200, Json(|_| json!({"changes": []}))),
    row("call_update", May(CallsWrite), Subject::Call, 200, Json(|_| json!({"notes": "Later."}))),
    row("call_view", May(CallsRead), Subject::Call, 200, Nothing),
    row("campaign_analytics", May(CampaignsRead), Subject::Campaign, 200, Nothing),
    row("campaign_cancel", May(CampaignsWrite), Subject::ActiveCampaign, 200, Nothing),
    row(
        "campaign_create",
        May(CampaignsWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Campaign {n}"), "type": "email"})),
    ),
    row("campaign_delete", May(CampaignsWrite), Subject::Campaign, 200, Nothing),
    row("campaign_launch", May(CampaignsWrite), Subject::Campaign, 200, Nothing),
    row("campaign_list", May(CampaignsRead), Subject::None, 200, Nothing),
    row("campaign_pause", May(CampaignsWrite), Subject::ActiveCampaign, 200, Nothing),
    row("campaign_recipient_list", May(CampaignsRead), Subject::Campaign, 200, Nothing),
    row("campaign_restore", May(CampaignsWrite), Subject::DeletedCampaign, 200, Nothing),
    row("campaign_resume", May(CampaignsWrite), Subject::PausedCampaign, 200, Nothing),
    row("campaign_stats", May(CampaignsRead), Subject::Campaign, 200, Nothing),
    row("campaign_test_send", May(CampaignsWrite), Subject::Campaign, 200, Json(|_| json!({}))),
    row("campaign_update", May(CampaignsWrite), Subject::Campaign, 200, Json(|_| json!({"description": "Mine"}))),
    row("campaign_view", May(CampaignsRead), Subject::Campaign, 200, Nothing),
    row("click_track", Needs::Nothing, Subject::None, 404, Nothing),
    row(
        "communication_bulk",
        May(CommunicationsWrite),
        Subject::None,
        200,
        Naming(|named, _| json!({"lead_ids": [named.lead], "communication": {"type": "letter", "content": "Dear"}})),
    ),
    row(
        "communication_create",
        May(CommunicationsWrite),
        Subject::None,
        201,
        Naming(|named, _| json!({"type": "letter", "content": "Dear", "lead_id": named.lead})),
    ),
    row("communication_delete", May(CommunicationsWrite), Subject::Communication, 200, Nothing),
    row("communication_history", May(CommunicationsRead), Subject::None, 200, Nothing),
    row("communication_list", May(CommunicationsRead), Subject::None, 200, Nothing),
    row("communication_restore", May(CommunicationsWrite), Subject::DeletedCommunication, 200, Nothing),
    row("communication_thread", May(CommunicationsRead), Subject::Communication, 200, Nothing),
    row(
        "communication_update",
        May(CommunicationsWrite),
        Subject::Communication,
        200,
        Json(|_| json!({"opened": true})),
    ),
    row("communication_view", May(CommunicationsRead), Subject::Communication, 200, Nothing),
    row(
        "communication_settings_update",
        May(OrganizationWrite),
        Subject::None,
        200,
        Json(|_| json!({"sender_name": "Mine"})),
    ),
    row("communication_settings_view", May(CommunicationsRead), Subject::None, 200, Nothing),
    row(
        "consent_create",
        May(ConsentsWrite),
        Subject::None,
        201,
        Json(|n| {
            json!({
                "contact": format!("a_contact_{n}@example.com"), "channel": "email", "purpose": "marketing",
                "state": "granted", "source": "form",
            })
        }),
    ),
    row("consent_list", May(ConsentsRead), Subject::None, 200, Nothing),
    row("consent_view", May(ConsentsRead), Subject::Consent, 200, Nothing),
    row("device_delete", SignIn, Subject::Device, 200, Nothing),
    row("device_list", SignIn, Subject::None, 200, Nothing),
    row(
        "device_register",
        SignIn,
        Subject::None,
        201,
        Json(|n| {
            let subscription = standins::Push::subscription(&format!("mine{n}"));
            json!({"endpoint": subscription.endpoint, "keys": subscription.keys, "label": "Mine"})
        }),
    ),
    row("device_view", SignIn, Subject::Device, 200, Nothing),
    row(
        "do_not_disturb_update",
        May(ConsentsWrite),
        Subject::None,
        200,
        Json(|_| json!({"contact": "9876543210", "listed": true})),
    ),
    row("docs_page", Needs::Nothing, Subject::None, 200, Nothing),
    row("event_list", May(EventsRead), Subject::None, 200, Nothing),
    row("event_view", May(EventsRead), Subject::Event, 200, Nothing),
    row("file_complete", May(FilesWrite), Subject::File, 200, Nothing),
    row("file_delete", May(FilesWrite), Subject::File, 200, Nothing),
    row("file_download", May(FilesRead), Subject::File, 302, Nothing),
    row("file_list", May(FilesRead), Subject::None, 200, Nothing),
    row(
        "file_presign",
        May(FilesWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Mine {n}.pdf"), "bytes": 9})),
    ),
    row("file_restore", May(FilesWrite), Subject::DeletedFile, 200, Nothing),
    row("file_upload", May(FilesWrite), Subject::None, 201, File),
    row("file_view", May(FilesRead), Subject::File, 200, Nothing),
    row(
        "form_create",
        May(FormsWrite),
        Subject::None,
        201,
        Naming(|named, n| json!({"name": format!("Form {n}"), "source": "Website", "branch_id": named.branch})),
    ),
    row("form_delete", May(FormsWrite), Subject::Form, 200, Nothing),
    row("form_list", May(FormsRead), Subject::None, 200, Nothing),
    row("form_restore", May(FormsWrite), Subject::DeletedForm, 200, Nothing),
    row("form_update", May(FormsWrite), Subject::Form, 200, Json(|n| json!({"name": format!("Form {n}")}))),
    row("form_view", May(FormsRead), Subject::Form, 200, Nothing),
    row("health_view", Needs::Nothing, Subject::None, 200, Nothing),
    row(
        "integration_backfill",
        May(IntegrationsWrite),
        Subject::LeadAds,
        202,
        Json(|_| json!({"since": "2026-11-20T10:00:00Z"})),
    ),
    row(
        "integration_create",
        May(IntegrationsWrite),
        Subject::None,
        201,
        Json(|n| json!({"provider": "telephony", "name": format!("Line {n}")})),
    ),
    row("integration_delete", May(IntegrationsWrite), Subject::SpentIntegration, 200, Nothing),
    row("integration_delivery_list", May(IntegrationsRead), Subject::Integration, 200, Nothing),
    row("integration_delivery_replay", May(IntegrationsWrite), Subject::ProviderDelivery, 200, Nothing),
    row("integration_delivery_view", May(IntegrationsRead), Subject::ProviderDelivery, 200, Nothing),
    row("integration_list", May(IntegrationsRead), Subject::None, 200, Nothing),
    row(
        "integration_log_create",
        May(IntegrationsWrite),
        Subject::None,
        201,
        Json(|_| json!({"integration_name": "facebook_leads", "activity_type": "lead_sync", "status": "success"})),
    ),
    row("integration_log_list", May(IntegrationsRead), Subject::None, 200, Nothing),
    row("integration_log_view", May(IntegrationsRead), Subject::IntegrationLog, 200, Nothing),
    row("integration_restore", May(IntegrationsWrite), Subject::DeletedIntegration, 200, Nothing),
    row("integration_status", May(IntegrationsRead), Subject::None, 200, Nothing),
    row("integration_update", May(IntegrationsWrite), Subject::Integration, 200, Json(|_| json!({"name": "Line"}))),
    row("integration_view", May(IntegrationsRead), Subject::Integration, 200, Nothing),
    row(
        "invite_create",
        May(UsersWrite),
        Subject::None,
        201,
        Naming(
            |named, n| json!({"email": format!("a_guest_{n}@example.com"), "role": "agent", "branch_ids": [named.branch]}),
        ),
    ),
    row("invite_list", May(UsersRead), Subject::None, 200, Nothing),
    row("invite_resend", May(UsersWrite), Subject::Invite, 200, Nothing),
    row("invite_revoke", May(UsersWrite), Subject::Invite, 200, Nothing),
    row("invite_view", May(UsersRead), Subject::Invite, 200, Nothing),
    row("job_errors", May(LeadsRead), Subject::Job, 200, Nothing),
    row("job_list", May(LeadsRead), Subject::None, 200, Nothing),
    row("job_view", May(LeadsRead), Subject::Job, 200, Nothing),
    row("join_code_close", May(OrganizationWrite), Subject::None, 200, Nothing),
    row("join_code_open", May(OrganizationWrite), Subject::None, 200, Nothing),
    row("lead_assign", May(LeadsAssign), Subject::Lead, 200, Json(|_| json!({"assigned_to": null}))),
    row(
        "lead_bulk",
        May(LeadsWrite),
        Subject::None,
        200,
        Naming(|named, _| json!({"ids": [named.lead], "action": "tag", "tags": ["Warm"]})),
    ),
    row(
        "lead_create",
        May(LeadsWrite),
        Subject::None,
        201,
        Json(|n| json!({"full_name": format!("Mine Example {n}")})),
    ),
    row("lead_consents", May(ConsentsRead), Subject::Lead, 200, Nothing),
    row("lead_delete", May(LeadsDelete), Subject::Lead, 200, Nothing),
    row("lead_export", May(LeadsExport), Subject::None, 200, Nothing),
    row("lead_history", May(LeadsRead), Subject::Lead, 200, Nothing),
    row("lead_import", May(LeadsImport), Subject::None, 202, File),
    row("lead_import_upload", May(LeadsImport), Subject::None, 200, Json(|_| json!({}))),
    row("lead_list", May(LeadsRead), Subject::None, 200, Nothing),
    row("lead_list_by_agent", May(LeadsRead), Subject::Person, 200, Nothing),
    row("lead_list_by_status", May(LeadsRead), Subject::None, 200, Nothing),
    row("lead_sync_fetch", May(LeadsRead), Subject::Person, 200, Nothing),
    row("lead_sync_push", May(LeadsRead), Subject::None, 200, Json(|_| json!({"changes": []}))),
    row("lead_merge", May(LeadsDelete), Subject::Lead, 200, Naming(|named, _| json!({"merge_id": named.lead}))),
    row("lead_restore", May(LeadsDelete), Subject::DeletedLead, 200, Nothing),
    row(
        "lead_reveal",
        May(LeadsReveal),
        Subject::Lead,
        200,
        Json(|_| json!({"fields": ["phone"], "reason": "They asked to be called."})),
    ),
    row("lead_score", May(LeadsRead), Subject::Lead, 200, Nothing),
    row("lead_search", May(LeadsRead), Subject::None, 200, Nothing),
    row("lead_sla", May(SlaRead), Subject::Lead, 200, Nothing),
    row("lead_status_change", May(LeadsWrite), Subject::Lead, 200, Json(|_| json!({"status": "assessment"}))),
    row("lead_update", May(LeadsWrite), Subject::Lead, 200, Json(|_| json!({"city": "Pune"}))),
    row("lead_view", May(LeadsRead), Subject::Lead, 200, Nothing),
    row(
        "note_create",
        May(NotesWrite),
        Subject::None,
        201,
        Naming(|named, _| json!({"content": "They called.", "lead_id": named.lead})),
    ),
    row("note_delete", May(NotesWrite), Subject::Note, 200, Nothing),
    row("note_list", May(NotesRead), Subject::None, 200, Nothing),
    row("note_restore", May(NotesWrite), Subject::DeletedNote, 200, Nothing),
    row("note_update", May(NotesWrite), Subject::Note, 200, Json(|n| json!({"content": format!("Note {n}")}))),
    row("note_view", May(NotesRead), Subject::Note, 200, Nothing),
    row(
        "notification_broadcast",
        May(NotificationsBroadcast),
        Subject::None,
        202,
        Json(|n| json!({"title": format!("Mine {n}"), "message": "Look at it.", "roles": ["agent"]})),
    ),
    row(
        "notification_create",
        SignIn,
        Subject::None,
        201,
        Json(|n| json!({"title": format!("Mine {n}"), "message": "Look at it."})),
    ),
    row("notification_delete", SignIn, Subject::Notification, 200, Nothing),
    row("notification_deliveries", SignIn, Subject::Notification, 200, Nothing),
    row("notification_list", SignIn, Subject::None, 200, Nothing),
    row("notification_list_by_agent", SignIn, Subject::Person, 200, Nothing),
    row("notification_preferences_update", SignIn, Subject::None, 200, Json(|_| json!({"urgent_passes": true}))),
    row("notification_preferences_view", SignIn, Subject::None, 200, Nothing),
    row("notification_read", SignIn, Subject::Notification, 200, Nothing),
    row("notification_read_all", SignIn, Subject::None, 200, Nothing),
    row("notification_read_all_of_agent", SignIn, Subject::Person, 200, Nothing),
    row(
        "notification_rule_create",
        May(AutomationWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Rule {n}"), "event": "lead_created", "message": "Look at it"})),
    ),
    row("notification_rule_delete", May(AutomationWrite), Subject::SpentWorkflow, 200, Nothing),
    row("notification_rule_list", May(AutomationRead), Subject::None, 200, Nothing),
    row("notification_rule_update", May(AutomationWrite), Subject::Workflow, 200, Json(|_| json!({"name": "Rule"}))),
    row("notification_rule_view", May(AutomationRead), Subject::Workflow, 200, Nothing),
    row("notification_stats", SignIn, Subject::Person, 200, Nothing),
    row(
        "notification_system",
        May(NotificationsBroadcast),
        Subject::None,
        202,
        Json(|n| json!({"title": format!("Mine {n}"), "message": "Look at it."})),
    ),
    row("notification_view", SignIn, Subject::Notification, 200, Nothing),
    row("open_track", Needs::Nothing, Subject::None, 200, Nothing),
    row("openapi_view", Needs::Nothing, Subject::None, 200, Nothing),
    row("organization_update", May(OrganizationWrite), Subject::None, 200, Json(|_| json!({"currency": "INR"}))),
    row("organization_view", May(OrganizationRead), Subject::None, 200, Nothing),
    row("permission_list", SignIn, Subject::None, 200, Nothing),
    row("pipeline_list", May(PipelinesRead), Subject::None, 200, Nothing),
    row("pipeline_update", May(PipelinesWrite), Subject::Pipeline, 200, Json(|_| json!({"name": "Leads"}))),
    row("pipeline_view", May(PipelinesRead), Subject::Pipeline, 200, Nothing),
    row("plan_list", May(SubscriptionRead), Subject::None, 200, Nothing),
    row("profile_update", SignIn, Subject::Myself, 200, Json(|_| json!({"department": "Sales"}))),
    row("profile_view", SignIn, Subject::None, 200, Nothing),
    row(
        "public_form_submit",
        Needs::Nothing,
        Subject::Form,
        202,
        Json(|n| json!({"email": format!("a_visitor_{n}@example.com")})),
    ),
    // Nothing that the matrix puts there is a link that was signed.
    row("preferences_choose", Needs::Nothing, Subject::None, 404, Nothing),
    row("preferences_show", Needs::Nothing, Subject::None, 404, Nothing),
    row("public_form_view", Needs::Nothing, Subject::Form, 200, Nothing),
    // No link has a code like that.
    row("public_link_follow", Needs::Nothing, Subject::None, 404, Nothing),
    row("push_key_view", SignIn, Subject::None, 200, Nothing),
    row("realtime_token_create", SignIn, Subject::None, 200, Nothing),
    row(
        "referral_link_create",
        May(ReferralLinksWrite),
        Subject::None,
        201,
        Json(|n| json!({"label": format!("Link {n}")})),
    ),
    row("referral_link_delete", May(ReferralLinksWrite), Subject::ReferralLink, 200, Nothing),
    row("referral_link_list", May(ReferralLinksRead), Subject::None, 200, Nothing),
    row("referral_link_restore", May(ReferralLinksWrite), Subject::DeletedReferralLink, 200, Nothing),
    row(
        "referral_link_update",
        May(ReferralLinksWrite),
        Subject::ReferralLink,
        200,
        Json(|_| json!({"label": "Link"})),
    ),
    row("referral_link_view", May(ReferralLinksRead), Subject::ReferralLink, 200, Nothing),
    row("reminder_complete", May(RemindersWrite), Subject::Reminder, 200, Nothing),
    row(
        "reminder_create",
        May(RemindersWrite),
        Subject::None,
        201,
        Json(|_| json!({"title": "Call back", "due_at": "2026-12-01T10:00:00Z"})),
    ),
    row("reminder_delete", May(RemindersWrite), Subject::Reminder, 200, Nothing),
    row("reminder_list", May(RemindersRead), Subject::None, 200, Nothing),
    row("reminder_list_by_agent", May(RemindersRead), Subject::Person, 200, Nothing),
    row("reminder_list_due_soon", May(RemindersRead), Subject::Person, 200, Nothing),
    row("reminder_list_overdue", May(RemindersRead), Subject::Person, 200, Nothing),
    row("reminder_restore", May(RemindersWrite), Subject::DeletedReminder, 200, Nothing),
    row("reminder_snooze", May(RemindersWrite), Subject::Reminder, 200, Json(|_| json!({"minutes": 10}))),
    row("reminder_sync_fetch", May(RemindersRead), Subject::Person, 200, Nothing),
    row("reminder_sync_push", May(RemindersRead), Subject::None, 200, Json(|_| json!({"changes": []}))),
    row("reminder_update", May(RemindersWrite), Subject::Reminder, 200, Json(|_| json!({"title": "Call again"}))),
    row("reminder_view", May(RemindersRead), Subject::Reminder, 200, Nothing),
    row(
        "role_create",
        May(RolesWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Role {n}"), "permissions": ["leads:read"]})),
    ),
    row("role_delete", May(RolesWrite), Subject::Role, 200, Nothing),
    row("role_list", May(RolesRead), Subject::None, 200, Nothing),
    row("role_restore", May(RolesWrite), Subject::DeletedRole, 200, Nothing),
    row("role_update", May(RolesWrite), Subject::Role, 200, Json(|_| json!({"description": "Calls."}))),
    row("role_view", May(RolesRead), Subject::Role, 200, Nothing),
    row("session_list", SignIn, Subject::None, 200, Nothing),
    row("session_revoke", SignIn, Subject::Session, 200, Nothing),
    row("session_revoke_all", SignIn, Subject::None, 200, Nothing),
    row("settings_list", May(OrganizationRead), Subject::None, 200, Nothing),
    row(
        "settings_update",
        May(OrganizationWrite),
        Subject::None,
        200,
        Json(|_| json!({"category": "look", "key": "colour", "value": "blue"})),
    ),
    row("segment_count", May(SegmentsRead), Subject::Segment, 200, Nothing),
    row(
        "segment_create",
        May(SegmentsWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Segment {n}"), "criteria": {"city": "Pune"}})),
    ),
    row("segment_delete", May(SegmentsWrite), Subject::SpentSegment, 200, Nothing),
    row("segment_lead_list", May(SegmentsRead), Subject::Segment, 200, Nothing),
    row("segment_list", May(SegmentsRead), Subject::None, 200, Nothing),
    row("segment_relist", May(SegmentsWrite), Subject::Segment, 200, Json(|_| json!({"remove": []}))),
    row("segment_restore", May(SegmentsWrite), Subject::DeletedSegment, 200, Nothing),
    row("segment_update", May(SegmentsWrite), Subject::Segment, 200, Json(|_| json!({"name": "Segment"}))),
    row("segment_view", May(SegmentsRead), Subject::Segment, 200, Nothing),
    row("sla_policy_clock_list", May(SlaRead), Subject::SlaPolicy, 200, Nothing),
    row(
        "sla_policy_create",
        May(SlaWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Level {n}"), "targets": [{"target": "first_response", "within": 60}]})),
    ),
    row("sla_policy_delete", May(SlaWrite), Subject::SpentSlaPolicy, 200, Nothing),
    row("sla_policy_list", May(SlaRead), Subject::None, 200, Nothing),
    row("sla_policy_restore", May(SlaWrite), Subject::DeletedSlaPolicy, 200, Nothing),
    row("sla_policy_update", May(SlaWrite), Subject::SlaPolicy, 200, Json(|_| json!({"name": "Level"}))),
    row("sla_policy_view", May(SlaRead), Subject::SlaPolicy, 200, Nothing),
    row("subscription_update", May(SubscriptionWrite), Subject::None, 200, Json(|_| json!({"plan": "enterprise"}))),
    row("subscription_view", May(SubscriptionRead), Subject::None, 200, Nothing),
    row(
        "suppression_create",
        May(SuppressionsWrite),
        Subject::None,
        201,
        Json(|n| json!({"contact": format!("a_contact_{n}@example.com")})),
    ),
    row("suppression_delete", May(SuppressionsWrite), Subject::Suppression, 200, Nothing),
    row(
        "suppression_import",
        May(SuppressionsWrite),
        Subject::None,
        200,
        Json(|n| json!({"suppressions": [{"contact": format!("a_contact_{n}@example.com")}]})),
    ),
    row("suppression_list", May(SuppressionsRead), Subject::None, 200, Nothing),
    row("suppression_update", May(SuppressionsWrite), Subject::Suppression, 200, Json(|_| json!({"reason": "bounce"}))),
    row("suppression_view", May(SuppressionsRead), Subject::Suppression, 200, Nothing),
    row("sync_force", May(AgentsWrite), Subject::Agent, 200, Json(|_| json!({"types": ["leads"]}))),
    row("sync_full", May(LeadsRead), Subject::Person, 200, Json(|_| json!({}))),
    row("sync_history", May(AgentsRead), Subject::Agent, 200, Nothing),
    row("sync_last", May(AgentsRead), Subject::Agent, 200, Nothing),
    row("sync_selective", May(LeadsRead), Subject::Person, 200, Json(|_| json!({}))),
    row("sync_status", May(AgentsRead), Subject::Agent, 200, Nothing),
    row("user_approve", May(UsersWrite), Subject::PendingUser, 200, Nothing),
    row(
        "user_branches_update",
        May(UsersWrite),
        Subject::User,
        200,
        Naming(|named, _| json!({"branch_ids": [named.branch]})),
    ),
    row(
        "user_create",
        May(UsersWrite),
        Subject::None,
        201,
        Naming(|named, n| {
            json!({
                "email": format!("a_member_{n}@example.com"), "first_name": "Asha", "password": "correct horse battery",
                "role": "agent", "branch_ids": [named.branch],
            })
        }),
    ),
    row(
        "retention_policy_update",
        May(SecurityWrite),
        Subject::None,
        200,
        Json(|_| json!({"security_events_days": 90})),
    ),
    row("retention_policy_view", May(SecurityRead), Subject::None, 200, Nothing),
    row("security_event_list", May(SecurityRead), Subject::None, 200, Nothing),
    row("security_event_view", May(SecurityRead), Subject::SecurityEvent, 200, Nothing),
    row(
        "suspicious_activity_acknowledge",
        May(SecurityWrite),
        Subject::SuspiciousActivity,
        200,
        Json(|_| json!({"note": "It was a test."})),
    ),
    row("suspicious_activity_list", May(SecurityRead), Subject::None, 200, Nothing),
    row("suspicious_activity_view", May(SecurityRead), Subject::SuspiciousActivity, 200, Nothing),
    row("template_approval_sync", May(TemplatesWrite), Subject::MessageTemplate, 409, Nothing),
    row(
        "template_create",
        May(TemplatesWrite),
        Subject::None,
        201,
        Json(|n| json!({"name": format!("Mine {n}"), "channel": "sms", "body": "Hello {{ lead.name }}"})),
    ),
    row("template_delete", May(TemplatesWrite), Subject::SpentMessageTemplate, 200, Nothing),
    row("template_list", May(TemplatesRead), Subject::None, 200, Nothing),
    row("template_preview", May(TemplatesRead), Subject::MessageTemplate, 200, Json(|_| json!({}))),
    row("template_restore", May(TemplatesWrite), Subject::DeletedMessageTemplate, 200, Nothing),
    row("template_test_send", May(CommunicationsWrite), Subject::MessageTemplate, 200, Json(|_| json!({}))),
    row("template_update", May(TemplatesWrite), Subject::MessageTemplate, 200, Json(|_| json!({"category": "Mine"}))),
    row("template_version_list", May(TemplatesRead), Subject::MessageTemplate, 200, Nothing),
    row("template_version_restore", May(TemplatesWrite), Subject::MessageTemplateVersion, 200, Nothing),
    row("template_view", May(TemplatesRead), Subject::MessageTemplate, 200, Nothing),
    row("unsubscribe_act", Needs::Nothing, Subject::None, 404, Nothing),
    row("unsubscribe_show", Needs::Nothing, Subject::None, 404, Nothing),
    row("user_deactivate", May(UsersWrite), Subject::User, 200, Nothing),
    row("user_list", May(UsersRead), Subject::None, 200, Nothing),
    row("user_permissions_update", May(UsersWrite), Subject::User, 200, Json(|_| json!({"permissions": []}))),
    row("user_reject", May(UsersWrite), Subject::PendingUser, 200, Json(|_| json!({"reason": "Not ours."}))),
    row("user_restore", May(UsersWrite), Subject::User, 200, Nothing),
    row("user_update", May(UsersWrite), Subject::User, 200, Json(|_| json!({"department": "Sales"}))),
    row("user_view", May(UsersRead), Subject::User, 200, Nothing),
    row("webhook_delivery_list", May(WebhookEndpointsRead), Subject::WebhookEndpoint, 200, Nothing),
    row("webhook_delivery_resend", May(WebhookEndpointsWrite), Subject::WebhookDelivery, 202, Nothing),
    row("webhook_delivery_view", May(WebhookEndpointsRead), Subject::WebhookDelivery, 200, Nothing),
    row(
        "webhook_endpoint_create",
        May(WebhookEndpointsWrite),
        Subject::None,
        201,
        Json(|_| json!({"url": "https://hooks.example/", "events": ["lead.*"]})),
    ),
    row("webhook_endpoint_delete", May(WebhookEndpointsWrite), Subject::SpentWebhookEndpoint, 200, Nothing),
    row("webhook_endpoint_list", May(WebhookEndpointsRead), Subject::None, 200, Nothing),
    row(
        "webhook_endpoint_recover",
        May(WebhookEndpointsWrite),
        Subject::WebhookEndpoint,
        202,
        Json(|_| json!({"since": "2026-11-20T10:00:00Z"})),
    ),
    row("webhook_endpoint_restore", May(WebhookEndpointsWrite), Subject::DeletedWebhookEndpoint, 200, Nothing),
    row("webhook_endpoint_rotate_secret", May(WebhookEndpointsReveal), Subject::WebhookEndpoint, 200, Nothing),
    row("webhook_endpoint_secret", May(WebhookEndpointsReveal), Subject::WebhookEndpoint, 200, Nothing),
    row("webhook_endpoint_test", May(WebhookEndpointsWrite), Subject::WebhookEndpoint, 202, Nothing),
    row(
        "webhook_endpoint_update",
        May(WebhookEndpointsWrite),
        Subject::WebhookEndpoint,
        200,
        Json(|_| json!({"description": "Ours"})),
    ),
    row("webhook_endpoint_view", May(WebhookEndpointsRead), Subject::WebhookEndpoint, 200, Nothing),
    row("webhook_recovery_view", May(WebhookEndpointsRead), Subject::WebhookRecovery, 200, Nothing),
    row(
        "workflow_create",
        May(AutomationWrite),
        Subject::None,
        201,
        Json(|_| json!({"name": "Flow", "trigger_type": "lead_created", "actions": [{"type": "create_follow_up"}]})),
    ),
    row(
        "workflow_execute",
        May(AutomationExecute),
        Subject::Workflow,
        201,
        Naming(|named, _| json!({"trigger_data": {"lead_id": named.lead}})),
    ),
    row("workflow_list", May(AutomationRead), Subject::None, 200, Nothing),
    row("workflow_update", May(AutomationWrite), Subject::Workflow, 200, Json(|_| json!({"name": "Flow"}))),
    row("workflow_view", May(AutomationRead), Subject::Workflow, 200, Nothing),
    // Nothing is signed like that.
    row("webhook_receive", Needs::Nothing, Subject::None, 404, Nothing),
    row("webhook_prove", Needs::Nothing, Subject::None, 404, Nothing),
];

impl Row {
    /// The row of an operation.
    pub(super) fn of(id: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.id == id)
    }

    /// What an operation answers somebody of a role, about a record of this place; `None` where there is no such
    /// record.
    pub(super) fn expected(&self, role: Role, place: Place) -> Option<u16> {
        let found = self.subject.is_found(place, role.rows())?;
        Some(match self.needs {
            May(permission) if !role.permissions().has(permission) => 403,
            _ if found => self.status,
            _ => 404,
        })
    }
}
