//! Those who have to decide are told, and whoever asked is told the end, each once.

use domain::approval::{ApprovalStep, ApprovalWorkflowDetails, Approver, Asking, Needs, OnDeadline};
use domain::{
    ApprovalId, ApprovalRequest, ApprovalWorkflow, ApprovalWorkflowId, Change, CustomFields, NotificationType, UserId,
};
use events::StreamEvent;
use standins::Fault;

use crate::notifications::{an_agent, told};
use crate::support::Scene;

/// A request of somebody's that others decide in one step.
async fn a_request(scene: &Scene, requester: UserId, approvers: &[UserId]) -> ApprovalRequest {
    let (platform, now) = (&scene.world.platform, scene.world.platform.now());
    let organization = scene.tenant.organization;
    let step = ApprovalStep {
        name: "Managers".parse().expect("a name"),
        approvers: vec![Approver::Manager],
        needs: Needs::Any,
        deadline_hours: Some(1),
        on_deadline: OnDeadline::Remind,
        escalate_to: Vec::new(),
    };
    let details = ApprovalWorkflowDetails {
        name: "Discounts".parse().expect("a name"),
        description: None,
        enabled: true,
        allow_self: false,
        steps: vec![step],
    };
    let id = ApprovalWorkflowId::at(now, platform.random());
    let workflow = ApprovalWorkflow::create(id, organization, details, now).expect("a workflow").after;
    let asking = Asking {
        id: ApprovalId::at(now, platform.random()),
        organization,
        branch: scene.tenant.branch,
        requester,
        lead: None,
        title: "A discount of 20 %".parse().expect("a title"),
        reason: None,
        data: CustomFields::default(),
    };
    commit(scene, ApprovalRequest::ask(asking, &workflow, approvers, now)).await
}

async fn commit(scene: &Scene, change: Change<ApprovalRequest>) -> ApprovalRequest {
    scene.world.platform.commit_approval(&scene.grant, change).await.expect("it is written")
}

#[tokio::test]
async fn approvers_are_told_of_their_step_and_whoever_asked_of_the_end() {
    let scene = Scene::dying().await;
    let (agent, one, other) = (an_agent(&scene).await, an_agent(&scene).await, an_agent(&scene).await);
    let request = a_request(&scene, agent.user, &[one.user, other.user]).await;
    let (id, now) = (request.id, scene.world.platform.now());
    let request = commit(&scene, request.came_due(&[], now)).await;
    let deputy = an_agent(&scene).await;
    let request = commit(&scene, request.delegate(other.user, deputy.user, None, now).expect("it")).await;
    commit(&scene, request.approve(one.user, None, &[], now).expect("it counts")).await;
    let mut news = scene.news().await;
    // In any order, and twice, and to two workers at a time.
    news.records.reverse();
    let twice = StreamEvent { records: [news.records.clone(), news.records.clone()].concat() };
    assert!(scene.follow(&twice).await.batch_item_failures.is_empty());
    tokio::join!(scene.follow(&news), scene.follow(&news));
    for person in [&one, &other] {
        let mut titles: Vec<String> =
            told(&scene, person.user).await.iter().map(|told| told.notice.title.to_string()).collect();
        titles.sort();
        assert_eq!(titles, ["Still to be approved", "To be approved"]);
    }
    let [end] = &told(&scene, agent.user).await[..] else { panic!("one notification") };
    assert_eq!((end.kind, end.notice.title.as_str()), (NotificationType::Update, "Approved"));
    assert_eq!(end.notice.message.as_str(), "A discount of 20 %");
    assert_eq!(told(&scene, deputy.user).await.len(), 1, "whoever it was handed on to");
    let step = told(&scene, one.user).await.remove(0);
    let expected = (NotificationType::Assignment, "A discount of 20 % (Managers)");
    assert_eq!((step.kind, step.notice.message.as_str()), expected);
    assert_eq!(step.notice.action_url.map(|url| url.to_string()), Some(format!("/approvals/{id}")));
}

#[tokio::test]
async fn a_follower_may_die_at_any_write_and_tells_each_of_many_once() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for fatal in 1.. {
            let scene = Scene::dying().await;
            let agent = an_agent(&scene).await;
            let mut approvers = Vec::new();
            for _ in 0..4 {
                approvers.push(an_agent(&scene).await.user);
            }
            scene.follow_all().await;
            a_request(&scene, agent.user, &approvers).await;
            let news = scene.news().await;
            scene.kill(fatal, fault);
            scene.follow(&news).await;
            let struck = scene.revive();
            // The stream brings it again, and once more.
            for _ in 0..2 {
                assert!(scene.follow(&news).await.batch_item_failures.is_empty());
            }
            for user in &approvers {
                assert_eq!(told(&scene, *user).await.len(), 1, "{fault:?} at write {fatal}");
            }
            if !struck {
                break;
            }
        }
    }
}
