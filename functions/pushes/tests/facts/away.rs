//! Who was away for a moment misses nothing.

use domain::Role;
use domain::realtime::REMEMBERED;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Ear, Hall};

impl Hall {
    /// Everything that was missed since a time, part by part, and the number of parts.
    async fn missed(&self, ear: &Ear, since: &str) -> (Vec<Value>, usize) {
        let (mut frames, mut cursor) = (Vec::new(), since.to_owned());
        for part in 1..50 {
            let sync = self.say(ear, json!({"action": "since", "cursor": cursor})).await;
            assert_eq!(sync["event"], "sync", "{sync}");
            frames.extend(sync["data"]["frames"].as_array().expect("frames").iter().cloned());
            sync["data"]["cursor"].as_str().expect("a cursor").clone_into(&mut cursor);
            if sync["data"]["more"] == false {
                return (frames, part);
            }
        }
        panic!("it does not end");
    }
}

#[tokio::test]
async fn what_happened_between_two_connections_is_told_after_the_second() {
    let hall = Hall::new().await;
    let (agent, colleague) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let mut ear = hall.open(&agent).await;
    let first = hall.a_lead(&agent).await;
    hall.follow().await;
    let last = ear.heard().pop().expect("a frame");
    let since = last["at"].as_str().expect("a time").to_owned();
    hall.hang_up(&ear).await;
    let mut expected = Vec::new();
    for number in 0..5 {
        hall.world.clock.advance(SignedDuration::from_secs(20));
        hall.change(&first, json!({"priority": if number % 2 == 0 { "high" } else { "low" }})).await;
        let other = json!({"full_name": format!("Lead {number}"), "assigned_to": colleague.user});
        testkit::Ask::post("/leads", other).by(&hall.admin).of(&hall.leads).await.expect(201);
        hall.follow().await;
        expected.push(json!("lead:updated"));
    }
    assert!(ear.events().is_empty(), "it was closed");
    let again = hall.open(&agent).await;
    let (frames, _) = hall.missed(&again, &since).await;
    let updates: Vec<Value> =
        frames.iter().map(|frame| frame["event"].clone()).filter(|event| event == "lead:updated").collect();
    assert_eq!(updates, expected, "{frames:?}");
    assert!(frames.iter().all(|frame| frame["data"]["type"] != "lead" || frame["data"]["id"] == first.as_str()));
    assert!(frames.contains(&last), "the last of what was heard is told again, with the same id");
}

#[tokio::test]
async fn much_is_told_in_parts_and_nothing_twice() {
    let hall = Hall::new().await;
    let ear = hall.open_to_all(&hall.admin).await;
    let begun = hall.world.platform.now().to_string();
    for number in 0..230 {
        let lead = json!({"full_name": format!("Lead {number}")});
        testkit::Ask::post("/leads", lead).by(&hall.admin).of(&hall.leads).await.expect(201);
        // Some enter at the same moment.
        if number % 3 == 0 {
            hall.world.clock.advance(SignedDuration::from_millis(1));
        }
        if number % 50 == 0 {
            hall.hand_over().await;
        }
    }
    hall.hand_over().await;
    let (frames, parts) = hall.missed(&ear, &begun).await;
    let created: Vec<&Value> = frames.iter().filter(|frame| frame["event"] == "lead:created").collect();
    let mut leads: Vec<String> = created.iter().map(|frame| frame["data"]["id"].to_string()).collect();
    assert_eq!(leads.len(), 230);
    leads.sort();
    leads.dedup();
    assert_eq!(leads.len(), 230);
    assert!(parts > 1, "what fits into a message is bounded");
}

#[tokio::test]
async fn who_was_away_too_long_begins_anew() {
    let hall = Hall::new().await;
    let ear = hall.open(&hall.admin).await;
    let since = hall.world.platform.now();
    hall.world.clock.advance(REMEMBERED + SignedDuration::from_secs(1));
    let answer = hall.say(&ear, json!({"action": "since", "cursor": since})).await;
    assert_eq!(answer["event"], "sync:required");
    let now = hall.world.platform.now();
    let answer = hall.say(&ear, json!({"action": "since", "cursor": now})).await;
    assert_eq!((&answer["event"], &answer["data"]["frames"]), (&json!("sync"), &json!([])));
    let ahead = now + SignedDuration::from_hours(1);
    let answer = hall.say(&ear, json!({"action": "since", "cursor": ahead})).await;
    assert_eq!(answer["data"]["code"], "bad_cursor");
}

#[tokio::test]
async fn what_one_lost_while_away_is_told_as_gone() {
    let hall = Hall::new().await;
    let (one, other) = (hall.person(Role::Agent).await, hall.person(Role::Agent).await);
    let ear = hall.open(&one).await;
    let lead = hall.a_lead(&one).await;
    hall.follow().await;
    let since = hall.world.platform.now().to_string();
    hall.world.clock.advance(SignedDuration::from_mins(5));
    hall.hang_up(&ear).await;
    let body = json!({"assigned_to": other.user});
    testkit::Ask::post(format!("/leads/{lead}/assign"), body).by(&hall.admin).of(&hall.leads).await.expect(200);
    hall.follow().await;
    let again = hall.open(&one).await;
    let (frames, _) = hall.missed(&again, &since).await;
    let gone = frames.iter().find(|frame| frame["event"] == "lead:gone").expect("it is gone");
    assert_eq!(gone["data"]["id"], lead.as_str());
    assert!(frames.iter().all(|frame| !frame.to_string().contains(&other.user.to_string())), "{frames:?}");
}
