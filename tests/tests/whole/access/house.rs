//! Two organizations, people of every role in one of them, and all functions.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use domain::{BranchId, LeadPipeline, Membership, OrganizationId, Role, WebhookEndpointId};
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
    integrations: Mutex<BTreeMap<OrganizationId, String>>,
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

    async fn role(&self, by: &Person, word: &str, deleted: bool) -> String {
        let body = json!({"name": format!("{word} role {}", self.number()), "permissions": ["leads:read"]});
        let id = text(&self.to("users", Ask::post("/roles", body).by(by)).await.data(201)["id"]);
        if deleted {
            self.to("users", Ask::delete(format!("/roles/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A template, an automation or one of its runs.
    async fn automation(
        &self,
        subject: Subject,
        (by, tenant, branch): (&Person, &Tenant, BranchId),
        whose: &Person,
        word: &str,
    ) -> String {
        match subject {
            Subject::Template => "lead_qualification".to_owned(),
            Subject::WorkflowRun => {
                let lead = self.lead(by, branch, Some(whose), word).await;
                self.run(by, tenant, &lead, word).await
            }
            _ => self.workflow(subject, by, tenant, word).await,
        }
    }

    /// A connection, a row of its log, or what its provider told over it.
    async fn connection(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
        if subject == Subject::IntegrationLog {
            let body = json!({"integration_name": word, "activity_type": "lead_sync", "status": "info"});
            return text(&self.to("integrations", Ask::post("/integration-logs", body).by(by)).await.data(201)["id"]);
        }
        let known = self.integrations.lock().expect("no test panicked here").get(&tenant.organization).cloned();
        let shared = matches!(subject, Subject::Integration | Subject::ProviderDelivery);
        let id = match known.filter(|_| shared) {
            Some(known) => known,
            None => {
                let body = json!({"provider": "telephony", "name": format!("{word} line")});
                text(&self.to("integrations", Ask::post("/integrations", body).by(by)).await.data(201)["id"])
            }
        };
        if shared {
            let mut known = self.integrations.lock().expect("no test panicked here");
            known.insert(tenant.organization, id.clone());
        }
        match subject {
            Subject::DeletedIntegration => {
                self.to("integrations", Ask::delete(format!("/integrations/{id}")).by(by)).await.expect(200);
                id
            }
            Subject::ProviderDelivery => format!("{id} {}", self.delivery(tenant, &id, word).await),
            _ => id,
        }
    }

    /// What a provider told, as the store keeps it.
    async fn delivery(&self, tenant: &Tenant, integration: &str, word: &str) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::ProviderDeliveryId::at(now, platform.random());
        let from = (integration.parse().expect("an id"), domain::Provider::Telephony);
        let arrived = domain::provider_delivery::Arrived {
            event_id: Some(word.to_owned()),
            content_type: "application/json".to_owned(),
            bytes: word.len(),
            body: Some(word.to_owned()),
        };
        let delivery = domain::ProviderDelivery::receive(id, tenant.organization, from, arrived, now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit_unseen(&grant, delivery).await.expect("a delivery can be kept");
        id.to_string()
    }

    /// A file, as the store keeps it.
    async fn file(&self, subject: Subject, tenant: &Tenant, branch: BranchId, whose: &Person, word: &str) -> String {
        use domain::File;
        use domain::file::{Contents, NewFile};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let new = NewFile {
            id: domain::FileId::at(now, platform.random()),
            organization: tenant.organization,
            branch,
            by: whose.user,
            name: format!("{word} brochure.pdf").parse().expect("a name"),
            now,
        };
        let contents = Contents { content_type: domain::FileType::Pdf, bytes: 9, sha256: "ab".repeat(32) };
        let file = platform.table().commit(&grant, File::upload(new, contents)).await.expect("a file can be kept");
        let id = file.id.to_string();
        if subject == Subject::DeletedFile {
            platform.table().commit(&grant, file.delete(now)).await.expect("it can be deleted");
        }
        id
    }

    /// An automation; one to look at is the same each time, as an organization has few.
    async fn workflow(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
        let known = self.workflows.lock().expect("no test panicked here").get(&tenant.organization).cloned();
        if let (Subject::Workflow, Some(known)) = (subject, known) {
            return known;
        }
        // It is a rule for notifications, too.
        let actions = json!([{"type": "notify", "message": "Look at it"}]);
        let body = json!({"name": format!("{word} rule"), "trigger": "manual", "actions": actions});
        let id = text(&self.to("automation", Ask::post("/automation", body).by(by)).await.data(201)["id"]);
        match subject {
            Subject::Workflow => {
                let mut known = self.workflows.lock().expect("no test panicked here");
                known.insert(tenant.organization, id.clone());
            }
            Subject::DeletedWorkflow => {
                self.to("automation", Ask::delete(format!("/automation/{id}")).by(by)).await.expect(200);
            }
            _ => {}
        }
        id
    }

    /// A campaign that was planned for two leads, so that the list of those has a second page.
    async fn campaign(
        &self,
        subject: Subject,
        by: &Person,
        (tenant, branch): (&Tenant, BranchId),
        word: &str,
    ) -> String {
        use domain::{Campaign, CampaignId, CampaignRecipient, CampaignRecipientId, Lead, LeadId};

        let body = json!({
            "name": format!("{word} campaign"), "type": "email", "subject": word, "content": word, "target_audience": "all",
        });
        let id = text(&self.to("campaigns", Ask::post("/campaigns", body).by(by)).await.data(201)["id"]);
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let known: CampaignId = id.parse().expect("an id");
        let campaign: Campaign = table.get_to_change(&grant, known).await.expect("a campaign");
        for _ in 0..2 {
            let lead: LeadId = self.lead(by, branch, None, word).await.parse().expect("an id");
            let lead: Lead = table.get_to_change(&grant, lead).await.expect("a lead");
            let recipient = CampaignRecipientId::at(now, self.world.platform.random());
            let held_out = CampaignRecipient::held_out(campaign.planning(recipient, &lead, None, now));
            table.commit(&grant, held_out).await.expect("a recipient");
        }
        let steps: &[&str] = match subject {
            Subject::ActiveCampaign => &["launch"],
            Subject::PausedCampaign => &["launch", "pause"],
            _ => &[],
        };
        for step in steps {
            let ask = Ask::post(format!("/campaigns/{id}/{step}"), json!({}));
            self.to("campaigns", ask.by(by)).await.expect(200);
        }
        if subject == Subject::DeletedCampaign {
            self.to("campaigns", Ask::delete(format!("/campaigns/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A list of two leads, so that it has a second page.
    async fn segment(&self, subject: Subject, by: &Person, branch: BranchId, word: &str) -> String {
        let leads = [self.lead(by, branch, None, word).await, self.lead(by, branch, None, word).await];
        let body = json!({"name": format!("{word} segment"), "lead_ids": leads});
        let id = text(&self.to("leads", Ask::post("/segments", body).by(by)).await.data(201)["id"]);
        if subject == Subject::DeletedSegment {
            self.to("leads", Ask::delete(format!("/segments/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// What happened to a lead, as it lies in the log.
    async fn event(&self, tenant: &Tenant, by: &Person, branch: BranchId, word: &str) -> String {
        let lead = self.lead(by, branch, None, word).await;
        let grant = domain::Caller::system(tenant.organization, "test").own();
        self.world.settle().await;
        let created = self.world.platform.table().event_at(&grant, &lead, 1).await.expect("its creation");
        created.id.to_string()
    }

    /// A machine that is told, or what it was sent, as the store keeps it.
    async fn webhook(&self, subject: Subject, tenant: &Tenant, by: &Person, word: &str) -> String {
        use domain::webhook::RecoveryStatus;
        use domain::{Change, WebhookDelivery, WebhookRecovery};

        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let (organization, bits) = (tenant.organization, self.world.platform.random());
        let grant = domain::Caller::system(organization, "test").own();
        let id = self.webhook_endpoint(subject, tenant, by, word).await;
        match subject {
            Subject::DeletedWebhookEndpoint => {
                let endpoint: domain::WebhookEndpoint = table.get_to_change(&grant, id).await.expect("an endpoint");
                table.commit(&grant, endpoint.delete(now)).await.expect("it can be deleted");
                id.to_string()
            }
            Subject::WebhookDelivery => {
                let delivery = domain::WebhookDeliveryId::at(now, bits);
                let change = WebhookDelivery::of_test(organization, delivery, id, now);
                table.commit(&grant, change).await.expect("a delivery can be made");
                format!("{id} {delivery}")
            }
            Subject::WebhookRecovery => {
                let recovery = domain::WebhookRecoveryId::at(now, bits);
                let running = WebhookRecovery::begin(recovery, organization, id, now, by.user, now).after;
                // An endpoint has one at a time.
                let over = WebhookRecovery { status: RecoveryStatus::Completed, lease_until: None, ..running };
                let change = Change::create(over, "webhook_recovery.started");
                table.commit(&grant, change).await.expect("a recovery can be made");
                format!("{id} {recovery}")
            }
            _ => id.to_string(),
        }
    }

    /// A machine that is told; one to look at is the same each time, as an organization has few.
    async fn webhook_endpoint(&self, subject: Subject, tenant: &Tenant, by: &Person, word: &str) -> WebhookEndpointId {
        use domain::webhook::{EndpointDetails, EventPatterns, WebhookHeaders, WebhookSecret};

        let spent = matches!(subject, Subject::SpentWebhookEndpoint | Subject::DeletedWebhookEndpoint);
        let known = self.endpoints.lock().expect("no test panicked here").get(&tenant.organization).copied();
        if let Some(known) = known.filter(|_| !spent) {
            return known;
        }
        let details = EndpointDetails {
            url: format!("https://{}.example/", word.to_lowercase()).parse().expect("an address"),
            description: Some(word.parse().expect("a line")),
            events: EventPatterns::new(vec!["lead.*".parse().expect("a type")]).expect("types"),
            headers: WebhookHeaders::default(),
            enabled: true,
        };
        let now = self.world.platform.now();
        let id = WebhookEndpointId::at(now, self.world.platform.random());
        let (secret, maker) = (WebhookSecret::new([7; 32]), (by.user, domain::PersonalFields::ALL));
        let change = domain::WebhookEndpoint::create(id, tenant.organization, details, secret, maker, now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        self.world.platform.table().commit(&grant, change).await.expect("an endpoint can be made");
        if !spent {
            self.endpoints.lock().expect("no test panicked here").insert(tenant.organization, id);
        }
        id
    }

    /// An approval workflow; one to look at is the same each time, as an organization has few.
    async fn approval_workflow(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
        let known = self.approvals.lock().expect("no test panicked here").get(&tenant.organization).cloned();
        if let (Subject::ApprovalWorkflow, Some(known)) = (subject, known) {
            return known;
        }
        let steps = json!([{"name": "First", "approvers": ["role:admin"]}]);
        let body = json!({"name": format!("{word} steps"), "allow_self": true, "steps": steps});
        let id = text(&self.to("automation", Ask::post("/approval-workflows", body).by(by)).await.data(201)["id"]);
        match subject {
            Subject::ApprovalWorkflow => {
                self.approvals.lock().expect("no test panicked here").insert(tenant.organization, id.clone());
            }
            Subject::DeletedApprovalWorkflow => {
                self.to("automation", Ask::delete(format!("/approval-workflows/{id}")).by(by)).await.expect(200);
            }
            _ => {}
        }
        id
    }

    /// A request of somebody's, which they have to decide themselves; of a stranger's in another organization.
    async fn approval(&self, by: &Person, tenant: &Tenant, person: &Person) -> String {
        let workflow = self.approval_workflow(Subject::ApprovalWorkflow, by, tenant, MINE).await;
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let workflow = workflow.parse().expect("an id");
        let workflow: domain::ApprovalWorkflow = platform.table().get(&grant, workflow).await.expect("a workflow");
        let requester = if tenant.organization == self.ours.organization { person.user } else { self.stranger.user };
        let asking = domain::approval::Asking {
            id: domain::ApprovalId::at(now, platform.random()),
            organization: tenant.organization,
            branch: tenant.branch,
            requester,
            lead: None,
            title: "A discount".parse().expect("a title"),
            reason: None,
            data: domain::CustomFields::default(),
        };
        let change = domain::ApprovalRequest::ask(asking, &workflow, &[requester], now);
        platform.commit_approval(&grant, change).await.expect("a request").id.to_string()
    }

    /// A service level; one to look at is the same each time, as an organization has few.
    async fn level(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
        let known = self.levels.lock().expect("no test panicked here").get(&tenant.organization).cloned();
        if let (Subject::SlaPolicy, Some(known)) = (subject, known) {
            return known;
        }
        let targets = json!([{"target": "first_response", "within": 60}, {"target": "resolution", "within": 60}]);
        let body = json!({"name": format!("{word} level"), "targets": targets});
        let id = text(&self.to("automation", Ask::post("/sla-policies", body).by(by)).await.data(201)["id"]);
        match subject {
            Subject::SlaPolicy => {
                self.clocks(&id, by, tenant, word).await;
                let mut known = self.levels.lock().expect("no test panicked here");
                known.insert(tenant.organization, id.clone());
            }
            Subject::DeletedSlaPolicy => {
                self.to("automation", Ask::delete(format!("/sla-policies/{id}")).by(by)).await.expect(200);
            }
            _ => {}
        }
        id
    }

    /// Its clocks, of a lead of an administrator's.
    async fn clocks(&self, level: &str, by: &Person, tenant: &Tenant, word: &str) {
        let lead = self.lead(by, tenant.branch, Some(by), word).await;
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let table = platform.table();
        let policy: domain::SlaPolicy = table.get(&grant, level.parse().expect("an id")).await.expect("a level");
        let lead: domain::Lead = table.get(&grant, lead.parse().expect("an id")).await.expect("a lead");
        let calendar = platform.calendar(&grant).await.expect("business hours");
        for target in &policy.targets {
            let id = platform.sla_clock_id(policy.id, target.kind, lead.id);
            let starting =
                domain::sla::Starting { id, organization: tenant.organization, at: now, calendar: &calendar, now };
            let of = domain::sla::Of { policy: &policy, target, lead: &lead };
            table.commit(&grant, domain::SlaClock::start(of, starting)).await.expect("a clock");
        }
    }

    /// A run of the automation to look at, about a lead.
    async fn run(&self, by: &Person, tenant: &Tenant, lead: &str, word: &str) -> String {
        let workflow = self.workflow(Subject::Workflow, by, tenant, word).await;
        let path = format!("/automation/workflows/{workflow}/execute");
        let body = json!({"trigger_data": {"lead_id": lead}});
        text(&self.to("automation", Ask::post(path, body).by(by)).await.data(201)["id"])
    }

    /// Somebody who works leads: themselves, where they do.
    async fn agent(&self, tenant: &Tenant, branch: BranchId, place: Place, person: &Person) -> String {
        let user = match place {
            Place::OtherBranch => self.colleague.user,
            Place::Own if person.claims.role.parse().is_ok_and(Role::works_leads) => person.user,
            _ => self.world.a_person(tenant, Role::Agent, branch).await.user,
        };
        user.to_string()
    }

    /// Something that somebody did, as their frontend told it; an administrator's where they may not tell.
    async fn analytics_event(
        &self,
        by: &Person,
        place: Place,
        branch: BranchId,
        owner: Option<&Person>,
        word: &str,
    ) -> String {
        let of = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        let body = json!({"event_type": "page_view", "event_name": word, "user_id": of.user, "branch_id": branch});
        text(&self.to("analytics", Ask::post("/analytics/events", body).by(by)).await.data(201)["id"])
    }

    /// Something that somebody was told.
    async fn notification(&self, by: &Person, place: Place, owner: Option<&Person>, word: &str) -> String {
        let of = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        let body = json!({"title": format!("{word} notification"), "message": "Look at it.", "user_id": of.user});
        text(&self.to("notifications", Ask::post("/notifications", body).by(by)).await.data(201)["id"])
    }

    async fn device(&self, by: &Person, place: Place, owner: Option<&Person>, word: &str) -> String {
        let of = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        let subscription = standins::Push::subscription(&format!("device{number}"));
        let body = json!({"endpoint": subscription.endpoint, "keys": subscription.keys, "label": word});
        text(&self.to("notifications", Ask::post("/devices", body).by(of)).await.data(201)["id"])
    }

    /// A notification to many. Whoever may send none sees none either; the administrator's then is as good.
    async fn broadcast(&self, by: &Person, owner: Option<&Person>, word: &str) -> String {
        let by = owner.filter(|person| person.claims.role.parse().is_ok_and(may_broadcast)).unwrap_or(by);
        let body = json!({"title": format!("{word} broadcast"), "message": "Look at it."});
        text(&self.to("notifications", Ask::post("/notifications/system", body).by(by)).await.data(202)["id"])
    }

    /// Something that happened around signing in, as the store keeps it.
    async fn security_event(&self, tenant: &Tenant, by: &Person) -> domain::SecurityEvent {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::SecurityEventId::at(now, platform.random());
        let (device, kind) = (domain::session::Device::default(), domain::SecurityKind::RefreshReused);
        let event = domain::SecurityEvent::new(id, tenant.organization, kind, &device, now).about(by.user);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit(&grant, event.happened()).await.expect("an event can be made")
    }

    /// What somebody should look at in it.
    async fn suspicious_activity(&self, tenant: &Tenant, by: &Person) -> String {
        use domain::suspicious::{Suspect, SuspiciousKind, find, hour_of};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let event = self.security_event(tenant, by).await;
        let kind = SuspiciousKind::RefreshReused;
        let finding = find(kind, &Suspect::User(by.user), hour_of(now), &[event]).expect("it looks wrong");
        let id = domain::SuspiciousActivityId::at(now, platform.random());
        let change = domain::SuspiciousActivity::found(id, tenant.organization, finding, now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit(&grant, change).await.expect("an activity can be made");
        id.to_string()
    }

    /// A template of messages, of two versions.
    async fn message_template(&self, subject: Subject, by: &Person, word: &str) -> String {
        let name = format!("{word} {}", self.number());
        let body = json!({"name": name, "channel": "email", "subject": "Hello", "body": "First"});
        let id = text(&self.to("communications", Ask::post("/templates", body).by(by)).await.data(201)["id"]);
        let path = format!("/templates/{id}");
        self.to("communications", Ask::put(&path, json!({"body": "Second"})).by(by)).await.expect(200);
        match subject {
            Subject::MessageTemplateVersion => return format!("{id} 1"),
            Subject::DeletedMessageTemplate => {
                self.to("communications", Ask::delete(&path).by(by)).await.expect(200);
            }
            _ => {}
        }
        id
    }

    /// What a lead of this branch agreed to.
    async fn consent(&self, by: &Person, branch: BranchId, owner: Option<&Person>, word: &str) -> String {
        let lead = json!({
            "full_name": format!("{word} Lead"), "branch_id": branch, "assigned_to": owner.map(|person| person.user),
            "email": format!("{}_{}@example.com", word.to_lowercase(), self.number()),
        });
        let lead = text(&self.to("leads", Ask::post("/leads", lead).by(by)).await.data(201)["id"]);
        let body = json!({
            "lead_id": lead, "channel": "email", "purpose": "marketing", "state": "granted", "source": word,
        });
        text(&self.to("communications", Ask::post("/consents", body).by(by)).await.data(201)["id"])
    }

    /// A lead of this branch.
    pub(super) async fn lead(&self, by: &Person, branch: BranchId, owner: Option<&Person>, word: &str) -> String {
        let body = json!({
            "full_name": format!("{word} Lead {}", self.number()), "branch_id": branch,
            "assigned_to": owner.map(|person| person.user),
        });
        text(&self.to("leads", Ask::post("/leads", body).by(by)).await.data(201)["id"])
    }

    /// Lets somebody wait to be let in.
    async fn wait(&self, tenant: &Tenant, user: domain::UserId) {
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let seats = domain::Seats::id_of(tenant.organization);
        let seats: domain::Seats = table.get_to_change(&grant, seats).await.expect("seats");
        let member: Membership = table.get_to_change(&grant, Membership::id_of(user)).await.expect("a member");
        let change = member.decide(domain::MemberStatus::Pending, None, "membership.updated", now);
        let (before, after) = (change.before.as_ref(), Some(&change.after));
        let seats = seats.change(before, after, domain::Plan::Enterprise, now).expect("a seat");
        let mut transaction = table.transaction();
        transaction.push(&grant, seats).expect("a change");
        transaction.push(&grant, change).expect("a change");
        transaction.commit().await.expect("somebody can wait");
    }

    /// Somebody's sign-in on another device.
    async fn session(&self, tenant: &Tenant, whose: &Person) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::SessionId::at(now, platform.random());
        let opening = domain::session::Opening {
            organization: tenant.organization,
            user: whose.user,
            device: domain::session::Device::default(),
            remember: true,
            proofs: vec![domain::session::Proof::Password],
            must: None,
            second_factor_due_at: None,
        };
        let session = domain::Session::open(id, opening, "salt".to_owned(), now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let opened = domain::Change::create(session, "session.opened");
        platform.table().commit(&grant, opened).await.expect("a session can be made");
        id.to_string()
    }

    /// A key of somebody's machine, as the store keeps it.
    async fn api_key(&self, tenant: &Tenant, owner: &Person, word: &str) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::ApiKeyId::at(now, platform.random());
        let key = domain::ApiKey {
            meta: domain::Meta::new(tenant.organization, now),
            id,
            name: format!("{word} key"),
            user: owner.user,
            scopes: [domain::Permission::LeadsRead].into_iter().collect(),
            reach: domain::RowReach::Own,
            branches: Vec::new(),
            requests_per_hour: 1_000,
            secret_hash: String::new(),
            prefix: String::new(),
            previous: None,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let made = domain::Change::create(key, "api_key.created");
        platform.table().commit(&grant, made).await.expect("a key can be made");
        id.to_string()
    }

    /// A form of this branch.
    async fn form(
        &self,
        by: &Person,
        branch: BranchId,
        referrer: Option<&Person>,
        word: &str,
        deleted: bool,
    ) -> String {
        let body = json!({
            "name": format!("{word} form"), "source": "Website", "branch_id": branch,
            "referrer": referrer.map(|person| person.user),
        });
        let id = text(&self.to("organization", Ask::post("/forms", body).by(by)).await.data(201)["id"]);
        if deleted {
            self.to("organization", Ask::delete(format!("/forms/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A call, a reminder or a note of somebody's about a lead.
    async fn activity(
        &self,
        subject: Subject,
        (by, tenant, branch): (&Person, &Tenant, BranchId),
        whose: &Person,
        lead: &str,
        word: &str,
    ) -> String {
        let (path, body) = match subject {
            Subject::Note | Subject::DeletedNote => {
                return self.note(tenant, branch, whose, lead, word, subject == Subject::DeletedNote).await;
            }
            Subject::Communication | Subject::DeletedCommunication => {
                let deleted = subject == Subject::DeletedCommunication;
                return self.communication(tenant, branch, whose, lead, word, deleted).await;
            }
            Subject::Reminder | Subject::DeletedReminder => {
                let due_at = self.world.platform.now() + jiff::SignedDuration::from_mins(30);
                ("/reminders", json!({"lead_id": lead, "agentId": whose.user, "title": word, "due_at": due_at}))
            }
            _ => {
                let body = json!({"lead_id": lead, "agentId": whose.user, "notes": word, "phone": "9876543210"});
                ("/calls", body)
            }
        };
        let id = text(&self.to("activities", Ask::post(path, body).by(by)).await.data(201)["id"]);
        if matches!(subject, Subject::DeletedCall | Subject::DeletedReminder) {
            self.to("activities", Ask::delete(format!("{path}/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A note about a lead, as the store keeps it.
    async fn note(
        &self,
        tenant: &Tenant,
        branch: BranchId,
        author: &Person,
        lead: &str,
        word: &str,
        deleted: bool,
    ) -> String {
        use domain::note::{NoteDetails, Writing};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let details = NoteDetails {
            content: word.parse().expect("a text"),
            note_type: None,
            priority: None,
            is_private: false,
            tags: domain::Tags::default(),
            mentions: Vec::new(),
            reminder: None,
        };
        let writing = Writing {
            id: domain::NoteId::at(now, platform.random()),
            organization: tenant.organization,
            branch,
            author: author.user,
            entity: lead.parse().expect("a lead's id"),
            now,
        };
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let change = domain::EntityNote::create(details, writing);
        let note = platform.table().commit(&grant, change).await.expect("a note can be made");
        if deleted {
            platform.table().commit(&grant, note.clone().delete(now)).await.expect("a note can be deleted");
        }
        note.id.to_string()
    }

    /// The later of two letters to a lead.
    async fn communication(
        &self,
        tenant: &Tenant,
        branch: BranchId,
        whose: &Person,
        lead: &str,
        word: &str,
        deleted: bool,
    ) -> String {
        use domain::communication::{CommunicationDetails, Placing};
        use domain::{Communication, CommunicationType, ContactPurpose};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let say = async || {
            let content = Some(word.parse().expect("a text"));
            let details = CommunicationDetails::outbound(CommunicationType::Letter, ContactPurpose::Service, content);
            let placing = Placing {
                id: domain::CommunicationId::at(now, platform.random()),
                organization: tenant.organization,
                branch,
                user: whose.user,
                lead: Some(lead.parse().expect("a lead's id")),
                contact: None,
                now,
            };
            platform.table().commit(&grant, Communication::log(details, placing)).await.expect("it is said")
        };
        say().await;
        let said = say().await;
        if deleted {
            platform.table().commit(&grant, said.clone().delete(now)).await.expect("it can be deleted");
        }
        said.id.to_string()
    }

    /// An import into this branch, as the store keeps it.
    async fn job(&self, tenant: &Tenant, branch: BranchId, owner: &Person, word: &str) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::JobId::at(now, platform.random());
        let hash = format!("{:064}", self.number());
        let job = domain::Job::import(
            id,
            tenant.organization,
            Some(owner.user),
            branch,
            format!("{word}.csv"),
            hash,
            domain::job::ImportOptions::default(),
            now,
        );
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit(&grant, domain::Change::create(job, "job.queued")).await.expect("a job can be made");
        id.to_string()
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
        Subject::Integration | Subject::SpentIntegration | Subject::DeletedIntegration => {
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
