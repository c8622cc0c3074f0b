//! How people choose to be told.

use serde_json::{Value, json};
use testkit::Ask;

use crate::support::House;

const PATH: &str = "/notifications/preferences";

async fn put(house: &House, body: Value) -> Value {
    house.by(&house.agent, Ask::put(PATH, body)).await.data(200)
}

#[tokio::test]
async fn who_chose_nothing_has_what_is_usual() {
    let house = House::new().await;
    let usual = house.get(PATH).await;
    assert_eq!(usual.header("etag"), Some("\"0\""));
    let usual = usual.data(200);
    assert_eq!(usual["channels"], json!({"email": true, "sms": false, "push": true}));
    assert_eq!(usual["types"]["alert"], json!({"in_app": true, "email": true, "sms": true, "push": true}));
    assert_eq!(usual["types"]["info"], json!({"in_app": true, "email": false, "sms": false, "push": true}));
    assert_eq!(usual["quiet_hours"], Value::Null);
    assert_eq!(usual["urgent_passes"], true);
    assert_eq!(usual["digest"], json!({"frequency": "off", "hour": 8, "weekday": "monday"}));
    assert_eq!(usual["timezone"], "Asia/Kolkata");
}

#[tokio::test]
async fn a_choice_merges_and_null_goes_back() {
    let house = House::new().await;
    let chosen = put(&house, json!({
        "types": {"alert": {"email": false}, "info": {"email": true, "push": false}},
        "quiet_hours": {"start": "22:00", "end": "07:00", "days": ["friday", "monday"], "timezone": "Europe/Berlin"},
        "urgent_passes": false,
        "digest": {"frequency": "weekly", "hour": 9},
    }))
    .await;
    assert_eq!(chosen["types"]["info"], json!({"in_app": true, "email": true, "sms": false, "push": false}));
    assert_eq!(chosen["quiet_hours"]["days"], json!(["monday", "friday"]));
    assert_eq!(chosen["digest"], json!({"frequency": "weekly", "hour": 9, "weekday": "monday"}));
    // The next Monday at 09:00 in Kolkata.
    assert_eq!(chosen["next_digest_at"], "2026-11-23T03:30:00Z");
    let back = put(
        &house,
        json!({
            "types": {"info": {"email": null}, "alert": null}, "quiet_hours": null, "digest": {"frequency": null},
        }),
    )
    .await;
    assert_eq!(back["types"]["alert"]["email"], true);
    assert_eq!(back["types"]["info"], json!({"in_app": true, "email": false, "sms": false, "push": false}));
    assert_eq!((&back["quiet_hours"], &back["next_digest_at"]), (&Value::Null, &Value::Null));
    assert_eq!(back["urgent_passes"], false);
    assert_eq!(house.get(PATH).await.data(200), back);
    let other = house.by(&house.admin, Ask::get(PATH)).await.data(200);
    assert_eq!(other["urgent_passes"], true, "everybody has their own");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once_and_unknown_ones_are_warned_of() {
    let house = House::new().await;
    let body = json!({
        "channels": {"email": "yes"},
        "types": {"shout": {}, "alert": {"email": 1}},
        "quiet_hours": {"start": "25:00", "end": "7:00", "days": ["noday"], "timezone": "Mars/Base"},
        "digest": {"frequency": "hourly", "hour": 24, "weekday": "noday"},
    });
    let wrong = house.by(&house.agent, Ask::put(PATH, body)).await;
    let mut fields: Vec<String> = wrong.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "channels.email",
            "digest.frequency",
            "digest.hour",
            "digest.weekday",
            "quiet_hours.days.0",
            "quiet_hours.end",
            "quiet_hours.start",
            "quiet_hours.timezone",
            "types.alert.email",
            "types.shout",
        ]
    );
    for (hours, field) in [
        (json!({"start": "22:00", "end": "22:00"}), "quiet_hours.end"),
        (json!({"start": "22:00", "end": "07:00", "days": []}), "quiet_hours.days"),
        (json!({"end": "07:00"}), "quiet_hours.start"),
    ] {
        let wrong = house.by(&house.agent, Ask::put(PATH, json!({"quiet_hours": hours}))).await;
        assert_eq!(wrong.expect(422).wrong()[0].0, field);
    }
    let warned = house.by(&house.agent, Ask::put(PATH, json!({"urgnt_passes": true, "timezone": "UTC"}))).await;
    let warnings = warned.expect(200).json()["warnings"].clone();
    let warned: Vec<&Value> = warnings.as_array().expect("warnings").iter().map(|one| &one["field"]).collect();
    assert_eq!(warned, ["urgnt_passes", "timezone"]);
}

#[tokio::test]
async fn a_writer_who_saw_others_choices_is_told() {
    let house = House::new().await;
    put(&house, json!({"urgent_passes": false})).await;
    let version = house.get(PATH).await.header("etag").expect("a version").to_owned();
    put(&house, json!({"digest": {"frequency": "daily"}})).await;
    let late = Ask::put(PATH, json!({"digest": {"frequency": "off"}})).header("if-match", version);
    house.by(&house.agent, late).await.expect(412);
}

#[tokio::test]
async fn the_profile_and_the_preferences_tell_one_truth() {
    let house = House::new().await;
    let users = users::router(house.world.app());
    let chosen = put(&house, json!({"channels": {"email": false, "sms": true}})).await;
    assert_eq!(chosen["channels"], json!({"email": false, "sms": true, "push": true}));
    let profile = Ask::get("/users/profile").by(&house.agent).of(&users).await.data(200);
    assert_eq!(profile["preferences"]["notifications"], chosen["channels"]);
    let body = json!({"preferences": {"notifications": {"email": true, "sms": false}, "timezone": "Europe/Berlin"}});
    Ask::put(format!("/users/profile/{}", house.agent.user), body).by(&house.agent).of(&users).await.expect(200);
    let after = house.get(PATH).await.data(200);
    assert_eq!(after["channels"], json!({"email": true, "sms": false, "push": true}));
    assert_eq!(after["timezone"], "Europe/Berlin");
}
