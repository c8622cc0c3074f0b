//! Invitations.

use axum::Router;
use domain::{Message, MessageTemplate, Plan, Role, Slot};
use serde_json::{Value, json};
use store::ListQuery;
use testkit::{Answer, Ask};

use crate::support::{House, new_user, text};

const PASSWORD: &str = "correct horse battery";

async fn an_auth(house: &House) -> Router {
    auth::prepare(&house.world.platform).await.expect("the key can be published");
    let keys = house.world.platform.table().signing_keys().await.expect("the keys can be read");
    auth::router(web::App::new(house.world.platform.clone(), &keys))
}

fn invitation(house: &House, role: &str) -> Value {
    json!({"email": "Somebody@example.com", "role": role, "branch_ids": [house.tenant.branch]})
}

/// The token of the newest e-mail.
async fn token(house: &House) -> String {
    house.later(1);
    let query = ListQuery::new(Slot::One, "all", "", std::num::NonZeroU32::MIN);
    let sent = house.world.platform.table().list::<Message>(&house.grant(), &query, |_| true).await.expect("messages");
    let message = sent.records.first().expect("a message");
    assert_eq!(message.template, MessageTemplate::Invite);
    let link = text(&message.values["link"]);
    link.rsplit_once('/').expect("a link").1.to_owned()
}

async fn invited(house: &House, role: &str) -> (String, String) {
    let invite = house.post("/invites", invitation(house, role)).await.data(201);
    (text(&invite["id"]), token(house).await)
}

async fn accept(auth: &Router, token: &str) -> Answer {
    let body = json!({"first_name": "Asha", "last_name": "Example", "password": PASSWORD});
    Ask::post(format!("/auth/invites/{token}/accept"), body).of(auth).await
}

async fn me(auth: &Router, answer: &Answer) -> Value {
    let token = text(&answer.data(200)["sign_in"]["access_token"]);
    Ask::get("/auth/me").bearing(&token).of(auth).await.data(200)
}

#[tokio::test]
async fn an_invitation_makes_a_member_with_its_role_and_branches_once() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    let answer = house.post("/invites", invitation(&house, "agent")).await;
    let invite = answer.data(201);
    assert_eq!((&invite["state"], &invite["expired"]), (&json!("pending"), &json!(false)));
    let path = text(&json!(answer.header("location")));
    assert_eq!(house.get(&path).await.data(200), invite);
    let token = token(&house).await;
    assert!(!house.get("/invites").await.json().to_string().contains("hash"));

    let accepted = accept(&auth, &token).await;
    assert_eq!(accepted.header("cache-control"), Some("no-store"));
    let me = me(&auth, &accepted).await;
    assert_eq!((&me["role"], &me["branches"][0]["id"]), (&json!("agent"), &json!(house.tenant.branch)));
    assert_eq!(me["user"]["email"], "Somebody@example.com");
    assert_eq!(accept(&auth, &token).await.expect(409).json()["code"], "invite_over");
    let invite = house.get(&path).await.data(200);
    assert_eq!((&invite["state"], &invite["accepted_by"]), (&json!("accepted"), &me["user"]["id"]));
    assert_eq!(house.post(&format!("{path}/revoke"), json!({})).await.expect(409).json()["code"], "invite_over");
    assert_eq!(house.post("/invites", invitation(&house, "agent")).await.expect(409).json()["code"], "already_member");
}

#[tokio::test]
async fn of_two_who_take_it_up_at_once_one_comes_in() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    let (_, token) = invited(&house, "agent").await;
    let (first, second) = tokio::join!(accept(&auth, &token), accept(&auth, &token));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(house.get("/users").await.data(200)["pagination"]["total_records"], 2);
}

#[tokio::test]
async fn only_the_newest_link_opens_and_not_for_ever() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    let (id, old) = invited(&house, "agent").await;
    assert_eq!(
        house.post("/invites", invitation(&house, "agent")).await.expect(409).wrong(),
        [("email".into(), "taken".into())]
    );
    house.later(7 * 24 * 3_600);
    house.get(&format!("/invites/{id}")).await.expect(401);
    assert_eq!(accept(&auth, &old).await.expect(409).json()["code"], "invite_over");
}

#[tokio::test]
async fn a_link_that_was_sent_again_or_taken_back_opens_nothing() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    let (id, old) = invited(&house, "agent").await;
    house.post(&format!("/invites/{id}/resend"), json!({})).await.expect(200);
    let new = token(&house).await;
    assert_ne!(old, new);
    accept(&auth, &old).await.expect(404);
    house.post(&format!("/invites/{id}/revoke"), json!({})).await.expect(200);
    house.post(&format!("/invites/{id}/revoke"), json!({})).await.expect(200);
    assert_eq!(accept(&auth, &new).await.expect(409).json()["code"], "invite_over");
    assert_eq!(house.post(&format!("/invites/{id}/resend"), json!({})).await.expect(409).json()["code"], "invite_over");
    let again = house.post("/invites", invitation(&house, "viewer")).await.data(201);
    assert_eq!(house.get("/invites?state=pending").await.data(200)["invites"], json!([again]));
    for wrong in ["", "x", &new[..new.len() - 1], "a_b_c"] {
        accept(&auth, wrong).await.expect(404);
    }
}

