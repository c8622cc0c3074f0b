//! Roles: templates, and the organization's own.

use domain::{Plan, Role};
use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{House, new_user, text};

fn caller() -> Value {
    json!({
        "name": "Caller", "description": "Calls.", "permissions": ["leads:read", "leads:write", "users:read"],
        "reach": "own", "clear": ["phone"],
    })
}

async fn a_role(house: &House) -> (String, Value) {
    let role = house.post("/roles", caller()).await.data(201);
    (text(&role["id"]), role)
}

#[tokio::test]
async fn a_role_of_ones_own_is_what_its_people_may_do() {
    let house = House::new().await;
    let answer = house.post("/roles", caller()).await;
    let role = answer.data(201);
    let id = text(&role["id"]);
    assert_eq!(answer.header("location"), Some(format!("/roles/{id}").as_str()));
    assert_eq!((&role["template"], &role["clear"]), (&json!(false), &json!(["phone"])));
    assert_eq!(house.get(&format!("/roles/{id}")).await.data(200), role);
    let list = house.get("/roles").await.data(200);
    assert_eq!(list["roles"], json!([role]));
    assert_eq!(list["templates"].as_array().map(Vec::len), Some(Role::ALL.len()));
    assert_eq!(house.get("/roles/agent").await.data(200)["template"], true);
    house.get("/roles/king").await.expect(404);

    let agent = house.somebody(Role::Viewer).await;
    house.by(&agent, Ask::get("/users")).await.expect(403);
    let changed = house.put(&format!("/users/{}", agent.user), json!({"role": id})).await.data(200);
    assert_eq!(changed["role"], json!(id));
    house.by(&agent, Ask::get("/users")).await.expect(200);
    house.put(&format!("/roles/{id}"), json!({"permissions": ["leads:read"]})).await.expect(200);
    house.by(&agent, Ask::get("/users")).await.expect(403);
}

#[tokio::test]
async fn a_role_that_somebody_has_cannot_be_deleted() {
    let house = House::new().await;
    let (id, _) = a_role(&house).await;
    let path = format!("/roles/{id}");
    let user = house.post("/users", new_user("one@example.com", &id, house.tenant.branch)).await.data(201);
    let user = format!("/users/{}", text(&user["id"]));
    let refused = house.delete(&path).await.expect(409).json();
    assert_eq!((&refused["code"], &refused["members"]), (&json!("role_in_use"), &json!(1)));
    house.delete(&user).await.expect(200);
    assert_eq!(house.delete(&path).await.expect(409).json()["code"], "role_in_use", "who is away keeps it");
    house.put(&user, json!({"role": "agent"})).await.expect(200);
    house.delete(&path).await.expect(200);
    house.get(&path).await.expect(404);
    let gone = house.put(&user, json!({"role": id})).await;
    assert_eq!(gone.expect(422).wrong(), [("role".into(), "unknown_role".into())]);
    house.post(&format!("{path}/restore"), json!({})).await.expect(200);
    house.put(&user, json!({"role": id})).await.expect(200);
}

#[tokio::test]
async fn a_role_is_not_given_while_it_is_deleted() {
    for _ in 0..5 {
        let house = House::new().await;
        let (id, _) = a_role(&house).await;
        let agent = house.somebody(Role::Agent).await;
        let (role, user) = (format!("/roles/{id}"), format!("/users/{}", agent.user));
        let (deleted, given) = tokio::join!(house.delete(&role), house.put(&user, json!({"role": id})));
        let done = (deleted.status.as_u16(), given.status.as_u16());
        assert!(matches!(done, (200, 422) | (409, 200)), "{done:?}");
    }
}

