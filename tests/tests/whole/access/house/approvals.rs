//! What is decided, and in what time.

use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, MINE, text};
use crate::access::rows::Subject;

impl House {
    /// An approval workflow; one to look at is the same each time, as an organization has few.
    pub(super) async fn approval_workflow(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
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
    pub(super) async fn approval(&self, by: &Person, tenant: &Tenant, person: &Person) -> String {
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
    pub(super) async fn level(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
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
    pub(super) async fn clocks(&self, level: &str, by: &Person, tenant: &Tenant, word: &str) {
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
}
