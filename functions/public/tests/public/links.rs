//! Referral links: whom they bring leads to, and what is counted.

use domain::assignment::{Member, Pool};
use domain::{AssignmentPool, Change, OrganizationId, ReferralLink, ReferralLinkId, UserId};
use serde_json::json;
use testkit::Ask;

use crate::support::{Place, grant};

async fn a_link(place: &Place, organization: OrganizationId, user: UserId) -> ReferralLink {
    let (platform, now) = (&place.world.platform, place.world.platform.now());
    let id = ReferralLinkId::at(now, platform.random());
    let code = ReferralLink::code(platform.random());
    let mut link = ReferralLink::new(id, organization, (user, place.tenant.branch), "Friends".into(), code, now);
    link.form = Some(place.form.id);
    let made = Change::create(link, "referral_link.created");
    platform.table().commit(&grant(organization), made).await.expect("a link can be made")
}

async fn two_people(place: &Place) -> (UserId, UserId) {
    let now = place.world.platform.now();
    let [first, second] = [(); 2].map(|()| UserId::at(now, place.world.platform.random()));
    let id = AssignmentPool::id_of(place.tenant.organization);
    let pool: AssignmentPool = place.table().get_to_change(&place.grant(), id).await.expect("a pool");
    let members = Pool::new(vec![Member::new(first), Member::new(second)]).expect("a pool");
    place.table().commit(&place.grant(), pool.edit(members, now)).await.expect("a pool can be set");
    (first, second)
}

#[tokio::test]
async fn who_follows_a_link_becomes_its_owners_lead_and_is_counted() {
    let place = Place::new().await;
    let (_, second) = two_people(&place).await;
    let link = a_link(&place, place.tenant.organization, second).await;
    for number in 0..3 {
        let email = format!("lead{number}@example.com");
        place.submit(json!({"email": email, "ref": link.code})).await;
        place.submit(json!({"email": email, "city": "Pune", "ref": link.code})).await;
    }
    place.world.settle().await;
    assert!(place.leads().await.iter().all(|lead| lead.assigned_to == Some(second)));
    let brought = place.table().counts_now(&place.grant(), domain::referral_link::LEADS).await.expect("figures");
    let figures: Vec<_> = brought.into_iter().map(|row| (row.dimension, row.n)).collect();
    assert_eq!(figures, [(link.id.to_string(), 3)], "a touch is no new lead");
    let lead = place.leads().await.remove(0);
    let history = place.history(&lead).await;
    assert!(history.iter().all(|event| event.data["referral_link"] == json!(link.id)));
}

#[tokio::test]
async fn a_code_that_is_no_link_here_has_no_effect() {
    let place = Place::new().await;
    two_people(&place).await;
    let (other, stranger) = place.world.an_admin().await;
    let theirs = a_link(&place, other.organization, stranger.user).await;
    for (number, code) in [theirs.code.as_str(), "nothing", ""].into_iter().enumerate() {
        place.submit(json!({"email": format!("lead{number}@example.com"), "ref": code})).await;
    }
    assert_eq!(place.leads().await.len(), 3);
    assert!(place.leads().await.iter().all(|lead| lead.assigned_to.is_some_and(|user| user != stranger.user)));
}

#[tokio::test]
async fn every_click_is_counted() {
    let place = Place::new().await;
    let (first, _) = two_people(&place).await;
    let link = a_link(&place, place.tenant.organization, first).await;
    let follow = || Ask::get(format!("/v1/public/r/{}", link.code)).of(&place.router);
    let (one, two, three) = tokio::join!(follow(), follow(), follow());
    for answer in [one, two, three] {
        let page = answer.data(200);
        assert_eq!(page, json!({"code": link.code, "organization": "Example Ltd", "form": place.form.id}));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let numbers = place.table().numbers(&place.grant()).await.expect("figures");
    let figures: Vec<_> = numbers.into_iter().map(|row| (row.dimension, row.n)).collect();
    assert_eq!(figures, [(ReferralLink::clicks(link.id), 3)]);
    Ask::get("/v1/public/r/nothing").of(&place.router).await.expect(404);
}
