use domain::Role;
use jiff::SignedDuration;
use serde_json::json;
use testkit::Ask;

use crate::{Ground, id, named, names};

#[tokio::test]
async fn a_list_is_newest_first_and_the_same_by_page_by_offset_and_by_cursor() {
    let ground = Ground::new().await;
    for number in 0..25 {
        ground.world.clock.advance(SignedDuration::from_secs(1));
        ground.a_lead(named(&format!("Lead {number:02}"))).await;
    }
    ground.world.settle().await;
    let first = ground.get("/leads?limit=10").await;
    assert_eq!(names(&first)[0], "Lead 24");
    assert_eq!(first["pagination"]["total_records"], 25);
    assert_eq!(first["pagination"]["total_pages"], 3);
    let cursor = first["pagination"]["next_cursor"].as_str().expect("there is more");
    let by_cursor = ground.get(&format!("/leads?limit=10&cursor={cursor}")).await;
    let by_page = ground.get("/leads?limit=10&page=2").await;
    let by_offset = ground.get("/leads?limit=10&offset=10").await;
    assert_eq!(names(&by_cursor), names(&by_page));
    assert_eq!(names(&by_page), names(&by_offset));
    let last = ground.get("/leads?limit=10&page=3").await;
    assert_eq!(names(&last).len(), 5);
    assert!(last["pagination"]["next_cursor"].is_null());
    let oldest = ground.get("/leads?limit=1&sort_order=asc").await;
    assert_eq!(names(&oldest), ["Lead 00"]);
}

#[tokio::test]
async fn a_cursor_of_another_list_or_tampered_with_is_refused() {
    let ground = Ground::new().await;
    for number in 0..3 {
        ground.a_lead(named(&format!("Lead {number}"))).await;
    }
    let list = ground.get("/leads?limit=1").await;
    let cursor = list["pagination"]["next_cursor"].as_str().expect("there is more").to_owned();
    for path in [
        format!("/leads?limit=1&source=x&cursor={cursor}"),
        format!("/leads?limit=1&cursor={}A", &cursor[..cursor.len() - 1]),
        "/leads?cursor=%00".to_owned(),
    ] {
        let answer = Ask::get(path).by(&ground.admin).of(&ground.router).await;
        assert_eq!(answer.expect(422).wrong(), [("cursor".to_owned(), "bad_cursor".to_owned())]);
    }
}

#[tokio::test]
async fn every_wrong_parameter_is_told_at_once() {
    let ground = Ground::new().await;
    let path = "/leads?limit=0&page=x&sort_order=up&sort_by=name";
    let answer = Ask::get(path).by(&ground.admin).of(&ground.router).await;
    assert_eq!(answer.expect(422).wrong().len(), 4);
    let answer = Ask::get("/leads?colour=red&score[gte]=high").by(&ground.admin).of(&ground.router).await;
    assert_eq!(answer.expect(422).wrong().len(), 2);
    let deep = Ask::get("/leads?page=100&limit=50").by(&ground.admin).of(&ground.router).await;
    assert_eq!(deep.expect(422).wrong(), [("page".to_owned(), "too_deep".to_owned())]);
}

#[tokio::test]
async fn filters_choose_by_stage_owner_branch_and_any_field() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let other = ground.tenant.other_branch.to_string();
    ground.a_lead(json!({"full_name": "One", "source": "Google", "assigned_to": agent.user})).await;
    ground.a_lead(json!({"full_name": "Two", "source": "Direct", "branch_id": other, "tags": ["Hot"]})).await;
    let three = ground.a_lead(json!({"full_name": "Three", "custom_fields": {"experience": 5}})).await;
    let moved = json!({"status": "assessment"});
    Ask::post(format!("/leads/{}/status", id(&three)), moved).by(&ground.admin).of(&ground.router).await.expect(200);

    for (path, expected) in [
        ("/leads?source=google".to_owned(), vec!["One"]),
        (format!("/leads?assigned_to={}", agent.user), vec!["One"]),
        (format!("/leads/agent/{}", agent.user), vec!["One"]),
        (format!("/leads?branch_id={other}"), vec!["Two"]),
        ("/leads?tags=hot".to_owned(), vec!["Two"]),
        ("/leads?status=assessment".to_owned(), vec!["Three"]),
        ("/leads/status/assessment".to_owned(), vec!["Three"]),
        ("/leads?custom_fields.experience[gte]=5".to_owned(), vec!["Three"]),
        (format!("/leads?status=lead&branch_id={other}"), vec!["Two"]),
        ("/leads?status=all&source[in]=google,direct&sort_order=asc".to_owned(), vec!["One", "Two"]),
    ] {
        assert_eq!(names(&ground.get(&path).await), expected, "{path}");
    }
    assert_eq!(names(&ground.get("/leads/status/all").await).len(), 3);
    let unknown = Ask::get("/leads/status/sleeping").by(&ground.admin).of(&ground.router).await;
    assert_eq!(unknown.expect(422).wrong(), [("status".to_owned(), "unknown_stage".to_owned())]);
}

