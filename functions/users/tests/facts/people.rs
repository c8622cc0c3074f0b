//! People's places in the organization.

use domain::{MemberStatus, Message, MessageTemplate, Role, Slot, User};
use serde_json::{Value, json};
use store::ListQuery;
use testkit::Ask;

use crate::support::{House, new_user, text};

fn somebody(house: &House, role: &str) -> Value {
    new_user("somebody@example.com", role, house.tenant.branch)
}

async fn account(house: &House, user: &Value) -> User {
    let everyone = domain::Caller::system(domain::OrganizationId::PLATFORM, "test").own();
    let id = text(user).parse().expect("an id");
    house.world.platform.table().get_to_change(&everyone, id).await.expect("an account")
}

#[tokio::test]
async fn a_new_member_is_listed_with_what_they_reach() {
    let house = House::new().await;
    let answer = house.post("/users", somebody(&house, "manager")).await;
    let user = answer.data(201);
    assert_eq!((&user["name"], &user["last_name"]), (&json!("Asha Example"), &json!("Example")));
    assert_eq!((&user["role"], &user["reach"]), (&json!("manager"), &Value::Null));
    assert_eq!((&user["status"], &user["permissions"]), (&json!("active"), &json!([])));
    assert_eq!(user["branch_ids"], json!([house.tenant.branch]));
    assert_eq!(answer.header("location"), Some(format!("/users/{}", text(&user["id"])).as_str()));
    assert_eq!(house.get(answer.header("location").unwrap_or_default()).await.data(200), user);
    let list = house.get("/users").await.data(200);
    assert_eq!(list["pagination"]["total_records"], 2);
    assert!(list["users"].as_array().is_some_and(|users| users.contains(&user)), "{list}");
}

#[tokio::test]
async fn a_password_given_by_another_must_be_changed_first() {
    let house = House::new().await;
    let user = house.post("/users", somebody(&house, "agent")).await.data(201);
    assert!(account(&house, &user["id"]).await.must_change_password);
    let mut body = new_user("another@example.com", "agent", house.tenant.branch);
    body["must_change_password"] = false.into();
    let user = house.post("/users", body).await.data(201);
    assert!(!account(&house, &user["id"]).await.must_change_password);
}

#[tokio::test]
async fn one_address_has_one_account() {
    let house = House::new().await;
    house.post("/users", somebody(&house, "agent")).await.expect(201);
    let again = house.post("/users", somebody(&house, "viewer")).await;
    again.expect(409);
    assert_eq!(again.wrong(), [("email".into(), "taken".into())]);
    assert_eq!(house.get("/users").await.data(200)["pagination"]["total_records"], 2, "nothing remains of it");
}

#[tokio::test]
async fn a_branch_of_another_organization_is_unknown() {
    let house = House::new().await;
    let (other, _) = house.world.an_admin().await;
    let mut body = somebody(&house, "agent");
    body["branch_ids"] = json!([house.tenant.branch, other.branch]);
    let answer = house.post("/users", body.clone()).await;
    answer.expect(422);
    assert_eq!(answer.wrong(), [("branch_ids.1".into(), "unknown_branch".into())]);
    for (branches, code) in [(json!([]), "length"), (json!([house.tenant.branch, house.tenant.branch]), "repeated")] {
        body["branch_ids"] = branches;
        let answer = house.post("/users", body.clone()).await;
        assert_eq!(answer.expect(422).wrong(), [("branch_ids".into(), code.into())]);
    }
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let house = House::new().await;
    let body =
        json!({"email": "x", "password": "somebody@example.com", "role": "king", "reach": "far", "branch_ids": 1});
    let answer = house.post("/users", body).await;
    answer.expect(422);
    let wrong: Vec<String> = answer.wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["email", "first_name", "role", "branch_ids", "reach"]);
    let path = format!("/users/{}", house.admin.user);
    let answer = house.put(&path, json!({"first_name": null, "role": "king", "phone": "x", "branch_ids": []})).await;
    let wrong: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["branch_ids", "first_name", "phone", "role"]);
}

