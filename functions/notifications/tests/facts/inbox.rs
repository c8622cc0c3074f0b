//! What comes, what is read, and what is gone.

use serde_json::{Value, json};
use testkit::Ask;

use crate::support::{House, text, titles};

#[tokio::test]
async fn what_is_told_is_there_in_every_spelling() {
    let house = House::new().await;
    let expires_at = house.world.platform.now() + jiff::SignedDuration::from_hours(1);
    let more = json!({
        "type": "reminder", "priority": "medium", "data": {"urgency": "high"}, "student_id": "student-7",
        "action_url": "/leads/1", "action_label": "View", "expires_at": expires_at,
    });
    let made = house.tell(house.agent.user, more).await;
    let shown = house.get(&format!("/notifications/{}", text(&made["id"]))).await.data(200);
    assert_eq!(shown, made);
    for (field, value) in [
        ("user_id", json!(house.agent.user)),
        ("agent_id", json!(house.agent.user)),
        ("type", json!("reminder")),
        ("priority", json!("normal")),
        ("is_read", json!(false)),
        ("read_status", json!(false)),
        ("metadata", json!({"urgency": "high"})),
        ("data", json!({"urgency": "high"})),
        ("created_by", json!(house.admin.user)),
        ("action_url", json!("/leads/1")),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
}

#[tokio::test]
async fn a_list_holds_what_it_is_asked_for_and_its_figures_are_exact() {
    let house = House::new().await;
    for (title, kind) in [("one", "info"), ("two", "system"), ("three", "info"), ("four", "assignment")] {
        house.tell(house.agent.user, json!({"title": title, "type": kind})).await;
        house.later(1);
    }
    let list = house.get("/notifications").await.data(200);
    let three = text(&list["notifications"][1]["id"]);
    let read = house.put(&format!("/notifications/{three}/read")).await.data(200);
    assert_eq!((&read["is_read"], &read["read_status"]), (&json!(true), &json!(true)));
    let again = house.put(&format!("/notifications/{three}/read")).await.data(200);
    assert_eq!(again, read, "reading it again changes nothing");
    for (query, expected, total) in [
        ("", vec!["four", "three", "two", "one"], 4),
        ("?limit=2", vec!["four", "three"], 4),
        ("?page=2&limit=2", vec!["two", "one"], 4),
        ("?is_read=false", vec!["four", "two", "one"], 3),
        ("?read_status=unread&limit=1", vec!["four"], 3),
        ("?read_status=read", vec!["three"], 1),
        ("?type=info", vec!["three", "one"], 2),
        ("?type=info&read_status=unread", vec!["one"], 1),
        ("?read_status=all&type=all&sort_order=asc", vec!["one", "two", "three", "four"], 4),
    ] {
        let list = house.get(&format!("/notifications{query}")).await.data(200);
        assert_eq!(titles(&list), expected, "{query}");
        assert_eq!(
            (&list["pagination"]["total_records"], &list["unread_count"]),
            (&json!(total), &json!(3)),
            "{query}"
        );
    }
    let first = house.get("/notifications?is_read=false&limit=2").await.data(200);
    let cursor = text(&first["pagination"]["next_cursor"]);
    let rest = house.get(&format!("/notifications?is_read=false&limit=2&cursor={cursor}")).await.data(200);
    assert_eq!(titles(&rest), ["one"]);
    let refused = house.get("/notifications?is_read=maybe&type=x&read_status=some").await;
    let wrong: Vec<String> = refused.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ["is_read", "read_status", "type"]);
    let refused = house.get("/notifications?is_read=true&read_status=unread").await;
    assert_eq!(refused.expect(422).wrong(), [("read_status".into(), "contradiction".into())]);
}

#[tokio::test]
async fn all_is_read_with_one_write_and_at_once() {
    let house = House::new().await;
    for _ in 0..5 {
        house.tell(house.agent.user, json!({})).await;
    }
    let path = format!("/notifications/agent/{}/read-all", house.agent.user);
    assert_eq!(house.put(&path).await.data(200), json!({"updated": 5, "unread_count": 0}));
    assert_eq!(house.put("/notifications/mark-all-read").await.data(200)["updated"], 0);
    assert_eq!(house.get("/notifications?is_read=false").await.data(200)["notifications"], json!([]));
    assert_eq!(house.stats().await["unread"], 0);
    // What comes at the same moment is not read.
    house.tell(house.agent.user, json!({"title": "new"})).await;
    assert_eq!(titles(&house.get("/notifications?is_read=false").await.data(200)), ["new"]);
    let list = house.get("/notifications").await.data(200);
    let read: Vec<&Value> =
        list["notifications"].as_array().expect("a list").iter().map(|one| &one["is_read"]).collect();
    assert_eq!(read, [false, true, true, true, true, true]);
    assert_eq!(house.stats().await["unread"], 1);
}

