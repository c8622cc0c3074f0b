//! Somebody asks, others decide, step by step.

use domain::{Change, Membership, Role, RowReach};
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::Faults;
use testkit::{Answer, Ask, Person, World};

use crate::support::{Desk, text};

/// An agent who asks, two managers who decide, and a workflow whose first step needs all of its approvers.
struct Floor {
    desk: Desk,
    agent: Person,
    one: Person,
    other: Person,
}

impl Floor {
    async fn new() -> Self {
        Self::of(World::new().await).await
    }

    async fn of(world: World) -> Self {
        let desk = Desk::of(world).await;
        let (agent, one, other) =
            (desk.person(Role::Agent).await, desk.person(Role::Manager).await, desk.person(Role::Manager).await);
        Self { desk, agent, one, other }
    }

    async fn workflow(&self, steps: Value) -> String {
        let body = json!({"name": "Discounts", "steps": steps});
        text(&self.desk.ask(Ask::post("/v1/approval-workflows", body)).await.data(201)["id"])
    }

    async fn by(&self, person: &Person, ask: Ask) -> Answer {
        ask.by(person).of(&self.desk.router).await
    }

    /// A request of the agent's by these steps.
    async fn asked(&self, steps: Value) -> Value {
        let workflow = self.workflow(steps).await;
        let body = json!({"workflow_id": workflow, "title": "A discount of 20 %", "data": {"percent": 20}});
        self.by(&self.agent, Ask::post("/v1/approvals", body)).await.data(201)
    }

    async fn decide(&self, person: &Person, request: &Value, verb: &str, body: Value) -> Answer {
        self.by(person, Ask::post(format!("/v1/approvals/{}/{verb}", text(&request["id"])), body)).await
    }

    /// The ids of what somebody has to decide.
    async fn to_decide(&self, person: &Person) -> Vec<Value> {
        let page = self.by(person, Ask::get("/v1/approvals?role=approver")).await.data(200);
        page["approvals"].as_array().expect("a list").iter().map(|request| request["id"].clone()).collect()
    }

    async fn read(&self, request: &Value) -> Value {
        self.by(&self.agent, Ask::get(format!("/v1/approvals/{}", text(&request["id"])))).await.data(200)
    }

    /// The kinds of a request's events, the first one first.
    async fn events(&self, request: &Value) -> Vec<String> {
        let mut kinds = Vec::new();
        for image in self.desk.world.stream().await {
            let Some(image) = store::StreamImage::from_stream(&image) else { continue };
            let Some(event) = image.new_event(self.desk.world.platform.table().keys()) else { continue };
            let event = event.expect("an event");
            if json!(event.subject) == request["id"] {
                kinds.push(event.kind);
            }
        }
        kinds
    }
}

/// Both managers, then the administrator.
fn two_steps(floor: &Floor) -> Value {
    json!([
        {"name": "Managers", "approvers": ["role:manager"], "needs": "all"},
        {"name": "Head", "approvers": [floor.desk.admin.user]},
    ])
}

#[tokio::test]
async fn a_request_goes_from_step_to_step_and_each_has_their_list() {
    let floor = Floor::new().await;
    let request = floor.asked(two_steps(&floor)).await;
    assert_eq!((&request["state"], &request["current_step"]), (&json!("pending"), &json!(0)));
    assert_eq!(request["pending_approvers"], json!([floor.one.user, floor.other.user]));
    for manager in [&floor.one, &floor.other] {
        assert_eq!(floor.to_decide(manager).await, [request["id"].clone()]);
    }
    assert!(floor.to_decide(&floor.desk.admin).await.is_empty());
    let after = floor.decide(&floor.one, &request, "approve", json!({"comment": "Fine"})).await.data(200);
    assert_eq!((&after["current_step"], &after["mine_to_decide"]), (&json!(0), &json!(false)));
    assert!(floor.to_decide(&floor.one).await.is_empty());
    let twice = floor.decide(&floor.one, &request, "approve", json!({})).await;
    assert_eq!(twice.expect(409).json()["code"], "already_decided");
    let after = floor.decide(&floor.other, &request, "approve", json!({})).await.data(200);
    assert_eq!((&after["current_step"], &after["pending_approvers"]), (&json!(1), &json!([floor.desk.admin.user])));
    assert!(floor.to_decide(&floor.other).await.is_empty());
    assert_eq!(floor.to_decide(&floor.desk.admin).await, [request["id"].clone()]);
    let after = floor.decide(&floor.desk.admin, &request, "approve", json!({})).await.data(200);
    assert_eq!((&after["state"], &after["pending_approvers"]), (&json!("approved"), &json!([])));
    assert_eq!(after["decisions"].as_array().map(Vec::len), Some(3));
    assert_eq!(after["decisions"][0]["comment"], "Fine");
    assert!(floor.to_decide(&floor.desk.admin).await.is_empty());
    for verb in ["approve", "cancel"] {
        let late = floor.decide(&floor.desk.admin, &request, verb, json!({})).await;
        assert_eq!(late.expect(409).json()["code"], "already_decided");
    }
    let expected = ["approval.requested", "approval.decided", "approval.step_started", "approval.approved"];
    assert_eq!(floor.events(&request).await, expected);
}

