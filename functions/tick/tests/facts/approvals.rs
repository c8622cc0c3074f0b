//! What is not decided in time goes on as its workflow says, once, whoever dies.

use domain::approval::{
    ApprovalState, ApprovalStep, ApprovalWorkflowDetails, Approver, Asking, Needs, OnDeadline, Verdict,
};
use domain::{
    ApprovalId, ApprovalRequest, ApprovalTask, ApprovalWorkflow, ApprovalWorkflowId, Caller, CustomFields, Grant, Role,
    Slot, UserId,
};
use jiff::SignedDuration;
use serde_json::Value;
use standins::Faults;
use store::ListQuery;
use testkit::{Tenant, World};

const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

struct Desk {
    world: World,
    tenant: Tenant,
    grant: Grant,
    agent: UserId,
    manager: UserId,
    head: UserId,
}

impl Desk {
    async fn of(world: World) -> Self {
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").own();
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await.user;
        let manager = world.a_person(&tenant, Role::Manager, tenant.branch).await.user;
        let head = world.a_person(&tenant, Role::Admin, tenant.branch).await.user;
        Self { world, tenant, grant, agent, manager, head }
    }

    /// A request whose first step the manager decides within an hour, and whose second the head.
    async fn a_request(&self, on_deadline: OnDeadline) -> ApprovalRequest {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let escalate_to = if on_deadline == OnDeadline::Escalate { vec![self.head] } else { Vec::new() };
        let step = |approver, deadline_hours, on_deadline, escalate_to| ApprovalStep {
            name: "Check".parse().expect("a name"),
            approvers: vec![approver],
            needs: Needs::All,
            deadline_hours,
            on_deadline,
            escalate_to,
        };
        let details = ApprovalWorkflowDetails {
            name: "Discounts".parse().expect("a name"),
            description: None,
            enabled: true,
            allow_self: false,
            steps: vec![
                step(Approver::Role(Role::Manager.into()), Some(1), on_deadline, escalate_to),
                step(Approver::User(self.head), None, OnDeadline::Remind, Vec::new()),
            ],
        };
        let id = ApprovalWorkflowId::at(now, platform.random());
        let workflow = ApprovalWorkflow::create(id, self.tenant.organization, details, now).expect("a workflow").after;
        let asking = Asking {
            id: ApprovalId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            requester: self.agent,
            lead: None,
            title: "A discount".parse().expect("a title"),
            reason: None,
            data: CustomFields::default(),
        };
        let change = ApprovalRequest::ask(asking, &workflow, &[self.manager], now);
        platform.commit_approval(&self.grant, change).await.expect("a request")
    }

    async fn tick(&self) -> bool {
        tick::handle(&self.world.platform, &Value::Null).await.is_ok()
    }

    async fn read(&self, id: ApprovalId) -> ApprovalRequest {
        self.world.platform.table().get_to_change(&self.grant, id).await.expect("a request")
    }

    /// How many requests somebody has to decide.
    async fn to_decide(&self, user: UserId) -> usize {
        let limit = std::num::NonZeroU32::MIN.saturating_add(199);
        let query = ListQuery::new(Slot::One, "user", user.to_string(), limit);
        self.world
            .platform
            .table()
            .list::<ApprovalTask>(&self.grant, &query, |_| true)
            .await
            .expect("a list")
            .records
            .len()
    }

    /// The kinds of a request's events, the first one first.
    async fn events(&self, id: ApprovalId) -> Vec<String> {
        let mut kinds = Vec::new();
        for image in self.world.stream().await {
            let Some(image) = store::StreamImage::from_stream(&image) else { continue };
            let Some(event) = image.new_event(self.world.platform.table().keys()) else { continue };
            let event = event.expect("an event");
            if event.subject == id.to_string() {
                kinds.push(event.kind);
            }
        }
        kinds
    }
}

/// What each deadline does, and the one event that tells it.
const ALL: [(OnDeadline, &str); 4] = [
    (OnDeadline::Remind, "approval.reminded"),
    (OnDeadline::Approve, "approval.step_started"),
    (OnDeadline::Reject, "approval.rejected"),
    (OnDeadline::Escalate, "approval.decided"),
];

