//! Whose a captured lead is.

use std::collections::BTreeMap;

use domain::assignment::{Member, Pool, Presence};
use domain::{AssignmentPool, Lead, UserId};
use serde_json::json;

use crate::support::{Place, a_form, submission};

impl Place {
    async fn pool(&self) -> AssignmentPool {
        let id = AssignmentPool::id_of(self.tenant.organization);
        self.table().get_to_change(&self.grant(), id).await.expect("a pool")
    }

    async fn set_pool(&self, members: Vec<Member>) {
        let change = self.pool().await.edit(Pool::new(members).expect("a pool"), self.world.platform.now());
        self.table().commit(&self.grant(), change).await.expect("a pool can be set");
    }

    fn a_user(&self) -> UserId {
        UserId::at(self.world.platform.now(), self.world.platform.random())
    }

    /// So many people come, one after another; `settle` lets the figures follow each.
    async fn visitors(&self, from: usize, count: usize, settle: bool) {
        for n in from..from + count {
            self.submit(json!({"email": format!("lead{n}@example.com")})).await;
            if settle {
                self.world.settle().await;
            }
        }
    }
}

fn a_member(user: UserId, edit: impl FnOnce(&mut Member)) -> Member {
    let mut member = Member::new(user);
    edit(&mut member);
    member
}

fn by_owner(leads: &[Lead]) -> BTreeMap<Option<UserId>, usize> {
    let mut owners = BTreeMap::new();
    for lead in leads {
        *owners.entry(lead.assigned_to).or_default() += 1;
    }
    owners
}

#[tokio::test]
async fn turns_follow_weights_at_every_moment() {
    let place = Place::new().await;
    let (one, three) = (place.a_user(), place.a_user());
    place.set_pool(vec![Member::new(one), a_member(three, |member| member.weight = 3)]).await;
    for n in 1..=20 {
        place.visitors(n, 1, n % 3 == 0).await;
        let owners = by_owner(&place.leads().await);
        let got = |user| owners.get(&Some(user)).copied().unwrap_or(0);
        assert_eq!(got(one) + got(three), n);
        // Within one lead of the proportional share.
        assert!((4 * got(three)).abs_diff(3 * n) <= 4, "{} of {n}", got(three));
    }
    assert_eq!(by_owner(&place.leads().await), BTreeMap::from([(Some(one), 5), (Some(three), 15)]));
}

#[tokio::test]
async fn nobody_holds_more_than_they_can_and_the_rest_waits() {
    let place = Place::new().await;
    let (small, large, away) = (place.a_user(), place.a_user(), place.a_user());
    place
        .set_pool(vec![
            a_member(small, |member| member.capacity = Some(2)),
            a_member(large, |member| member.capacity = Some(5)),
            a_member(away, |member| member.presence = Presence::Away),
        ])
        .await;
    place.visitors(0, 10, true).await;
    let leads = place.leads().await;
    assert_eq!(by_owner(&leads), BTreeMap::from([(None, 3), (Some(small), 2), (Some(large), 5)]));
    let waiting = leads.last().expect("a lead");
    let decision = &place.history(waiting).await[0].data["assignment"];
    assert_eq!((&decision["reason"], &decision["user"]), (&json!("nobody_eligible"), &json!(null)));
    let outcomes: Vec<_> =
        decision["considered"].as_array().expect("people").iter().map(|who| &who["outcome"]).collect();
    assert_eq!(outcomes, ["full", "full", "not_available"]);

    // One is lost, and there is room again.
    let lost = leads.iter().find(|lead| lead.assigned_to == Some(small)).expect("a lead").clone();
    let change = lost.delete(&domain::pipeline::Pipeline::default(), place.world.platform.now());
    place.table().commit(&place.grant(), change).await.expect("a lead can be deleted");
    place.world.settle().await;
    place.visitors(10, 1, true).await;
    assert_eq!(place.leads().await.last().expect("a lead").assigned_to, Some(small));
}

#[tokio::test]
async fn a_referral_form_gives_to_its_owner_while_they_have_room() {
    let place = Place::new().await;
    let (owner, colleague) = (place.a_user(), place.a_user());
    place.set_pool(vec![Member::new(colleague), a_member(owner, |member| member.capacity = Some(2))]).await;
    let form = a_form(&place.world, &place.tenant, place.tenant.other_branch, |form| form.referrer = Some(owner)).await;
    for n in 0..3 {
        let body = json!({"email": format!("lead{n}@example.com")});
        submission(&form, &format!("198.51.100.{n}"), body).of(&place.router).await.expect(202);
        place.world.settle().await;
    }
    let leads = place.leads().await;
    assert_eq!(by_owner(&leads), BTreeMap::from([(Some(owner), 2), (Some(colleague), 1)]));
    assert!(leads.iter().all(|lead| lead.branch_id == place.tenant.other_branch));
    let reasons: Vec<_> = futures::future::join_all(leads.iter().map(|lead| place.history(lead))).await;
    assert!(reasons.iter().all(|history| history[0].data["assignment"]["reason"].is_string()));
}

#[tokio::test]
async fn fifty_people_at_once_take_fifty_turns() {
    let place = Place::new().await;
    let members: Vec<Member> = (0..5).map(|_| Member::new(place.a_user())).collect();
    let users: Vec<UserId> = members.iter().map(|member| member.user).collect();
    place.set_pool(members).await;
    let all = (0..50).map(|n| {
        let body = json!({"email": format!("lead{n}@example.com")});
        submission(&place.form, &format!("198.51.100.{n}"), body).of(&place.router)
    });
    for answer in futures::future::join_all(all).await {
        answer.expect(202);
    }
    let owners = by_owner(&place.leads().await);
    assert_eq!(owners, users.into_iter().map(|user| (Some(user), 10)).collect());
    let assigned: u64 = place.pool().await.pool.members().iter().map(|member| member.assigned).sum();
    assert_eq!(assigned, 50);
}

#[tokio::test]
async fn somebody_who_comes_again_takes_no_turn() {
    let place = Place::new().await;
    let (one, two) = (place.a_user(), place.a_user());
    place.set_pool(vec![Member::new(one), Member::new(two)]).await;
    for _ in 0..3 {
        place.submit(json!({"email": "a_lead@example.com"})).await;
    }
    place.submit(json!({"email": "another@example.com"})).await;
    assert_eq!(by_owner(&place.leads().await), BTreeMap::from([(Some(one), 1), (Some(two), 1)]));
}
