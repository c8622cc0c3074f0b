//! Two organizations, people of every role in one of them, and all functions.

mod activities;
mod approvals;
mod automations;
mod connections;
mod leads;
mod notifications;
mod outreach;
mod people;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use domain::{BranchId, LeadPipeline, OrganizationId, Role, WebhookEndpointId};
use serde_json::json;
use testkit::{Answer, Ask, Person, Tenant, World};

use super::rows::{Named, Payload, Place, Row, Subject};
use crate::catalog::{HTTP, Operation};

/// A word in the names of all that the other organization has.
pub(super) const STRANGE: &str = "Stranger";
/// A word in the names of all that the other branch has.
pub(super) const ELSEWHERE: &str = "Elsewhere";
/// A word in the names of all that people have in their own branch.
pub(super) const MINE: &str = "Mine";

/// The ground of the matrix.
pub(super) struct House {
    pub(super) world: World,
    routers: BTreeMap<&'static str, Router>,
    pub(super) ours: Tenant,
    pub(super) theirs: Tenant,
    /// An administrator of the organization that the matrix asks as.
    pub(super) admin: Person,
    /// An administrator of the other one.
    pub(super) stranger: Person,
    /// Somebody of each role, in the head office.
    pub(super) people: Vec<(Role, Person)>,
    /// Somebody in the other branch.
    colleague: Person,
    numbers: AtomicU64,
    /// Automations to look at, by their organizations.
    workflows: Mutex<BTreeMap<OrganizationId, String>>,
    /// Approval workflows to look at, likewise.
    approvals: Mutex<BTreeMap<OrganizationId, String>>,
    /// Service levels to look at, likewise.
    levels: Mutex<BTreeMap<OrganizationId, String>>,
    /// Webhook endpoints to look at, likewise.
    endpoints: Mutex<BTreeMap<OrganizationId, WebhookEndpointId>>,
    /// Connections to look at, likewise.
    integrations: Mutex<BTreeMap<(OrganizationId, bool), String>>,
}

