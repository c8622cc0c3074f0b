//! Rights are those of the moment.

use domain::session::RevokedWhy;
use domain::{Change, MemberStatus, Membership, Role, RowReach, Session};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::Hall;

/// For how long a sign-in is believed.
const BELIEVED: SignedDuration = SignedDuration::from_secs(31);

#[tokio::test]
async fn who_was_signed_out_hears_nothing_more_and_the_connection_ends() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let mut ear = hall.open(&agent).await;
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    assert!(!ear.events().is_empty());
    let (table, grant) = (hall.world.platform.table(), hall.grant());
    let session: Session = table.get_to_change(&grant, agent.session).await.expect("a session");
    table.commit(&grant, session.revoke(RevokedWhy::Revoked, hall.world.platform.now())).await.expect("it ends");
    hall.world.clock.advance(BELIEVED);
    hall.change(&lead, json!({"priority": "high"})).await;
    hall.follow().await;
    assert_eq!(ear.all(), [None], "an end, and nothing before it");
    assert_eq!(table.connection(&ear.id).await.expect("the table"), None);
}

#[tokio::test]
async fn who_may_not_come_in_any_more_hears_nothing() {
    let hall = Hall::new().await;
    let agent = hall.person(Role::Agent).await;
    let lead = hall.a_lead(&agent).await;
    hall.follow().await;
    let mut ear = hall.open(&agent).await;
    let (table, grant) = (hall.world.platform.table(), hall.grant());
    let member: Membership = table.get_to_change(&grant, Membership::id_of(agent.user)).await.expect("a member");
    let after = Membership { status: MemberStatus::Deactivated, ..member.clone() };
    table.commit(&grant, Change::update(member, after, "membership.deactivated")).await.expect("a change");
    hall.world.clock.advance(BELIEVED);
    hall.change(&lead, json!({"priority": "high"})).await;
    hall.follow().await;
    assert_eq!(ear.all(), [None]);
}

#[tokio::test]
async fn who_reaches_less_hears_less_whatever_they_subscribed_to() {
    let hall = Hall::new().await;
    let reach = Some(RowReach::Branch);
    let manager = hall.world.a_person_reaching(&hall.tenant, Role::Manager, hall.tenant.branch, reach).await;
    let lead = hall.a_lead(&hall.admin).await;
    hall.follow().await;
    let mut ear = hall.open_to_all(&manager).await;
    hall.say(&ear, json!({"action": "subscribe", "room": "lead", "lead_id": lead})).await;
    hall.change(&lead, json!({"priority": "high"})).await;
    hall.follow().await;
    assert_eq!(ear.events(), ["lead:updated"]);
    let (table, grant) = (hall.world.platform.table(), hall.grant());
    let member: Membership = table.get_to_change(&grant, Membership::id_of(manager.user)).await.expect("a member");
    let after = Membership { branches: vec![hall.tenant.other_branch], ..member.clone() };
    table.commit(&grant, Change::update(member, after, "membership.updated")).await.expect("a change");
    hall.world.clock.advance(BELIEVED);
    hall.change(&lead, json!({"priority": "low"})).await;
    hall.follow().await;
    assert!(ear.all().is_empty(), "neither the branch's room nor the lead's");
    assert!(table.connection(&ear.id).await.expect("the table").is_some(), "but the connection stays");
}