#[tokio::test]
async fn a_rejection_says_why_and_a_request_can_be_taken_back() {
    let floor = Floor::new().await;
    let request = floor.asked(two_steps(&floor)).await;
    let silent = floor.decide(&floor.one, &request, "reject", json!({})).await;
    assert_eq!(silent.expect(422).wrong(), [("comment".to_owned(), "required".to_owned())]);
    let after = floor.decide(&floor.one, &request, "reject", json!({"comment": "Too much"})).await.data(200);
    assert_eq!(after["state"], "rejected");
    assert!(floor.to_decide(&floor.other).await.is_empty());
    let request = floor.asked(two_steps(&floor)).await;
    let colleague = floor.desk.person(Role::Agent).await;
    floor.decide(&colleague, &request, "cancel", json!({})).await.expect(404);
    let after = floor.decide(&floor.agent, &request, "cancel", json!({})).await.data(200);
    assert_eq!(after["state"], "cancelled");
    let request = floor.asked(two_steps(&floor)).await;
    let after = floor.decide(&floor.desk.admin, &request, "cancel", json!({"comment": "Old"})).await.data(200);
    assert_eq!(after["state"], "cancelled", "who writes workflows may too");
}

#[tokio::test]
async fn nobody_decides_their_own_unless_it_is_allowed() {
    let floor = Floor::new().await;
    let steps = json!([{"name": "Managers", "approvers": ["role:manager"]}]);
    let workflow = floor.workflow(steps).await;
    let body = json!({"workflow_id": workflow, "title": "A new desk"});
    let request = floor.by(&floor.one, Ask::post("/v1/approvals", body.clone())).await.data(201);
    assert_eq!(request["pending_approvers"], json!([floor.other.user]));
    let own = floor.decide(&floor.one, &request, "approve", json!({})).await;
    assert_eq!(own.expect(403).json()["code"], "own_request");
    let path = format!("/v1/approval-workflows/{workflow}");
    floor.desk.ask(Ask::put(path, json!({"allow_self": true}))).await.expect(200);
    let own = floor.decide(&floor.one, &request, "approve", json!({})).await;
    assert_eq!(own.expect(403).json()["code"], "own_request", "it goes by what was");
    let request = floor.by(&floor.one, Ask::post("/v1/approvals", body)).await.data(201);
    let after = floor.decide(&floor.one, &request, "approve", json!({})).await.data(200);
    assert_eq!(after["state"], "approved");
}

#[tokio::test]
async fn a_manager_is_that_of_whoever_asks_and_administrators_stand_in_for_nobody() {
    let floor = Floor::new().await;
    let steps = json!([{"name": "Manager", "approvers": ["manager"]}]);
    let request = floor.asked(steps.clone()).await;
    assert_eq!(request["pending_approvers"], json!([floor.desk.admin.user]), "the agent has no manager");
    let grant = domain::Caller::system(floor.desk.tenant.organization, "test").own();
    let table = floor.desk.world.platform.table();
    let id = Membership::id_of(floor.agent.user);
    let before: Membership = table.get_to_change(&grant, id).await.expect("a member");
    let after = Membership { manager: Some(floor.other.user), ..before.clone() };
    table.commit(&grant, Change::update(before, after, "membership.updated")).await.expect("it");
    let request = floor.asked(steps).await;
    assert_eq!(request["pending_approvers"], json!([floor.other.user]));
    let alone = floor.workflow(json!([{"name": "Head", "approvers": ["role:admin"]}])).await;
    let body = json!({"workflow_id": alone, "title": "A rise"});
    let nobody = floor.desk.ask(Ask::post("/v1/approvals", body)).await;
    assert_eq!(nobody.expect(409).json()["code"], "no_approver");
}

