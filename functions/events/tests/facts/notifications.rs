//! People are told inside the product of what happened, once.

use std::num::NonZeroU32;

use domain::communication::{Carried, CommunicationDetails, Inbound, Placing};
use domain::reminder::{Remembering, ReminderDetails};
use domain::{
    Actor, Authority, Caller, Communication, CommunicationId, CommunicationType, ContactPurpose, Grant, Lead,
    LeadPipeline, Membership, Notification, NotificationType, Origin, Permission, Plan, Priority, Reminder, ReminderId,
    Role, Slot, UserId,
};
use events::StreamEvent;
use jiff::tz::TimeZone;
use standins::Fault;
use store::ListQuery;
use testkit::Person;

use crate::support::Scene;

pub(crate) async fn told(scene: &Scene, user: UserId) -> Vec<Notification> {
    let query = ListQuery::new(Slot::One, "user", user.to_string(), NonZeroU32::new(50).expect("a limit"));
    let page = scene.world.platform.table().list::<Notification>(&scene.grant, &query, |_| true).await;
    page.expect("notifications").records
}

/// The proof of somebody who acts themselves.
async fn acting(scene: &Scene, person: &Person) -> Grant {
    let table = scene.world.platform.table();
    let member: Membership = table.get(&scene.grant, Membership::id_of(person.user)).await.expect("a member");
    let authority = Authority::of(&member, None, &[], Plan::Enterprise);
    let actor = Actor::User { id: person.user, session: person.session };
    let origin = Origin { request_id: "request".into(), address: "203.0.113.7".into() };
    let caller = Caller::authorized(scene.tenant.organization, actor, &authority, origin);
    caller.allow(Permission::LeadsWrite).expect("may write")
}

async fn assign(scene: &Scene, grant: &Grant, lead: &Lead, to: UserId) {
    let table = scene.world.platform.table();
    let id = LeadPipeline::id_of(scene.tenant.organization);
    let pipeline: LeadPipeline = table.get(grant, id).await.expect("a pipeline");
    let lead: Lead = table.get_to_change(&scene.grant, lead.id).await.expect("the lead");
    let change = lead.assign(Some(to), None, &pipeline.pipeline, scene.world.platform.now());
    table.commit(grant, change).await.expect("it is assigned");
}

pub(crate) async fn an_agent(scene: &Scene) -> Person {
    scene.world.a_person(&scene.tenant, Role::Agent, scene.tenant.branch).await
}

#[tokio::test]
async fn whoever_gets_a_lead_is_told_once() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let (agent, lead) = (an_agent(&scene).await, scene.a_lead("Asha Example").await);
    assign(&scene, &scene.grant, &lead, agent.user).await;
    let news = scene.news().await;
    for _ in 0..3 {
        assert!(scene.follow(&news).await.batch_item_failures.is_empty());
    }
    tokio::join!(scene.follow(&news), scene.follow(&news));
    let [one] = &told(&scene, agent.user).await[..] else { panic!("one notification") };
    assert_eq!((one.kind, one.priority, one.created_by), (NotificationType::Assignment, Priority::Normal, None));
    assert_eq!(one.notice.message.as_str(), "You have been assigned a new lead: Asha Example");
    assert_eq!(one.notice.lead_id, Some(lead.id));
    let inbox = scene.world.platform.table().inbox(&scene.grant, agent.user, scene.world.platform.now()).await;
    assert_eq!(inbox.expect("an inbox").figures(None, scene.world.platform.now()).unread, 1);
}

#[tokio::test]
async fn whoever_is_written_to_is_told_once() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let (agent, lead) = (an_agent(&scene).await, scene.a_lead("Asha Example").await);
    let (table, now) = (scene.world.platform.table(), scene.world.platform.now());
    let placing = Placing {
        id: CommunicationId::at(now, scene.world.platform.random()),
        organization: scene.tenant.organization,
        branch: scene.tenant.branch,
        user: agent.user,
        lead: Some(lead.id),
        contact: None,
        now,
    };
    let content = Some("May I come on Monday?".parse().expect("a text"));
    let details = CommunicationDetails::outbound(CommunicationType::Whatsapp, ContactPurpose::Service, content);
    let carried = Carried { integration: None, id: "wamid.1".to_owned() };
    let inbound = Inbound { carried, answers: None, at: now };
    table.commit(&scene.grant, Communication::receive(details, placing, inbound)).await.expect("it comes");
    let news = scene.news().await;
    for _ in 0..3 {
        assert!(scene.follow(&news).await.batch_item_failures.is_empty());
    }
    let [one] = &told(&scene, agent.user).await[..] else { panic!("one notification") };
    assert_eq!((one.notice.title.as_str(), one.notice.lead_id), ("New WhatsApp message", Some(lead.id)));
    assert_eq!(one.notice.message.as_str(), "Asha Example: May I come on Monday?");
}

