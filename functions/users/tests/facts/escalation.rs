//! Nobody grants what they lack.

use domain::{Permission, Permissions, Role, RowReach};
use serde_json::json;
use testkit::Ask;

use crate::support::{House, new_user};

#[tokio::test]
async fn nobody_adds_people_without_the_permission_or_beyond_their_own_rows() {
    let house = House::new().await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let person = house.somebody(role).await;
        let body = new_user("somebody@example.com", "viewer", house.tenant.branch);
        let answer = house.by(&person, Ask::post("/users", body)).await;
        assert_eq!(answer.expect(403).json()["permission"], "users:write", "{role:?}");
    }
    let bounded = house.bounded().await;
    let mut body = new_user("somebody@example.com", "admin", house.tenant.branch);
    let answer = house.by(&bounded, Ask::post("/users", body.clone())).await;
    assert_eq!(answer.expect(422).wrong(), [("reach".into(), "beyond_own".into())]);
    body["reach"] = "branch".into();
    body["branch_ids"] = json!([house.tenant.other_branch]);
    let answer = house.by(&bounded, Ask::post("/users", body.clone())).await;
    assert_eq!(answer.expect(422).wrong(), [("branch_ids.0".into(), "unknown_branch".into())]);
    body["branch_ids"] = json!([house.tenant.branch]);
    house.by(&bounded, Ask::post("/users", body)).await.expect(201);
}

/// Somebody who may change people and little else.
async fn a_clerk(house: &House, reach: RowReach) -> testkit::Person {
    let clerk = house.somebody(Role::Agent).await;
    let extra: Permissions = [Permission::UsersRead, Permission::UsersWrite].into_iter().collect();
    house
        .place(clerk.user, |member| {
            member.extra = extra;
            member.reach = Some(reach);
        })
        .await;
    clerk
}

#[tokio::test]
async fn who_may_change_people_gives_nobody_what_they_lack() {
    let house = House::new().await;
    let clerk = a_clerk(&house, RowReach::All).await;
    let viewer = house.somebody(Role::Viewer).await;
    for user in [viewer.user, clerk.user] {
        let path = format!("/users/{user}");
        for ask in [
            Ask::put(&path, json!({"role": "admin"})),
            Ask::put(&path, json!({"role": "manager"})),
            Ask::put(format!("{path}/permissions"), json!({"permissions": ["leads:delete"]})),
        ] {
            assert_eq!(house.by(&clerk, ask).await.expect(403).json()["code"], "beyond_own");
        }
    }
    let body = new_user("somebody@example.com", "manager", house.tenant.branch);
    assert_eq!(house.by(&clerk, Ask::post("/users", body)).await.expect(403).json()["code"], "beyond_own");
    let path = format!("/users/{}", viewer.user);
    house.by(&clerk, Ask::put(path, json!({"role": "agent"}))).await.expect(200);
}

#[tokio::test]
async fn nobody_changes_who_is_over_them() {
    let house = House::new().await;
    let clerk = a_clerk(&house, RowReach::All).await;
    let path = format!("/users/{}", house.admin.user);
    for ask in [
        Ask::delete(&path),
        Ask::put(&path, json!({"role": "viewer"})),
        Ask::put(&path, json!({"first_name": "Nobody"})),
        Ask::put(format!("{path}/permissions"), json!({"permissions": []})),
        Ask::put(format!("{path}/branches"), json!({"branch_ids": [house.tenant.other_branch]})),
    ] {
        assert_eq!(house.by(&clerk, ask).await.expect(403).json()["code"], "beyond_own");
    }
}

#[tokio::test]
async fn who_reaches_a_branch_changes_its_people_only() {
    let house = House::new().await;
    let bounded = house.bounded().await;
    let (here, there) = (
        house.somebody(Role::Agent).await,
        house.world.a_person(&house.tenant, Role::Agent, house.tenant.other_branch).await,
    );
    let change = json!({"department": "Sales"});
    house.by(&bounded, Ask::put(format!("/users/{}", here.user), change.clone())).await.expect(200);
    let refused = house.by(&bounded, Ask::put(format!("/users/{}", there.user), change)).await;
    assert_eq!(refused.expect(403).json()["code"], "beyond_own");
    let both = json!({"branch_ids": [house.tenant.branch, house.tenant.other_branch]});
    let refused = house.by(&bounded, Ask::put(format!("/users/{}/branches", here.user), both.clone())).await;
    assert_eq!(refused.expect(422).wrong(), [("branch_ids.1".into(), "unknown_branch".into())]);
    house.put(&format!("/users/{}/branches", here.user), both).await.expect(200);
    let own = format!("/users/{}", bounded.user);
    let answer = house.by(&bounded, Ask::put(own, json!({"reach": "all"}))).await;
    assert_eq!(answer.expect(422).wrong(), [("reach".into(), "beyond_own".into())]);
}