#[tokio::test]
async fn a_step_is_handed_on_to_somebody_who_sees_it_from_then_on() {
    let floor = Floor::new().await;
    let request = floor.asked(two_steps(&floor)).await;
    let deputy = floor.desk.person(Role::Viewer).await;
    let path = format!("/v1/approvals/{}", text(&request["id"]));
    floor.by(&deputy, Ask::get(&path)).await.expect(404);
    let (_, stranger) = floor.desk.world.an_admin().await;
    for (to, code) in [
        (json!(stranger.user), "unknown_user"),
        (json!(floor.agent.user), "not_eligible"),
        (json!(floor.other.user), "not_eligible"),
    ] {
        let refused = floor.decide(&floor.one, &request, "delegate", json!({"to": to})).await;
        assert_eq!(refused.expect(422).wrong(), [("to".to_owned(), code.to_owned())]);
    }
    floor.decide(&floor.one, &request, "delegate", json!({"to": deputy.user, "comment": "On leave"})).await.expect(200);
    assert!(floor.to_decide(&floor.one).await.is_empty());
    assert_eq!(floor.to_decide(&deputy).await, [request["id"].clone()]);
    floor.by(&deputy, Ask::get(&path)).await.expect(200);
    floor.by(&floor.one, Ask::get(&path)).await.expect(200);
    let late = floor.decide(&floor.one, &request, "approve", json!({})).await;
    assert_eq!(late.expect(409).json()["code"], "already_decided");
    floor.decide(&deputy, &request, "approve", json!({})).await.expect(200);
}