#[tokio::test]
async fn nobody_makes_or_changes_a_role_that_may_do_more_than_they() {
    let house = House::new().await;
    let clerk = json!({"name": "Clerk", "permissions": ["roles:read", "roles:write", "users:read", "users:write"]});
    let clerk_role = text(&house.post("/roles", clerk).await.data(201)["id"]);
    let person = house.somebody(Role::Viewer).await;
    house.put(&format!("/users/{}", person.user), json!({"role": clerk_role})).await.expect(200);
    let (other, _) = a_role(&house).await;

    let path = format!("/roles/{clerk_role}");
    let mine = json!(["roles:read", "roles:write", "users:read", "users:write", "leads:delete"]);
    for ask in [
        Ask::put(&path, json!({"permissions": mine})),
        Ask::put(&path, json!({"clear": ["email"]})),
        Ask::put(format!("/roles/{other}"), json!({"name": "Less"})),
        Ask::delete(format!("/roles/{other}")),
        Ask::post("/roles", json!({"name": "More", "permissions": ["leads:read"]})),
    ] {
        assert_eq!(house.by(&person, ask).await.expect(403).json()["code"], "beyond_own");
    }
    let reaching = house.by(&person, Ask::put(&path, json!({"reach": "all"}))).await;
    assert_eq!(reaching.expect(422).wrong(), [("reach".into(), "beyond_own".into())]);
    house.by(&person, Ask::put(&path, json!({"permissions": ["roles:read"]}))).await.expect(200);
    house.by(&person, Ask::put(&path, json!({"permissions": ["roles:read"]}))).await.expect(403);
}

#[tokio::test]
async fn a_branch_role_that_sees_every_branch_reaches_all() {
    let house = House::new().await;
    let bounded = house.bounded().await;
    let body = json!({"name": "Wide", "permissions": ["branches:all", "leads:read"], "reach": "branch"});
    let refused = house.by(&bounded, Ask::post("/roles", body.clone())).await;
    assert_eq!(refused.expect(422).wrong(), [("reach".into(), "beyond_own".into())]);
    house.post("/roles", body).await.expect(201);
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once_and_a_name_is_one_roles_alone() {
    let house = House::new().await;
    let body = json!({"name": "", "permissions": ["x"], "reach": "far", "clear": ["phone", "shoe"]});
    let wrong: Vec<String> =
        house.post("/roles", body).await.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["name", "permissions.0", "reach", "clear.1"]);
    a_role(&house).await;
    assert_eq!(house.post("/roles", caller()).await.expect(409).wrong(), [("name".into(), "taken".into())]);
}

#[tokio::test]
async fn the_registry_tells_what_can_be_permitted_and_which_plan_has_it() {
    let house = House::new().await;
    let agent = house.somebody(Role::Agent).await;
    let list = house.by(&agent, Ask::get("/permissions")).await.data(200);
    let find = |id: &str| {
        let all = list["permissions"].as_array().expect("a list");
        all.iter().find(|permission| permission["id"] == id).cloned().expect("a permission")
    };
    let (roles, leads) = (find("roles:write"), find("leads:write"));
    assert_eq!(
        (&roles["module"], &roles["action"], &roles["plan"]),
        (&json!("roles"), &json!("write"), &json!("growth"))
    );
    assert_eq!((&roles["granted"], &leads["granted"]), (&json!(false), &json!(true)));
    house.plan(Plan::Starter).await;
    let gated = house.get("/roles").await.expect(403).json();
    assert_eq!((&gated["code"], &gated["plan"]), (&json!("not_in_plan"), &json!("growth")));
}

#[tokio::test]
async fn another_organizations_role_looks_like_none() {
    let house = House::new().await;
    let (_, stranger) = house.world.an_admin().await;
    let theirs = house.by(&stranger, Ask::post("/roles", caller())).await.data(201);
    let id = text(&theirs["id"]);
    let path = format!("/roles/{id}");
    for ask in [Ask::get(&path), Ask::put(&path, json!({"name": "Mine"})), Ask::delete(&path)] {
        house.ask(ask).await.expect(404);
    }
    let body = new_user("one@example.com", &id, house.tenant.branch);
    assert_eq!(house.post("/users", body).await.expect(422).wrong(), [("role".into(), "unknown_role".into())]);
}
