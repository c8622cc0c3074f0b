//! What runs by itself: automations, their runs, and what happened.

use domain::BranchId;
use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, text};
use crate::access::rows::Subject;

impl House {
    /// A template, an automation or one of its runs.
    pub(super) async fn automation(
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

    /// An automation; one to look at is the same each time, as an organization has few.
    pub(super) async fn workflow(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
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

    /// A run of the automation to look at, about a lead.
    pub(super) async fn run(&self, by: &Person, tenant: &Tenant, lead: &str, word: &str) -> String {
        let workflow = self.workflow(Subject::Workflow, by, tenant, word).await;
        let path = format!("/automation/workflows/{workflow}/execute");
        let body = json!({"trigger_data": {"lead_id": lead}});
        text(&self.to("automation", Ask::post(path, body).by(by)).await.data(201)["id"])
    }

    /// What happened to a lead, as it lies in the log.
    pub(super) async fn event(&self, tenant: &Tenant, by: &Person, branch: BranchId, word: &str) -> String {
        let lead = self.lead(by, branch, None, word).await;
        let grant = domain::Caller::system(tenant.organization, "test").own();
        self.world.settle().await;
        let created = self.world.platform.table().event_at(&grant, &lead, 1).await.expect("its creation");
        created.id.to_string()
    }
}