#[tokio::test]
async fn others_see_and_decide_nothing() {
    let floor = Floor::new().await;
    let (desk, world) = (&floor.desk, &floor.desk.world);
    let request = floor.asked(two_steps(&floor)).await;
    let elsewhere = world.a_person(&desk.tenant, Role::Manager, desk.tenant.other_branch).await;
    let (_, stranger) = world.an_admin().await;
    let colleague = desk.person(Role::Agent).await;
    let lacking = desk.person(Role::PartnerUser).await;
    let path = format!("/v1/approvals/{}", text(&request["id"]));
    for person in [&elsewhere, &stranger, &colleague, &lacking] {
        floor.by(person, Ask::get(&path)).await.expect(404);
        for verb in ["approve", "reject", "cancel", "delegate"] {
            let body = json!({"comment": "Mine", "to": desk.admin.user});
            floor.decide(person, &request, verb, body).await.expect(404);
        }
        for query in ["", "?state=pending", "?role=approver", "?role=requester"] {
            let page = floor.by(person, Ask::get(format!("/v1/approvals{query}"))).await.data(200);
            assert_eq!(page["approvals"], json!([]), "{query}");
        }
    }
    floor.by(&lacking, Ask::post("/v1/approvals", json!({}))).await.expect(403);
    // Who reaches it sees it, and still decides nothing of it.
    let overseer =
        world.a_person_reaching(&desk.tenant, Role::Viewer, desk.tenant.branch, Some(RowReach::Branch)).await;
    floor.by(&overseer, Ask::get(&path)).await.expect(200);
    let refused = floor.decide(&overseer, &request, "approve", json!({})).await;
    assert_eq!(refused.expect(403).json()["code"], "not_an_approver");
    let refused = floor.decide(&overseer, &request, "cancel", json!({})).await;
    assert_eq!(refused.expect(403).json()["code"], "not_the_requester");
    for (person, query) in [
        (&overseer, ""),
        (&overseer, "?state=pending"),
        (&floor.agent, "?role=requester"),
        (&floor.agent, ""),
        (&desk.admin, "?state=pending"),
    ] {
        let page = floor.by(person, Ask::get(format!("/v1/approvals{query}"))).await.data(200);
        assert_eq!(page["approvals"][0]["id"], request["id"], "{query}");
    }
    let over = floor.by(&floor.agent, Ask::get("/v1/approvals?role=requester&state=approved")).await.data(200);
    assert_eq!(over["approvals"], json!([]));
    let wrong = floor.by(&floor.agent, Ask::get("/v1/approvals?role=king&state=tired")).await;
    let expected = [("state", "unknown_approval_state"), ("role", "unknown_role")];
    assert_eq!(wrong.expect(422).wrong(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn what_a_request_names_must_be_there_and_in_reach() {
    let floor = Floor::new().await;
    let workflow = floor.workflow(two_steps(&floor)).await;
    let lead = floor.desk.lead(json!({})).await;
    let nothing = json!({"title": "x".repeat(121), "lead_id": 5, "data": {" padded": 1}});
    let wrong = floor.by(&floor.agent, Ask::post("/v1/approvals", nothing)).await;
    let expected = [
        ("workflow_id", "required"),
        ("title", "too_long"),
        ("lead_id", "not_text"),
        ("data. padded", "malformed_key"),
    ];
    assert_eq!(wrong.expect(422).wrong(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let body = json!({"workflow_id": workflow, "title": "A discount", "lead_id": lead});
    let wrong = floor.by(&floor.agent, Ask::post("/v1/approvals", body.clone())).await;
    assert_eq!(wrong.expect(422).wrong(), [("lead_id".to_owned(), "unknown_lead".to_owned())], "another's lead");
    let made = floor.desk.ask(Ask::post("/v1/approvals", body.clone())).await.data(201);
    assert_eq!(made["lead_id"], json!(lead));
    floor.desk.ask(Ask::put(format!("/v1/approval-workflows/{workflow}"), json!({"enabled": false}))).await.expect(200);
    let disabled = floor.desk.ask(Ask::post("/v1/approvals", body.clone())).await;
    assert_eq!(disabled.expect(409).json()["code"], "disabled");
    floor.desk.ask(Ask::delete(format!("/v1/approval-workflows/{workflow}"))).await.expect(200);
    let gone = floor.desk.ask(Ask::post("/v1/approvals", body)).await;
    assert_eq!(gone.expect(422).wrong(), [("workflow_id".to_owned(), "unknown_workflow".to_owned())]);
    // What was asked for goes on without it.
    floor.decide(&floor.one, &made, "approve", json!({})).await.expect(200);
}

#[tokio::test]
async fn those_who_decide_at_once_all_count_or_are_told_that_they_were_too_late() {
    let floor = Floor::new().await;
    for _ in 0..5 {
        let request = floor.asked(two_steps(&floor)).await;
        let (a, b) = tokio::join!(
            floor.decide(&floor.one, &request, "approve", json!({})),
            floor.decide(&floor.other, &request, "approve", json!({})),
        );
        assert_eq!((a.status.as_u16(), b.status.as_u16()), (200, 200), "both are needed");
        let read = floor.read(&request).await;
        assert_eq!((&read["current_step"], read["decisions"].as_array().map(Vec::len)), (&json!(1), Some(2)));

        let request = floor.asked(json!([{"name": "Any", "approvers": ["role:manager"]}])).await;
        let (a, b) = tokio::join!(
            floor.decide(&floor.one, &request, "approve", json!({})),
            floor.decide(&floor.other, &request, "reject", json!({"comment": "No"})),
        );
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "one is enough");
        let read = floor.read(&request).await;
        let expected = if a.status == 200 { "approved" } else { "rejected" };
        assert_eq!((&read["state"], read["decisions"].as_array().map(Vec::len)), (&json!(expected), Some(1)));
        let (a, b) = tokio::join!(
            floor.decide(&floor.one, &request, "approve", json!({})),
            floor.decide(&floor.one, &request, "approve", json!({})),
        );
        assert_eq!((a.status.as_u16(), b.status.as_u16()), (409, 409));
    }
    for manager in [&floor.one, &floor.other] {
        assert!(floor.to_decide(manager).await.is_empty());
    }
}

/// Both managers approve where the function dies before or after one of its writes, and ask again.
async fn dying(faults: impl FnOnce(u64) -> Faults, write: u64) -> u64 {
    // The writes that set the floor up come first.
    let counting = Faults::counting();
    let floor = Floor::of(World::with_faults(counting.clone()).await).await;
    floor.asked(two_steps(&floor)).await;
    let before = counting.writes();

    let faults = faults(before + write);
    let floor = Floor::of(World::with_faults(faults.clone()).await).await;
    let request = floor.asked(two_steps(&floor)).await;
    for manager in [&floor.one, &floor.other] {
        let answer = floor.decide(manager, &request, "approve", json!({})).await;
        faults.revive();
        if answer.status != 200 {
            let again = floor.decide(manager, &request, "approve", json!({})).await;
            assert!(matches!(again.status.as_u16(), 200 | 409), "{}", again.json());
        }
    }
    let read = floor.read(&request).await;
    assert_eq!((&read["current_step"], read["decisions"].as_array().map(Vec::len)), (&json!(1), Some(2)));
    assert_eq!(floor.to_decide(&floor.desk.admin).await, [request["id"].clone()]);
    for manager in [&floor.one, &floor.other] {
        assert!(floor.to_decide(manager).await.is_empty());
    }
    let expected = ["approval.requested", "approval.decided", "approval.step_started"];
    assert_eq!(floor.events(&request).await, expected);
    faults.writes() - before
}

#[tokio::test]
async fn whichever_write_a_decision_dies_at_it_counts_once() {
    let writes = Box::pin(dying(|_| Faults::counting(), 0)).await;
    assert!(writes >= 2);
    for write in 1..=writes {
        Box::pin(dying(Faults::crash_before_write, write)).await;
        Box::pin(dying(Faults::crash_after_write, write)).await;
    }
}

#[tokio::test]
async fn a_whole_step_of_forty_moves_to_another_in_one_write() {
    let floor = Floor::new().await;
    let mut counselors = Vec::new();
    for _ in 0..45 {
        counselors.push(floor.desk.person(Role::Counselor).await);
    }
    let steps = json!([
        {"name": "First", "approvers": ["role:counselor"]}, {"name": "Second", "approvers": ["role:counselor"], "needs": "all"},
    ]);
    let request = floor.asked(steps).await;
    assert_eq!(request["pending_approvers"].as_array().map(Vec::len), Some(40));
    let named = request["pending_approvers"].as_array().expect("approvers").clone();
    let (approvers, others): (Vec<&Person>, Vec<&Person>) =
        counselors.iter().partition(|counselor| named.contains(&json!(counselor.user)));
    let after = floor.decide(approvers[0], &request, "approve", json!({})).await.data(200);
    assert_eq!((&after["current_step"], after["pending_approvers"].as_array().map(Vec::len)), (&json!(1), Some(40)));
    assert_eq!(floor.to_decide(approvers[39]).await.len(), 1);
    floor.decide(others[0], &request, "approve", json!({})).await.expect(404);
}

#[tokio::test]
async fn what_follows_an_approval_is_any_automation() {
    let floor = Floor::new().await;
    let desk = &floor.desk;
    let mut automations = Vec::new();
    for trigger in ["approval.approved", "approval_rejected"] {
        let actions = json!([{"type": "create_reminder", "title": "Go on", "due_in_minutes": 30}]);
        automations.push(desk.made(json!({"name": "Next", "trigger": trigger, "actions": actions})).await);
    }
    let workflow = floor.workflow(json!([{"name": "Any", "approvers": ["role:manager"]}])).await;
    let lead = desk.lead(json!({})).await;
    desk.follow().await;
    desk.world.clock.advance(SignedDuration::from_mins(1));
    let body = json!({"workflow_id": workflow, "title": "A discount", "lead_id": lead});
    let request = desk.ask(Ask::post("/v1/approvals", body)).await.data(201);
    floor.decide(&floor.one, &request, "approve", json!({})).await.expect(200);
    // One that is about no lead sets nothing going.
    let other = floor.asked(json!([{"name": "Any", "approvers": ["role:manager"]}])).await;
    floor.decide(&floor.one, &other, "reject", json!({"comment": "No"})).await.expect(200);
    desk.follow().await;
    let runs = async |id: &str| desk.ask(Ask::get(format!("/v1/automation/{id}/runs"))).await.data(200)["runs"].clone();
    let begun = runs(&automations[0]).await;
    assert_eq!(begun.as_array().map(Vec::len), Some(1));
    assert_eq!((&begun[0]["subject"]["id"], &begun[0]["event"]["type"]), (&json!(lead), &json!("approval.approved")));
    assert_eq!(runs(&automations[1]).await, json!([]));
}
