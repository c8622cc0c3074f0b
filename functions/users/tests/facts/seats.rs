//! Seats are counted exactly, and somebody is always left who may do everything.

use domain::{Plan, Role, Seats};
use serde_json::json;
use testkit::Ask;

use crate::support::{House, new_user, text};

async fn seats(house: &House) -> (u32, u32) {
    let id = Seats::id_of(house.tenant.organization);
    let seats: Seats = house.world.platform.table().get_to_change(&house.grant(), id).await.expect("seats");
    (seats.active, seats.admins)
}

#[tokio::test]
async fn a_plan_has_so_many_seats_and_a_freed_one_is_free() {
    let house = House::new().await;
    house.plan(Plan::Starter).await;
    let mut last = String::new();
    for number in 0..4 {
        let body = new_user(&format!("somebody{number}@example.com"), "agent", house.tenant.branch);
        last = text(&house.post("/users", body).await.data(201)["id"]);
    }
    assert_eq!(seats(&house).await, (5, 1));
    let refused = house.post("/users", new_user("one@example.com", "agent", house.tenant.branch)).await;
    let problem = refused.expect(403).json();
    assert_eq!(
        (&problem["code"], &problem["limit"], &problem["plan"]),
        (&json!("plan_limit"), &json!(5), &json!("growth"))
    );

    house.delete(&format!("/users/{last}")).await.expect(200);
    assert_eq!(seats(&house).await, (4, 1));
    house.delete(&format!("/users/{last}")).await.expect(200);
    assert_eq!(seats(&house).await, (4, 1), "nobody leaves twice");
    house.post("/users", new_user("one@example.com", "agent", house.tenant.branch)).await.expect(201);
    assert_eq!(house.post(&format!("/users/{last}/restore"), json!({})).await.expect(403).json()["code"], "plan_limit");
}

#[tokio::test]
async fn of_two_who_take_the_last_seat_at_once_one_gets_it() {
    let house = House::new().await;
    for _ in 0..3 {
        house.somebody(Role::Agent).await;
    }
    house.plan(Plan::Starter).await;
    let (first, second) = tokio::join!(
        house.post("/users", new_user("one@example.com", "agent", house.tenant.branch)),
        house.post("/users", new_user("two@example.com", "agent", house.tenant.branch)),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403]);
    assert_eq!(seats(&house).await, (5, 1));
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let house = House::new().await;
    let path = format!("/users/{}", house.admin.user);
    for ask in
        [Ask::delete(&path), Ask::put(&path, json!({"role": "manager"})), Ask::put(&path, json!({"reach": "branch"}))]
    {
        assert_eq!(house.ask(ask).await.expect(409).json()["code"], "last_admin");
    }
    house.bounded().await;
    house.ask(Ask::delete(&path)).await.expect(409);
    house.world.a_person(&house.tenant, Role::Admin, house.tenant.branch).await;
    house.ask(Ask::delete(&path)).await.expect(200);
}

#[tokio::test]
async fn two_administrators_cannot_demote_each_other_at_once() {
    for _ in 0..5 {
        let house = House::new().await;
        let other = house.somebody(Role::Admin).await;
        let viewer = json!({"role": "viewer"});
        let (first, second) = tokio::join!(
            house.by(&house.admin, Ask::put(format!("/users/{}", other.user), viewer.clone())),
            house.by(&other, Ask::put(format!("/users/{}", house.admin.user), viewer.clone())),
        );
        let done = [first.status.as_u16(), second.status.as_u16()].iter().filter(|status| **status == 200).count();
        assert_eq!(done, 1, "{} {}", first.status, second.status);
        assert_eq!(seats(&house).await, (2, 1));
    }
}