impl House {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        auth::prepare(&world.platform).await.expect("the key can be published");
        let keys = world.platform.table().signing_keys().await.expect("the keys can be read");
        let routers = HTTP
            .iter()
            .map(|function| (function.name, (function.router)(web::App::new(world.platform.clone(), &keys))))
            .collect();
        let (ours, theirs) = (world.a_tenant("Example Ltd").await, world.a_tenant(&format!("{STRANGE} Ltd")).await);
        for tenant in [&ours, &theirs] {
            unbounded(&world, tenant).await;
        }
        let admin = world.a_person(&ours, Role::Admin, ours.branch).await;
        let stranger = world.a_person(&theirs, Role::Admin, theirs.branch).await;
        let mut people = Vec::new();
        for role in Role::ALL {
            people.push((role, world.a_person(&ours, role, ours.branch).await));
        }
        let colleague = world.a_person(&ours, Role::Agent, ours.other_branch).await;
        let house = Self {
            world,
            routers,
            ours,
            theirs,
            admin,
            stranger,
            approvals: Mutex::default(),
            levels: Mutex::default(),
            people,
            colleague,
            endpoints: Mutex::default(),
            numbers: AtomicU64::new(0),
            workflows: Mutex::default(),
            integrations: Mutex::default(),
        };
        for (who, branch, name) in [
            (&house.admin, house.ours.other_branch, format!("{ELSEWHERE} branch")),
            (&house.stranger, house.theirs.branch, format!("{STRANGE} branch")),
        ] {
            let rename = Ask::put(format!("/branches/{branch}"), json!({"name": name})).by(who);
            house.to("organization", rename).await.expect(200);
        }
        house
    }

    /// Another number each time.
    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) async fn to(&self, function: &str, ask: Ask) -> Answer {
        ask.of(&self.routers[function]).await
    }

    /// Asks for an operation about a record, with what its row sends.
    pub(super) async fn ask(
        &self,
        operation: &Operation,
        row: &Row,
        about: &str,
        token: Option<&str>,
        person: &Person,
    ) -> Answer {
        let mut path = format!("/v1{}", operation.filled(about));
        if row.subject == Subject::ReportBranch {
            path = format!("{path}?branch_id={about}");
        }
        let ask = Ask::new(&operation.method, path);
        let ask = match row.payload {
            Payload::Nothing => ask,
            Payload::Json(body) => ask.json(&body(self.number())),
            Payload::Naming(body) => {
                let lead = self.lead(&self.admin, self.ours.branch, Some(person), MINE).await;
                let (branch, user) = (self.ours.branch.to_string(), self.colleague.user.to_string());
                ask.json(&body(&Named { branch, lead, user }, self.number()))
            }
            Payload::File => {
                let csv = format!("Name,Email\nMine Example,a_row_{}@example.com\n", self.number());
                ask.form(&[], "leads.csv", csv.as_bytes())
            }
        };
        let ask = if let Some(token) = token { ask.bearing(token) } else { ask };
        self.to(operation.function, ask).await
    }

    /// The id of a record of this place, as somebody sees it; made anew where asking may spend it.
    #[expect(clippy::too_many_lines, reason = "an arm a subject")]
    pub(super) async fn about(&self, subject: Subject, place: Place, person: &Person) -> String {
        let elsewhere = place != Place::Own;
        let (by, tenant, word) = match place {
            Place::MadeUp => return made_up(subject, self),
            Place::OtherOrganization => (&self.stranger, &self.theirs, STRANGE),
            Place::Own => (&self.admin, &self.ours, MINE),
            Place::OtherBranch => (&self.admin, &self.ours, ELSEWHERE),
        };
        let branch = if place == Place::OtherBranch { tenant.other_branch } else { tenant.branch };
        let owner = Some(person).filter(|_| !elsewhere);
        let whose = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        match subject {
            // A path may still ask for words, or for a stage: `lead` is both.
            Subject::None => "lead".to_owned(),
            Subject::Lead => self.lead(by, branch, owner, word).await,
            Subject::DeletedLead => {
                let id = self.lead(by, branch, owner, word).await;
                self.to("leads", Ask::delete(format!("/leads/{id}")).by(by)).await.expect(200);
                id
            }
            Subject::Branch | Subject::ReportBranch => branch.to_string(),
            Subject::EmptyBranch | Subject::ClosedBranch => {
                let body = json!({"name": format!("{word} branch {}", self.number())});
                let made = self.to("organization", Ask::post("/branches", body).by(by)).await.data(201);
                let id = text(&made["id"]);
                if subject == Subject::ClosedBranch {
                    self.to("organization", Ask::delete(format!("/branches/{id}")).by(by)).await.expect(200);
                }
                id
            }
            Subject::Form | Subject::DeletedForm => {
                self.form(by, branch, owner, word, subject == Subject::DeletedForm).await
            }
            Subject::Pipeline => LeadPipeline::id_of(tenant.organization).to_string(),
            Subject::Person => {
                let user = match place {
                    Place::OtherOrganization | Place::MadeUp => self.stranger.user,
                    Place::Own => person.user,
                    Place::OtherBranch => self.colleague.user,
                };
                user.to_string()
            }
            Subject::Agent => self.agent(tenant, branch, place, person).await,
            Subject::Myself => person.user.to_string(),
            Subject::Session => {
                let whose = match place {
                    Place::OtherOrganization | Place::MadeUp => &self.stranger,
                    Place::Own => person,
                    Place::OtherBranch => &self.colleague,
                };
                self.session(tenant, whose).await
            }
            Subject::Invite => {
                let email = format!("{}_{}@example.com", word.to_lowercase(), self.number());
                let body = json!({"email": email, "role": "agent", "branch_ids": [branch]});
                text(&self.to("users", Ask::post("/invites", body).by(by)).await.data(201)["id"])
            }
            Subject::ApiKey => self.api_key(tenant, owner.unwrap_or(by), word).await,
            Subject::ReferralLink | Subject::DeletedReferralLink => {
                let body = json!({"label": format!("{word} link"), "user_id": whose.user});
                let made = self.to("users", Ask::post("/referral-links", body).by(by)).await.data(201);
                let id = text(&made["id"]);
                if subject == Subject::DeletedReferralLink {
                    self.to("users", Ask::delete(format!("/referral-links/{id}")).by(by)).await.expect(200);
                }
                id
            }
            Subject::Role | Subject::DeletedRole => self.role(by, word, subject == Subject::DeletedRole).await,
            Subject::User | Subject::PendingUser => {
                let user = self.world.a_person(tenant, Role::Viewer, branch).await.user;
                if subject == Subject::PendingUser {
                    self.wait(tenant, user).await;
                }
                user.to_string()
            }
            Subject::Call
            | Subject::DeletedCall
            | Subject::Reminder
            | Subject::DeletedReminder
            | Subject::Note
            | Subject::DeletedNote
            | Subject::Communication
            | Subject::DeletedCommunication => {
                let lead = self.lead(by, branch, Some(whose), word).await;
                self.activity(subject, (by, tenant, branch), whose, &lead, word).await
            }
            Subject::AnalyticsEvent => self.analytics_event(by, place, branch, owner, word).await,
            Subject::Job => self.job(tenant, branch, owner.unwrap_or(by), word).await,
            Subject::File | Subject::DeletedFile => self.file(subject, tenant, branch, whose, word).await,
            Subject::Broadcast => self.broadcast(by, owner, word).await,
            Subject::Approval => self.approval(by, tenant, person).await,
            Subject::ApprovalWorkflow | Subject::SpentApprovalWorkflow | Subject::DeletedApprovalWorkflow => {
                self.approval_workflow(subject, by, tenant, word).await
            }
            Subject::SlaPolicy | Subject::SpentSlaPolicy | Subject::DeletedSlaPolicy => {
                self.level(subject, by, tenant, word).await
            }
            Subject::Campaign | Subject::ActiveCampaign | Subject::PausedCampaign | Subject::DeletedCampaign => {
                self.campaign(subject, by, (tenant, branch), word).await
            }
            Subject::Segment | Subject::SpentSegment | Subject::DeletedSegment => {
                self.segment(subject, by, branch, word).await
            }
            Subject::Device => self.device(by, place, owner, word).await,
            Subject::Notification => self.notification(by, place, owner, word).await,
            Subject::Template
            | Subject::Workflow
            | Subject::SpentWorkflow
            | Subject::DeletedWorkflow
            | Subject::WorkflowRun => self.automation(subject, (by, tenant, branch), whose, word).await,
            Subject::Integration
            | Subject::LeadAds
            | Subject::SpentIntegration
            | Subject::DeletedIntegration
            | Subject::IntegrationLog
            | Subject::ProviderDelivery => self.connection(subject, by, tenant, word).await,
            Subject::Event => self.event(tenant, by, branch, word).await,
            Subject::WebhookEndpoint
            | Subject::SpentWebhookEndpoint
            | Subject::DeletedWebhookEndpoint
            | Subject::WebhookDelivery
            | Subject::WebhookRecovery => self.webhook(subject, tenant, by, word).await,
            Subject::Consent => self.consent(by, branch, owner, word).await,
            Subject::Suppression => {
                let body = json!({"contact": format!("{}_{}@example.com", word.to_lowercase(), self.number())});
                text(&self.to("communications", Ask::post("/suppressions", body).by(by)).await.data(201)["id"])
            }
            Subject::MessageTemplate
            | Subject::SpentMessageTemplate
            | Subject::DeletedMessageTemplate
            | Subject::MessageTemplateVersion => self.message_template(subject, by, word).await,
            Subject::SecurityEvent => self.security_event(tenant, by).await.id.to_string(),
            Subject::SuspiciousActivity => self.suspicious_activity(tenant, by).await,
        }
    }
}