#[tokio::test]
async fn what_has_expired_is_gone_at_once() {
    let house = House::new().await;
    let expires_at = house.world.platform.now() + jiff::SignedDuration::from_secs(60);
    let made = house.tell(house.agent.user, json!({"title": "short", "expires_at": expires_at})).await;
    house.tell(house.agent.user, json!({"title": "long", "type": "alert", "priority": "urgent"})).await;
    let stats = house.stats().await;
    assert_eq!((&stats["total"], &stats["by_type"]["info"]["unread"]), (&json!(2), &json!(1)));
    house.later(60);
    assert_eq!(titles(&house.get("/notifications").await.data(200)), ["long"]);
    assert_eq!(titles(&house.get("/notifications?is_read=false").await.data(200)), ["long"]);
    let id = text(&made["id"]);
    house.get(&format!("/notifications/{id}")).await.expect(404);
    house.put(&format!("/notifications/{id}/read")).await.expect(404);
    let stats = house.stats().await;
    assert_eq!((&stats["total"], &stats["unread"], &stats["read"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(stats["by_type"], json!({"alert": {"total": 1, "unread": 1}}));
    assert_eq!(stats["by_priority"], json!({"urgent": {"total": 1, "unread": 1}}));
    assert_eq!(house.get("/notifications").await.data(200)["pagination"]["total_records"], 1);
}

#[tokio::test]
async fn what_is_deleted_is_gone_once() {
    let house = House::new().await;
    let made = house.tell(house.agent.user, json!({})).await;
    house.tell(house.agent.user, json!({"title": "kept"})).await;
    let path = format!("/notifications/{}", text(&made["id"]));
    let late = Ask::delete(&path).header("if-match", "\"7\"");
    house.by(&house.agent, late).await.expect(412);
    assert_eq!(house.by(&house.agent, Ask::delete(&path)).await.data(200), json!({"id": made["id"]}));
    house.by(&house.agent, Ask::delete(&path)).await.expect(404);
    assert_eq!(titles(&house.get("/notifications").await.data(200)), ["kept"]);
    assert_eq!((&house.stats().await["total"], &house.stats().await["unread"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn the_figures_hold_when_many_act_at_once() {
    let house = House::new().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(text(&house.tell(house.agent.user, json!({})).await["id"]));
    }
    let paths: Vec<String> = ids.iter().map(|id| format!("/notifications/{id}/read")).collect();
    let (one, other, again, told) = tokio::join!(
        house.put(&paths[0]),
        house.put(&paths[1]),
        house.put(&paths[0]),
        house.tell(house.agent.user, json!({}))
    );
    for answer in [one, other, again] {
        answer.expect(200);
    }
    assert_eq!(told["is_read"], false);
    let stats = house.stats().await;
    assert_eq!((&stats["total"], &stats["unread"]), (&json!(5), &json!(3)));
    assert_eq!(
        house.get("/notifications?is_read=false").await.data(200)["notifications"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn figures_and_reading_all_cost_the_same_however_many_there_are() {
    let house = House::new().await;
    let meter = house.world.standins.dynamo.meter();
    let stats = format!("/notifications/stats/{}", house.agent.user);
    let mut costs = Vec::new();
    house.get(&stats).await.expect(200);
    for more in [3, 60] {
        for _ in 0..more {
            house.tell(house.agent.user, json!({})).await;
        }
        let mut cost = Vec::new();
        meter.reset();
        house.get(&stats).await.expect(200);
        cost.push(("stats", meter.totals().calls, meter.totals().read_units, meter.totals().write_units));
        meter.reset();
        house.get("/notifications?is_read=false&limit=3").await.expect(200);
        cost.push(("list", meter.totals().calls, 0.0, meter.totals().write_units));
        meter.reset();
        let read = house.put("/notifications/mark-all-read").await.data(200);
        assert_eq!(read["updated"], more);
        cost.push(("read all", meter.totals().calls, meter.totals().read_units, meter.totals().write_units));
        costs.push(cost);
    }
    assert_eq!(costs[0], [("stats", 1, 1.0, 0.0), ("list", 2, 0.0, 0.0), ("read all", 2, 1.0, 1.0)]);
    assert_eq!(costs[1], costs[0]);
}
