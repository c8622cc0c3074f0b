//! An approval over the whole platform: asked for on the floor, let pass by one, escalated, approved, and followed by an
//! automation; and a rule that tells a role of what comes in.

use jiff::SignedDuration;
use local::{Local, Options};
use serde_json::{Value, json};

use crate::caller::HttpCaller;

const PASSWORD: &str = "correct horse battery";

struct Office {
    local: Local,
    owner: HttpCaller,
    branch: Value,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Office {
    async fn open() -> Self {
        let local = Local::start(Options::default()).await.expect("the platform starts");
        let mut owner = HttpCaller::of(&local.base_url);
        let owners = json!({
            "organization_name": "Example Ltd", "first_name": "Asha", "email": "a_deciding_owner@example.com",
            "password": PASSWORD,
        });
        owner.sign_in(&owner.post("/v1/auth/register", owners).await.data(201));
        let branch = owner.get("/v1/branches").await.data(200)["branches"][0]["id"].clone();
        Self { local, owner, branch }
    }

    /// Somebody new of a role, signed in, with their id.
    async fn joins(&self, name: &str, role: &str) -> (HttpCaller, String) {
        let email = format!("{}@example.com", name.to_lowercase());
        let person = json!({
            "email": email, "first_name": name, "password": PASSWORD, "role": role, "branch_ids": [self.branch],
            "must_change_password": false,
        });
        let id = text(&self.owner.post("/v1/users", person).await.data(201)["id"]);
        (self.signed_in(&email).await, id)
    }

    async fn signed_in(&self, email: &str) -> HttpCaller {
        let mut caller = HttpCaller::of(&self.local.base_url);
        let login = json!({"email": email, "password": PASSWORD});
        caller.sign_in(&caller.post("/v1/auth/login", login).await.data(200));
        caller
    }

    async fn settle(&self) {
        self.local.idle().await.expect("what follows is done");
    }
}

/// How often somebody was told of this, by what their inbox says.
async fn told(caller: &HttpCaller, words: &str) -> usize {
    let inbox = caller.get("/v1/notifications?limit=200").await.data(200);
    let all = inbox["notifications"].as_array().expect("a list").iter();
    all.filter(|one| one["title"].as_str().is_some_and(|title| title.contains(words))).count()
}

async fn to_decide(caller: &HttpCaller) -> Vec<Value> {
    let page = caller.get("/v1/approvals?role=approver").await.data(200);
    page["approvals"].as_array().expect("a list").iter().map(|one| one["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_is_escalated_decided_and_followed() {
    let office = Office::open().await;
    let (manager, manager_id) = office.joins("Meera", "manager").await;
    let (deputy, deputy_id) = office.joins("Leela", "manager").await;
    let (agent, agent_id) = office.joins("Ravi", "agent").await;
    let rule = json!({
        "name": "New leads", "event": "lead_created", "to": ["role:manager"], "channels": ["in_app"],
        "title": "{{ name }} came in", "message": "See to it",
    });
    office.owner.post("/v1/notifications/rules", rule).await.data(201);
    let steps = json!([
        {"name": "The floor", "approvers": [manager_id], "needs": "any", "deadline_hours": 24,
         "on_deadline": "escalate", "escalate_to": [deputy_id]},
        {"name": "The house", "approvers": ["role:admin"], "needs": "any"},
    ]);
    let workflow = json!({"name": "Discounts", "steps": steps});
    let workflow = office.owner.post("/v1/approval-workflows", workflow).await.data(201)["id"].clone();
    let granted = json!({
        "name": "Granted", "trigger": "approval_approved",
        "actions": [{"type": "update_status", "status": "assessment", "reason": "The discount was granted"}],
    });
    office.owner.post("/v1/automation", granted).await.data(201);
    // Rules are followed from within half a minute on.
    office.local.clock.advance(SignedDuration::from_mins(1)).expect("forward");
    office.settle().await;

    let lead = json!({"full_name": "Kiran Example", "source": "Website", "assigned_to": agent_id});
    let lead = agent.post("/v1/leads", lead).await.data(201)["id"].clone();
    office.settle().await;
    for (caller, times) in [(&manager, 1), (&deputy, 1), (&agent, 0), (&office.owner, 0)] {
        assert_eq!(told(caller, "Kiran Example came in").await, times);
    }

    let asked = json!({"workflow_id": workflow, "title": "A discount of 20 %", "lead_id": lead});
    let request = agent.post("/v1/approvals", asked).await.data(201);
    let path = format!("/v1/approvals/{}", text(&request["id"]));
    office.settle().await;
    assert_eq!(to_decide(&manager).await, [request["id"].clone()]);
    assert!(to_decide(&deputy).await.is_empty());
    let before = told(&deputy, "").await;
    agent.post(&format!("{path}/approve"), json!({})).await.expect(403);

    // A day goes by, and nobody decides.
    office.local.clock.advance(SignedDuration::from_hours(25)).expect("forward");
    office.settle().await;
    let (manager, deputy) = (office.signed_in("meera@example.com").await, office.signed_in("leela@example.com").await);
    let owner = office.signed_in("a_deciding_owner@example.com").await;
    let agent = office.signed_in("ravi@example.com").await;
    assert!(to_decide(&manager).await.is_empty());
    assert_eq!(to_decide(&deputy).await, [request["id"].clone()]);
    assert_eq!(told(&deputy, "").await, before + 1, "of what was escalated");
    deputy.post(&format!("{path}/approve"), json!({"comment": "For this once"})).await.data(200);
    office.settle().await;
    assert_eq!(owner.get(&path).await.data(200)["current_step"], 1);
    assert_eq!(to_decide(&owner).await, [request["id"].clone()]);
    let lead_path = format!("/v1/leads/{}", text(&lead));
    assert_eq!(agent.get(&lead_path).await.data(200)["status"], "lead");
    owner.post(&format!("{path}/approve"), json!({})).await.data(200);
    office.settle().await;

    let ended = agent.get(&path).await.data(200);
    let verdicts: Vec<&str> =
        ended["decisions"].as_array().expect("a list").iter().filter_map(|one| one["verdict"].as_str()).collect();
    assert_eq!((&ended["state"], verdicts), (&json!("approved"), vec!["escalated", "approved", "approved"]));
    assert_eq!(agent.get(&lead_path).await.data(200)["status"], "assessment");
    assert!(to_decide(&owner).await.is_empty());
    owner.post(&format!("{path}/reject"), json!({"comment": "Too late"})).await.expect(409);
    office.local.shutdown().await;
}