#[tokio::test]
async fn words_find_leads_by_name_address_number_and_external_id() {
    let ground = Ground::new().await;
    let lead = ground
        .a_lead(json!({"full_name": "Renée Example", "email": "someone@clinic.example", "phone": "9876543210", "external_id": "660737"}))
        .await;
    ground.a_lead(named("Somebody Else")).await;
    ground.world.settle().await;
    for words in [
        "renee",
        "REN",
        "exam%20ren",
        "clinic.ex",
        "Someone@Clinic.example",
        "9876543210",
        "3210",
        "660737",
        "6607",
        "%2B91%2098765%2043210",
        "919876543210",
        "renee%203210",
    ] {
        let found = ground.get(&format!("/leads/search/{words}")).await;
        assert_eq!(names(&found), ["Renée Example"], "{words}");
    }
    // A keyed hash knows no beginnings.
    for words in ["nobody", "someone", "someone@clinic", "98765", "43210", "919876"] {
        assert!(names(&ground.get(&format!("/leads/search/{words}")).await).is_empty(), "{words}");
    }
    let renamed = json!({"full_name": "Asha Example"});
    Ask::put(format!("/leads/{}", id(&lead)), renamed).by(&ground.admin).of(&ground.router).await.expect(200);
    ground.world.settle().await;
    assert!(names(&ground.get("/leads/search/renee").await).is_empty());
    assert_eq!(names(&ground.get("/leads?search=asha").await), ["Asha Example"]);
    Ask::delete(format!("/leads/{}", id(&lead))).by(&ground.admin).of(&ground.router).await.expect(200);
    assert!(names(&ground.get("/leads/search/asha").await).is_empty());
}

#[tokio::test]
async fn people_find_what_is_in_their_reach_and_nothing_else() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let manager = ground.person(Role::Manager).await;
    let elsewhere = ground.world.a_person(&ground.tenant, Role::Manager, ground.tenant.other_branch).await;
    ground.a_lead(json!({"full_name": "Mine Example", "assigned_to": agent.user})).await;
    ground.a_lead(named("Ours Example")).await;
    ground.a_lead(json!({"full_name": "Theirs Example", "branch_id": ground.tenant.other_branch})).await;
    let (_, stranger) = ground.world.an_admin().await;
    ground.world.settle().await;
    for (person, expected) in [
        (&agent, vec!["Mine Example"]),
        (&manager, vec!["Mine Example", "Ours Example"]),
        (&elsewhere, vec!["Theirs Example"]),
        (&stranger, vec![]),
    ] {
        for path in ["/leads?sort_order=asc", "/leads/search/example", "/leads?status=lead&sort_order=asc"] {
            let list = Ask::get(path).by(person).of(&ground.router).await.data(200);
            let mut found = names(&list);
            found.sort_unstable();
            assert_eq!(found, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let ground = Ground::new().await;
    let lead = ground.a_lead(named("Asha Example")).await;
    for path in ["/leads".to_owned(), format!("/leads/{}", id(&lead))] {
        let first = Ask::get(&path).by(&ground.admin).of(&ground.router).await;
        let tag = first.header("etag").expect("a tag").to_owned();
        let again = Ask::get(&path).header("if-none-match", tag).by(&ground.admin).of(&ground.router).await;
        assert!(again.expect(304).bytes.is_empty());
    }
}

#[tokio::test]
async fn a_list_costs_the_same_however_large_the_table_is() {
    let ground = Ground::new().await;
    let meter = ground.world.standins.dynamo.meter();
    let mut costs = Vec::new();
    for size in [60, 240] {
        for number in 0..size {
            ground.a_lead(named(&format!("Lead {number}"))).await;
        }
        ground.world.settle().await;
        ground.get("/leads?limit=50").await;
        meter.reset();
        ground.get("/leads?limit=50").await;
        let total = meter.totals();
        costs.push((total.calls, total.write_units));
        assert!(total.read_units < 9.0, "{total:?}");
    }
    assert_eq!(costs[0], costs[1]);
}