/// The request stands where one deadline brings it, and in the lists of whom it waits for, and of nobody else.
async fn stands(desk: &Desk, id: ApprovalId, on_deadline: OnDeadline) {
    let request = desk.read(id).await;
    let (state, step, verdict, waits_for) = match on_deadline {
        OnDeadline::Remind => (ApprovalState::Pending, 0, None, Some(desk.manager)),
        OnDeadline::Approve => (ApprovalState::Pending, 1, Some(Verdict::Approved), Some(desk.head)),
        OnDeadline::Reject => (ApprovalState::Rejected, 0, Some(Verdict::Rejected), None),
        OnDeadline::Escalate => (ApprovalState::Pending, 0, Some(Verdict::Escalated), Some(desk.head)),
    };
    assert_eq!((request.state, request.step, request.meta.version), (state, step, 2), "{on_deadline}");
    assert_eq!(request.decisions.first().map(|decision| decision.verdict), verdict, "{on_deadline}");
    assert_eq!(request.pending.first().map(|pending| pending.user), waits_for, "{on_deadline}");
    for user in [desk.manager, desk.head] {
        assert_eq!(desk.to_decide(user).await, usize::from(waits_for == Some(user)), "{on_deadline}");
    }
}

#[tokio::test]
async fn a_deadline_does_what_its_step_says_once() {
    for (on_deadline, event) in ALL {
        let desk = Desk::of(World::new().await).await;
        let request = desk.a_request(on_deadline).await;
        desk.world.clock.advance(AN_HOUR - SignedDuration::from_secs(1));
        assert!(desk.tick().await);
        assert_eq!(desk.read(request.id).await, request, "it is not time yet");
        desk.world.clock.advance(SignedDuration::from_secs(1));
        for _ in 0..3 {
            assert!(desk.tick().await);
            desk.world.clock.advance(SignedDuration::from_mins(1));
        }
        stands(&desk, request.id, on_deadline).await;
        assert_eq!(desk.events(request.id).await, ["approval.requested", event]);
    }
}

#[tokio::test]
async fn reminders_are_three_and_a_clock_that_stood_still_brings_no_heap() {
    let desk = Desk::of(World::new().await).await;
    let request = desk.a_request(OnDeadline::Remind).await;
    desk.world.clock.advance(A_DAY * 10);
    for reminded in [1, 1, 2, 3, 3, 3] {
        assert!(desk.tick().await && desk.tick().await);
        assert_eq!(desk.read(request.id).await.reminded, reminded);
        desk.world.clock.advance(if reminded == 1 { A_DAY / 2 } else { A_DAY });
    }
}

#[tokio::test]
async fn what_was_decided_in_time_is_left_alone() {
    let desk = Desk::of(World::new().await).await;
    let request = desk.a_request(OnDeadline::Reject).await;
    let now = desk.world.platform.now();
    let change = request.approve(desk.manager, None, &[desk.head], now).expect("it counts");
    let request = desk.world.platform.commit_approval(&desk.grant, change).await.expect("it counts");
    desk.world.clock.advance(A_DAY);
    assert!(desk.tick().await);
    assert_eq!(desk.read(request.id).await, request);
}

#[tokio::test]
async fn two_clocks_at_once_move_each_of_many_requests_once() {
    let desk = Desk::of(World::new().await).await;
    let mut requests = Vec::new();
    for number in 0..40 {
        requests.push(desk.a_request(ALL[number % ALL.len()].0).await.id);
    }
    desk.world.clock.advance(AN_HOUR);
    let (one, other) = tokio::join!(desk.tick(), desk.tick());
    assert!(one && other, "two clocks at once");
    for id in requests {
        assert_eq!(desk.read(id).await.meta.version, 2);
    }
    assert_eq!((desk.to_decide(desk.manager).await, desk.to_decide(desk.head).await), (10, 20));
}

/// Ticks with a clock that dies before or after one of its writes, and ticks again: how many writes there were.
async fn dying(on_deadline: OnDeadline, faults: impl FnOnce(u64) -> Faults, write: u64) -> u64 {
    // The writes that set the desk up come first.
    let counting = Faults::counting();
    let desk = Desk::of(World::with_faults(counting.clone()).await).await;
    desk.a_request(on_deadline).await;
    let before = counting.writes();

    let faults = faults(before + write);
    let desk = Desk::of(World::with_faults(faults.clone()).await).await;
    let request = desk.a_request(on_deadline).await;
    desk.world.clock.advance(AN_HOUR);
    desk.tick().await;
    faults.revive();
    for _ in 0..2 {
        assert!(desk.tick().await);
    }
    stands(&desk, request.id, on_deadline).await;
    faults.writes() - before
}

#[tokio::test]
async fn whichever_write_the_clock_dies_at_a_deadline_counts_once() {
    for (on_deadline, _) in ALL {
        let writes = dying(on_deadline, |_| Faults::counting(), 0).await;
        assert!(writes >= 1);
        for write in 1..=writes {
            dying(on_deadline, Faults::crash_before_write, write).await;
            dying(on_deadline, Faults::crash_after_write, write).await;
        }
    }
}