#[tokio::test]
async fn who_has_an_account_shows_its_password() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    let founded = json!({
        "organization_name": "Other Ltd", "first_name": "Usha", "email": "somebody@example.com",
        "password": "another long password",
    });
    Ask::post("/auth/register", founded).of(&auth).await.expect(201);
    let (_, token) = invited(&house, "agent").await;
    assert_eq!(accept(&auth, &token).await.expect(401).json()["code"], "invalid_credentials");
    let body = json!({"password": "another long password"});
    let accepted = Ask::post(format!("/auth/invites/{token}/accept"), body).of(&auth).await;
    let me = me(&auth, &accepted).await;
    assert_eq!((&me["organization"]["name"], &me["user"]["first_name"]), (&json!("Example Ltd"), &json!("Usha")));
}

#[tokio::test]
async fn a_new_account_needs_a_name_and_a_good_password() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    let (_, token) = invited(&house, "agent").await;
    let path = format!("/auth/invites/{token}/accept");
    let answer = Ask::post(&path, json!({"password": "short"})).of(&auth).await;
    let wrong = [("password".into(), "too_short".into()), ("first_name".into(), "required".into())];
    assert_eq!(answer.expect(422).wrong(), wrong);
    assert_eq!(
        Ask::post(&path, json!({})).of(&auth).await.expect(422).wrong(),
        [("password".into(), "required".into())]
    );
    for _ in 0..8 {
        Ask::post(&path, json!({"password": "short"})).of(&auth).await.expect(422);
    }
    assert_eq!(accept(&auth, &token).await.status, 200);
}

#[tokio::test]
async fn nobody_invites_to_what_they_lack() {
    let house = House::new().await;
    let bounded = house.bounded().await;
    let reaching = house.by(&bounded, Ask::post("/invites", invitation(&house, "admin"))).await;
    assert_eq!(reaching.expect(422).wrong(), [("reach".into(), "beyond_own".into())]);
    let mut elsewhere = invitation(&house, "agent");
    elsewhere["branch_ids"] = json!([house.tenant.other_branch]);
    let elsewhere = house.by(&bounded, Ask::post("/invites", elsewhere)).await;
    assert_eq!(elsewhere.expect(422).wrong(), [("branch_ids.0".into(), "unknown_branch".into())]);
    let clerk = house.somebody(Role::Agent).await;
    let write = [domain::Permission::UsersWrite].into_iter().collect();
    house.place(clerk.user, |member| member.extra = write).await;
    let more = house.by(&clerk, Ask::post("/invites", invitation(&house, "manager"))).await;
    assert_eq!(more.expect(403).json()["code"], "beyond_own");
    let unknown = house.post("/invites", invitation(&house, "role_01kaf0v3hteb9s1z6vqk4m2x8y")).await;
    assert_eq!(unknown.expect(422).wrong(), [("role".into(), "unknown_role".into())]);
}

#[tokio::test]
async fn an_invitation_is_worth_what_its_inviter_may_still_grant() {
    for change in [json!({"role": "viewer"}), json!({"reach": "branch", "role": "admin"}), Value::Null] {
        let house = House::new().await;
        let auth = an_auth(&house).await;
        let other = house.somebody(Role::Admin).await;
        let mut body = invitation(&house, "admin");
        body["branch_ids"] = json!([house.tenant.branch, house.tenant.other_branch]);
        house.by(&other, Ask::post("/invites", body)).await.expect(201);
        let token = token(&house).await;
        let path = format!("/users/{}", other.user);
        if change.is_null() {
            house.delete(&path).await.expect(200);
        } else {
            house.put(&path, change.clone()).await.expect(200);
        }
        assert_eq!(accept(&auth, &token).await.expect(409).json()["code"], "invite_void", "{change}");
    }
}

#[tokio::test]
async fn an_invitation_takes_a_seat_when_it_is_taken_up() {
    let house = House::new().await;
    let auth = an_auth(&house).await;
    house.plan(Plan::Starter).await;
    let (_, token) = invited(&house, "agent").await;
    for number in 0..4 {
        let body = new_user(&format!("somebody{number}@example.com"), "agent", house.tenant.branch);
        house.post("/users", body).await.expect(201);
    }
    let full = accept(&auth, &token).await.expect(403).json();
    assert_eq!((&full["code"], &full["plan"]), (&json!("plan_limit"), &json!("growth")));
}

#[tokio::test]
async fn another_organizations_invitation_looks_like_none() {
    let house = House::new().await;
    let (theirs, stranger) = house.world.an_admin().await;
    let mut body = invitation(&house, "agent");
    body["branch_ids"] = json!([theirs.branch]);
    let invite = house.by(&stranger, Ask::post("/invites", body)).await.data(201);
    let path = format!("/invites/{}", text(&invite["id"]));
    for ask in [
        Ask::get(&path),
        Ask::post(format!("{path}/resend"), json!({})),
        Ask::post(format!("{path}/revoke"), json!({})),
    ] {
        house.ask(ask).await.expect(404);
    }
}