#[tokio::test]
async fn whoever_takes_a_lead_themselves_is_not_told() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let (manager, agent) =
        (scene.world.a_person(&scene.tenant, Role::Manager, scene.tenant.branch).await, an_agent(&scene).await);
    let lead = scene.a_lead("Asha Example").await;
    let acting = acting(&scene, &manager).await;
    assign(&scene, &acting, &lead, manager.user).await;
    scene.follow_all().await;
    assert!(told(&scene, manager.user).await.is_empty());
    assign(&scene, &acting, &lead, agent.user).await;
    scene.follow_all().await;
    let [one] = &told(&scene, agent.user).await[..] else { panic!("one notification") };
    assert_eq!(one.created_by, Some(manager.user));
    assert!(told(&scene, manager.user).await.is_empty(), "whoever gave it away is not told");
}

#[tokio::test]
async fn a_new_lead_tells_its_owner() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let agent = an_agent(&scene).await;
    scene.a_lead_of("Asha Example", Some(agent.user)).await;
    scene.a_lead_of("Nobody's Example", None).await;
    scene.follow_all().await;
    assert_eq!(told(&scene, agent.user).await.len(), 1);
}

#[tokio::test]
async fn events_in_any_order_make_the_same_notifications() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let (one, other) = (an_agent(&scene).await, an_agent(&scene).await);
    let lead = scene.a_lead("Asha Example").await;
    for agent in [&one, &other, &one] {
        assign(&scene, &scene.grant, &lead, agent.user).await;
    }
    let mut news = scene.news().await;
    news.records.reverse();
    let twice = StreamEvent { records: [news.records.clone(), news.records].concat() };
    assert!(scene.follow(&twice).await.batch_item_failures.is_empty());
    assert_eq!((told(&scene, one.user).await.len(), told(&scene, other.user).await.len()), (2, 1));
}

/// A reminder of somebody's that it is time for.
async fn a_reminder_is_due(scene: &Scene, agent: UserId) -> Reminder {
    let (platform, now) = (&scene.world.platform, scene.world.platform.now());
    let remembering = Remembering {
        id: ReminderId::at(now, platform.random()),
        organization: scene.tenant.organization,
        branch: scene.tenant.branch,
        agent,
        lead: None,
        call: None,
        now,
    };
    let details = ReminderDetails {
        title: "Call Asha back".parse().expect("a title"),
        description: None,
        due_at: now,
        priority: Some(Priority::High),
        kind: None,
        repeat: None,
    };
    let created = Reminder::create(details, remembering).expect("a reminder");
    let reminder = platform.table().commit(&scene.grant, created).await.expect("it is made");
    let next = ReminderId::at(now, platform.random());
    let due = reminder.came_due(next, &TimeZone::UTC, now).change;
    platform.table().commit(&scene.grant, due).await.expect("it is due")
}

#[tokio::test]
async fn whoever_has_a_reminder_is_told_when_it_is_due() {
    let scene = Scene::new(Fault::Lost, |_| false).await;
    let agent = an_agent(&scene).await;
    a_reminder_is_due(&scene, agent.user).await;
    let gone = a_reminder_is_due(&scene, agent.user).await;
    let now = scene.world.platform.now();
    scene.world.platform.table().commit(&scene.grant, gone.delete(now)).await.expect("it goes");
    let news = scene.news().await;
    for _ in 0..2 {
        assert!(scene.follow(&news).await.batch_item_failures.is_empty());
    }
    let [one] = &told(&scene, agent.user).await[..] else { panic!("one notification, of the one that is there") };
    assert_eq!((one.kind, one.priority), (NotificationType::Reminder, Priority::High));
    assert_eq!(one.notice.message.as_str(), "Call Asha back");
}

#[tokio::test]
async fn a_follower_may_die_at_any_write_and_tells_nobody_twice() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for fatal in 1.. {
            let scene = Scene::dying().await;
            let (agent, lead) = (an_agent(&scene).await, scene.a_lead("Asha Example").await);
            scene.follow_all().await;
            assign(&scene, &scene.grant, &lead, agent.user).await;
            let news = scene.news().await;
            scene.kill(fatal, fault);
            scene.follow(&news).await;
            let struck = scene.revive();
            // The stream brings it again, and once more.
            for _ in 0..2 {
                assert!(scene.follow(&news).await.batch_item_failures.is_empty());
            }
            assert_eq!(told(&scene, agent.user).await.len(), 1, "{fault:?} at write {fatal}");
            let (platform, user) = (&scene.world.platform, agent.user);
            let inbox = platform.table().inbox(&scene.grant, user, platform.now()).await.expect("an inbox");
            assert_eq!(inbox.figures(None, platform.now()).total, 1);
            if !struck {
                break;
            }
        }
    }
}