/// Gives an organization the plan without bounds: the matrix makes more people than others have seats.
async fn unbounded(world: &World, tenant: &Tenant) {
    let grant = domain::Caller::system(tenant.organization, "test").own();
    let table = world.platform.table();
    let before: domain::Organization = table.get_to_change(&grant, tenant.organization).await.expect("an organization");
    let after = domain::Organization { plan: domain::Plan::Enterprise, ..before.clone() };
    let change = domain::Change::update(before, after, "organization.plan_changed");
    table.commit(&grant, change).await.expect("a plan can be set");
}

pub(super) fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// An id that is nobody's.
fn made_up(subject: Subject, house: &House) -> String {
    let (now, bits) = (house.world.platform.now(), house.world.platform.random());
    match subject {
        Subject::None => "lead".to_owned(),
        Subject::Lead | Subject::DeletedLead => domain::LeadId::at(now, bits).to_string(),
        Subject::Branch | Subject::EmptyBranch | Subject::ClosedBranch | Subject::ReportBranch => {
            BranchId::at(now, bits).to_string()
        }
        Subject::Form | Subject::DeletedForm => domain::FormId::at(now, bits).to_string(),
        Subject::Pipeline => domain::PipelineId::at(now, bits).to_string(),
        Subject::Session => domain::SessionId::at(now, bits).to_string(),
        Subject::Invite => domain::InviteId::at(now, bits).to_string(),
        Subject::ApiKey => domain::ApiKeyId::at(now, bits).to_string(),
        Subject::ReferralLink | Subject::DeletedReferralLink => domain::ReferralLinkId::at(now, bits).to_string(),
        Subject::Role | Subject::DeletedRole => domain::RoleId::at(now, bits).to_string(),
        Subject::Person | Subject::Agent | Subject::Myself | Subject::User | Subject::PendingUser => {
            domain::UserId::at(now, bits).to_string()
        }
        Subject::Call | Subject::DeletedCall => domain::CallId::at(now, bits).to_string(),
        Subject::Reminder | Subject::DeletedReminder => domain::ReminderId::at(now, bits).to_string(),
        Subject::AnalyticsEvent => domain::AnalyticsEventId::at(now, bits).to_string(),
        Subject::Note | Subject::DeletedNote => domain::NoteId::at(now, bits).to_string(),
        Subject::Communication | Subject::DeletedCommunication => domain::CommunicationId::at(now, bits).to_string(),
        Subject::Approval => domain::ApprovalId::at(now, bits).to_string(),
        Subject::ApprovalWorkflow | Subject::SpentApprovalWorkflow | Subject::DeletedApprovalWorkflow => {
            domain::ApprovalWorkflowId::at(now, bits).to_string()
        }
        Subject::SlaPolicy | Subject::SpentSlaPolicy | Subject::DeletedSlaPolicy => {
            domain::SlaPolicyId::at(now, bits).to_string()
        }
        Subject::Campaign | Subject::ActiveCampaign | Subject::PausedCampaign | Subject::DeletedCampaign => {
            domain::CampaignId::at(now, bits).to_string()
        }
        Subject::Segment | Subject::SpentSegment | Subject::DeletedSegment => {
            domain::SegmentId::at(now, bits).to_string()
        }
        Subject::File | Subject::DeletedFile => domain::FileId::at(now, bits).to_string(),
        Subject::Job => domain::JobId::at(now, bits).to_string(),
        Subject::Broadcast => domain::BroadcastId::at(now, bits).to_string(),
        Subject::Device => domain::DeviceId::at(now, bits).to_string(),
        Subject::Notification => domain::NotificationId::at(now, bits).to_string(),
        Subject::Template => "world_peace".to_owned(),
        Subject::Workflow | Subject::SpentWorkflow | Subject::DeletedWorkflow => {
            domain::WorkflowId::at(now, bits).to_string()
        }
        Subject::WorkflowRun => domain::WorkflowRunId::at(now, bits).to_string(),
        Subject::Event => domain::EventId::at(now, bits).to_string(),
        Subject::WebhookEndpoint | Subject::SpentWebhookEndpoint | Subject::DeletedWebhookEndpoint => {
            WebhookEndpointId::at(now, bits).to_string()
        }
        Subject::WebhookDelivery => {
            let endpoint = WebhookEndpointId::at(now, bits);
            format!("{endpoint} {}", domain::WebhookDeliveryId::at(now, bits))
        }
        Subject::WebhookRecovery => {
            let endpoint = WebhookEndpointId::at(now, bits);
            format!("{endpoint} {}", domain::WebhookRecoveryId::at(now, bits))
        }
        Subject::Integration | Subject::LeadAds | Subject::SpentIntegration | Subject::DeletedIntegration => {
            domain::IntegrationId::at(now, bits).to_string()
        }
        Subject::IntegrationLog => domain::IntegrationLogId::at(now, bits).to_string(),
        Subject::ProviderDelivery => {
            let integration = domain::IntegrationId::at(now, bits);
            format!("{integration} {}", domain::ProviderDeliveryId::at(now, bits))
        }
        Subject::Consent => domain::ConsentId::at(now, bits).to_string(),
        Subject::Suppression => domain::SuppressionId::at(now, bits).to_string(),
        Subject::MessageTemplate | Subject::SpentMessageTemplate | Subject::DeletedMessageTemplate => {
            domain::TemplateId::at(now, bits).to_string()
        }
        Subject::MessageTemplateVersion => format!("{} 1", domain::TemplateId::at(now, bits)),
        Subject::SecurityEvent => domain::SecurityEventId::at(now, bits).to_string(),
        Subject::SuspiciousActivity => domain::SuspiciousActivityId::at(now, bits).to_string(),
    }
}

fn may_broadcast(role: Role) -> bool {
    role.permissions().has(domain::Permission::NotificationsBroadcast)
}