#[tokio::test]
async fn a_list_holds_whom_it_is_asked_for() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let viewer = house.world.a_person(&house.tenant, Role::Viewer, house.tenant.other_branch).await;
    house.delete(&format!("/users/{}", agent.user)).await.expect(200);
    for (query, expected) in [
        ("status=active&role=viewer", vec![viewer.user]),
        ("status=deactivated", vec![agent.user]),
        (&format!("branch_id={}", house.tenant.other_branch), vec![viewer.user]),
        ("search=VIEW%20exam", vec![viewer.user]),
        (&format!("search={}", agent.claims.email), vec![agent.user]),
        ("search=nobody", vec![]),
    ] {
        let list = house.get(&format!("/users?{query}")).await.data(200);
        let ids: Vec<String> = list["users"].as_array().expect("a list").iter().map(|user| text(&user["id"])).collect();
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(ids, expected, "{query}");
    }
    let answer = house.get("/users?status=asleep&role=king&branch_id=x").await;
    let wrong: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["status", "role", "branch_id"]);
}

#[tokio::test]
async fn an_update_keeps_what_is_absent_and_renames_the_account_too() {
    let house = House::new().await;
    let user = house.post("/users", somebody(&house, "agent")).await.data(201);
    let path = format!("/users/{}", text(&user["id"]));
    let change = json!({
        "first_name": "Usha", "phone": "+919876543210", "department": "Admissions", "designation": "Counselor",
        "manager_id": house.admin.user,
    });
    let changed = house.put(&path, change).await.data(200);
    assert_eq!((&changed["name"], &changed["role"]), (&json!("Usha Example"), &json!("agent")));
    assert_eq!((&changed["department"], &changed["manager_id"]), (&json!("Admissions"), &json!(house.admin.user)));
    let account = account(&house, &user["id"]).await;
    assert_eq!((account.name().as_str(), account.phone.is_some()), ("Usha Example", true));
    let cleared = house.put(&path, json!({"department": null, "manager_id": null})).await.data(200);
    assert_eq!((&cleared["department"], &cleared["manager_id"]), (&Value::Null, &Value::Null));
    let late = Ask::put(&path, json!({"department": "Sales"})).header("if-match", "\"1\"");
    assert_eq!(house.ask(late).await.expect(412).wrong(), [("department".into(), "changed_meanwhile".into())]);
}

#[tokio::test]
async fn a_manager_is_somebody_else_who_may_come_in() {
    let house = House::new().await;
    let (agent, gone) = (house.somebody(Role::Agent).await, house.somebody(Role::Manager).await);
    let (_, stranger) = house.world.an_admin().await;
    house.delete(&format!("/users/{}", gone.user)).await.expect(200);
    let path = format!("/users/{}", agent.user);
    for (manager, code) in [(agent.user, "own_manager"), (gone.user, "unknown_user"), (stranger.user, "unknown_user")] {
        let answer = house.put(&path, json!({"manager_id": manager})).await;
        assert_eq!(answer.expect(422).wrong(), [("manager_id".into(), code.into())]);
    }
}

#[tokio::test]
async fn who_is_deactivated_comes_in_no_more_and_can_be_let_in_again() {
    let house = House::new().await;
    let manager = house.somebody(Role::Manager).await;
    let path = format!("/users/{}", manager.user);
    house.by(&manager, Ask::get("/users")).await.expect(200);
    assert_eq!(house.delete(&path).await.data(200), json!({"id": manager.user}));
    house.by(&manager, Ask::get("/users")).await.expect(401);
    assert_eq!(house.get(&path).await.data(200)["status"], "deactivated");
    assert_eq!(house.post(&format!("{path}/restore"), json!({})).await.data(200)["status"], "active");
    house.by(&manager, Ask::get("/users")).await.expect(200);
}

#[tokio::test]
async fn who_is_deactivated_gets_no_new_leads() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let organization = organization::router(house.world.app());
    let members = json!({"members": [{"user": agent.user}, {"user": house.admin.user}]});
    Ask::put("/organization/assignment", members).by(&house.admin).of(&organization).await.expect(200);
    house.delete(&format!("/users/{}", agent.user)).await.expect(200);
    let pool = Ask::get("/organization/assignment").by(&house.admin).of(&organization).await.data(200);
    assert_eq!(pool["members"].as_array().map(Vec::len), Some(1));
    assert_eq!(pool["members"][0]["user"], json!(house.admin.user));
}

#[tokio::test]
async fn who_registered_themselves_waits_until_somebody_decides_and_is_told() {
    let house = House::new().await;
    let (first, second) = (house.somebody(Role::Agent).await, house.somebody(Role::Agent).await);
    for person in [&first, &second] {
        house.place(person.user, |member| member.status = MemberStatus::Pending).await;
    }
    let (first, second) = (format!("/users/{}", first.user), format!("/users/{}", second.user));
    assert_eq!(house.post(&format!("{first}/approve"), json!({})).await.data(200)["status"], "active");
    assert_eq!(house.post(&format!("{first}/approve"), json!({})).await.expect(409).json()["code"], "not_pending");
    assert_eq!(house.post(&format!("{second}/restore"), json!({})).await.expect(409).json()["code"], "pending");
    let refused = house.post(&format!("{second}/reject"), json!({})).await;
    assert_eq!(refused.expect(422).wrong(), [("reason".into(), "required".into())]);
    let rejected = house.post(&format!("{second}/reject"), json!({"reason": "Not ours."})).await.data(200);
    assert_eq!((&rejected["status"], &rejected["status_reason"]), (&json!("rejected"), &json!("Not ours.")));

    let query = ListQuery::new(Slot::One, "all", "", std::num::NonZeroU32::MIN.saturating_add(9));
    let told = house.world.platform.table().list::<Message>(&house.grant(), &query, |_| true).await.expect("messages");
    let mut told: Vec<_> = told.records.iter().map(|message| (message.template, &message.values["reason"])).collect();
    told.sort_by_key(|(template, _)| *template != MessageTemplate::AccountApproved);
    let reason = json!("Not ours.");
    assert_eq!(told, [(MessageTemplate::AccountApproved, &Value::Null), (MessageTemplate::AccountRejected, &reason)]);
}

#[tokio::test]
async fn a_changed_role_is_felt_without_a_new_sign_in() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    house.by(&agent, Ask::get("/users")).await.expect(403);
    house.put(&format!("/users/{}", agent.user), json!({"role": "manager"})).await.expect(200);
    house.by(&agent, Ask::get("/users")).await.expect(200);
    let path = format!("/users/{}/permissions", agent.user);
    house.put(&format!("/users/{}", agent.user), json!({"role": "agent"})).await.expect(200);
    house.by(&agent, Ask::get("/users")).await.expect(403);
    let changed = house.put(&path, json!({"permissions": ["users:read"]})).await.data(200);
    assert_eq!(changed["permissions"], json!(["users:read"]));
    house.by(&agent, Ask::get("/users")).await.expect(200);
    let wrong = house.put(&path, json!({"permissions": ["users:read", "users:fly"]})).await;
    assert_eq!(wrong.expect(422).wrong(), [("permissions.1".into(), "unknown_permission".into())]);
}

#[tokio::test]
async fn another_organizations_people_look_like_nobody() {
    let house = House::new().await;
    let (_, stranger) = house.world.an_admin().await;
    let nobody = "usr_01kaf0v3hteb9s1z6vqk4m2x8y";
    for (method, rest, body) in [
        ("GET", "", json!({})),
        ("PUT", "", json!({"department": "Mine"})),
        ("DELETE", "", json!({})),
        ("POST", "/restore", json!({})),
        ("POST", "/approve", json!({})),
        ("POST", "/reject", json!({"reason": "Mine"})),
        ("PUT", "/permissions", json!({"permissions": []})),
        ("PUT", "/branches", json!({"branch_ids": [house.tenant.branch]})),
    ] {
        for id in [stranger.user.to_string(), nobody.to_owned()] {
            let ask = Ask::new(method, format!("/users/{id}{rest}")).json(&body);
            house.ask(ask).await.expect(404);
        }
    }
}

#[tokio::test]
async fn an_account_that_organizations_share_is_its_holders_alone() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let (other, _) = house.world.an_admin().await;
    let everyone = domain::Caller::system(domain::OrganizationId::PLATFORM, "test").own();
    let table = house.world.platform.table();
    let before: User = table.get_to_change(&everyone, agent.user).await.expect("an account");
    let mut after = before.clone();
    after.organizations.push(other.organization);
    table.commit(&everyone, domain::Change::update(before, after, "user.updated")).await.expect("a change");
    let path = format!("/users/{}", agent.user);
    let refused = house.put(&path, json!({"first_name": "Mine"})).await;
    assert_eq!(refused.expect(403).json()["code"], "shared_account");
    house.put(&path, json!({"department": "Mine"})).await.expect(200);
}
