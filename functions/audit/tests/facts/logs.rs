//! The audit log is found, bounded, and one's own organization's.

use domain::{Membership, Permission, Role, RowReach};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::support::{House, images};

fn log(page: &Value) -> Vec<&Value> {
    page["audit_logs"].as_array().expect("a log").iter().collect()
}

fn actions(page: &Value) -> Vec<&str> {
    log(page).iter().filter_map(|entry| entry["action"].as_str()).collect()
}

/// Somebody of a role with one more permission.
async fn with_more(house: &House, role: Role, reach: Option<RowReach>, more: Permission) -> Person {
    let person = house.world.a_person_reaching(&house.tenant, role, house.tenant.branch, reach).await;
    let table = house.world.platform.table();
    let membership: Membership =
        table.get_to_change(&house.grant(), Membership::id_of(person.user)).await.expect("a membership");
    let mut after = membership.clone();
    after.extra = [more].into_iter().collect();
    let change = domain::Change::update(membership, after, "membership.updated");
    table.commit(&house.grant(), change).await.expect("it is changed");
    person
}

#[tokio::test]
async fn an_entry_tells_who_did_what_from_where() {
    let house = House::new().await;
    let id = house.a_lead("Asha Example").await;
    let changed = Ask::put(format!("/leads/{id}"), json!({"city": "Pune"})).by(&house.admin).of(&house.leads).await;
    let request = changed.expect(200).header("x-request-id").expect("an id").to_owned();
    house.settle().await;
    let page = house.get("/audit-logs?action=lead.updated").await;
    let [entry] = log(&page)[..] else { panic!("one entry: {page}") };
    assert_eq!((&entry["record"], &entry["record_id"], &entry["version"]), (&json!("lead"), &json!(id), &json!(2)));
    assert_eq!(entry["actor"]["user_id"], json!(house.admin.user));
    assert_eq!(entry["actor"]["session_id"], json!(house.admin.session));
    assert_eq!(entry["request_id"], json!(request));
    assert!(
        entry["changes"]
            .as_array()
            .is_some_and(|changes| { changes.contains(&json!({"field": "city", "before": null, "after": "Pune"})) })
    );
    assert!(entry["block"].is_u64() && entry["purged"] == false);
}

#[tokio::test]
async fn filters_leave_what_was_asked_for() {
    let house = House::new().await;
    let manager = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    let ours = house.a_lead("Asha Example").await;
    house.world.clock.advance(SignedDuration::from_mins(10));
    let middle = house.world.platform.now();
    let body = json!({"full_name": "Bela Example"});
    let theirs = Ask::post("/leads", body).by(&manager).of(&house.leads).await.data(201)["id"].clone();
    house.world.clock.advance(SignedDuration::from_mins(10));
    let body = json!({"city": "Pune"});
    Ask::put(format!("/leads/{ours}"), body).by(&manager).of(&house.leads).await.expect(200);
    house.settle().await;

    let by = async |query: String| house.get(&format!("/audit-logs?{query}")).await;
    assert_eq!(actions(&by(format!("actor={}", manager.user)).await), ["lead.updated", "lead.created"]);
    assert_eq!(actions(&by("record=lead".into()).await), ["lead.updated", "lead.created", "lead.created"]);
    assert_eq!(actions(&by("action=lead.".into()).await).len(), 3);
    assert_eq!(actions(&by("action=lead.created".into()).await).len(), 2);
    assert_eq!(actions(&by(format!("record=lead&from={middle}")).await), ["lead.updated", "lead.created"]);
    let before = by(format!("record=lead&to={middle}")).await;
    assert_eq!((actions(&before), &log(&before)[0]["record_id"]), (vec!["lead.created"], &json!(ours)));
    assert_eq!(actions(&by(format!("subject={ours}")).await), ["lead.updated", "lead.created"]);
    assert_eq!(actions(&by(format!("subject={ours}&actor={}", house.admin.user)).await), ["lead.created"]);
    assert_eq!(log(&by(format!("subject={}", theirs.as_str().expect("an id"))).await).len(), 1);
    assert_eq!(actions(&by("action=lea".into()).await), Vec::<&str>::new(), "half a word is none");

    let wrong = house.ask(Ask::get("/audit-logs?actor=me&subject=a%23b&from=now&page=2&sort_order=asc&limit=0")).await;
    let fields: Vec<String> = wrong.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    for field in ["actor", "subject", "from", "page", "sort_order", "limit"] {
        assert!(fields.iter().any(|wrong| wrong == field), "{field}: {fields:?}");
    }
}

#[tokio::test]
async fn pages_together_are_the_log() {
    let house = House::new().await;
    for number in 0..9 {
        house.a_lead(&format!("Lead Number {number}")).await;
    }
    for part in images(&house.news().await.records).chunks(4) {
        house.world.platform.table().chain(part, house.world.platform.now()).await.expect("a block");
    }
    let ids = |page: &Value| log(page).iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>();
    for filter in ["", "&record=lead"] {
        let whole = ids(&house.get(&format!("/audit-logs?limit=200{filter}")).await);
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = house.get(&format!("/audit-logs?limit=2{filter}{cursor}")).await;
            found.extend(ids(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, whole, "{filter}");
        assert!(whole.len() >= 9);
    }
    let page = house.get("/audit-logs?limit=2").await;
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let other = house.ask(Ask::get(format!("/audit-logs?record=lead&cursor={cursor}"))).await;
    assert_eq!(other.expect(422).wrong(), [("cursor".to_owned(), "bad_cursor".to_owned())]);
}

#[tokio::test]
async fn a_page_that_finds_nothing_reads_a_hundred_blocks_and_goes_on() {
    let house = House::new().await;
    let first = house.a_lead("Asha Example").await;
    for number in 0..105 {
        house.a_lead(&format!("Lead Number {number}")).await;
    }
    Ask::delete(format!("/leads/{first}")).by(&house.admin).of(&house.leads).await.expect(200);
    let mut news = images(&house.news().await.records);
    // The deletion is the first thing that the follower hears of.
    news.rotate_right(2);
    for image in news {
        let (table, now) = (house.world.platform.table(), house.world.platform.now());
        table.chain(std::slice::from_ref(&image), now).await.expect("a block");
    }
    let page = house.get("/audit-logs?action=lead.deleted").await;
    assert!(log(&page).is_empty());
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let rest = house.get(&format!("/audit-logs?action=lead.deleted&cursor={cursor}")).await;
    assert_eq!((actions(&rest), &rest["next_cursor"]), (vec!["lead.deleted"], &Value::Null));
}

#[tokio::test]
async fn a_time_long_ago_is_found_without_walking_there() {
    let house = House::new().await;
    let table = house.world.platform.table();
    house.a_lead("Asha Example").await;
    house.settle().await;
    let then = house.world.platform.now() + SignedDuration::from_secs(1);
    house.world.clock.advance(SignedDuration::from_hours(24 * 40));
    let query = |to| store::AuditQuery {
        actor: None,
        record: Some("lead".into()),
        action: None,
        from: None,
        to,
        cursor: None,
        limit: std::num::NonZeroU32::new(10).expect("ten"),
    };
    for _ in 0..120 {
        house.happened(domain::SecurityKind::SessionRevoked, None, "a", None).await;
    }
    for image in images(&house.news().await.records) {
        table.chain(std::slice::from_ref(&image), house.world.platform.now()).await.expect("a block");
    }
    let walked = table.audit_log(&house.grant(), &query(None)).await.expect("a page");
    assert!(walked.records.is_empty() && walked.next.is_some());
    let found = table.audit_log(&house.grant(), &query(Some(then))).await.expect("a page");
    assert_eq!((found.records.len(), found.next), (1, None));
}

#[tokio::test]
async fn each_organization_sees_its_own() {
    let house = House::new().await;
    let id = house.a_lead("Asha Example").await;
    let (_, stranger) = house.world.an_admin().await;
    house.settle().await;
    let see = async |path: String| Ask::get(path).by(&stranger).of(&house.router).await.data(200);
    for path in ["/audit-logs?record=lead".to_owned(), format!("/audit-logs?subject={id}")] {
        assert_eq!(see(path).await, json!({"audit_logs": [], "next_cursor": null}));
    }
    let cursor = house.get("/audit-logs?limit=1").await["next_cursor"].as_str().expect("a cursor").to_owned();
    let ask = Ask::get(format!("/audit-logs?limit=1&cursor={cursor}")).by(&stranger);
    ask.of(&house.router).await.expect(422);
}

#[tokio::test]
async fn whoever_reaches_some_records_sees_none_of_the_log() {
    let house = House::new().await;
    let somebody = with_more(&house, Role::Manager, None, Permission::AuditRead).await;
    for path in ["/audit-logs", "/audit-logs/verify"] {
        let refused = Ask::get(path).by(&somebody).of(&house.router).await;
        assert_eq!(refused.expect(403).json()["code"], "all_rows_required");
    }
    let without = house.world.a_person(&house.tenant, Role::Manager, house.tenant.branch).await;
    assert_eq!(Ask::get("/audit-logs").by(&without).of(&house.router).await.expect(403).json()["code"], "forbidden");
}

#[tokio::test]
async fn personal_fields_are_masked_for_whom_they_are_not() {
    let house = House::new().await;
    let somebody = with_more(&house, Role::Viewer, Some(RowReach::All), Permission::AuditRead).await;
    let id = house.a_lead("Asha Example").await;
    let body = json!({"email": "asha@example.com", "phone": "+919876543210", "city": "Pune"});
    Ask::put(format!("/leads/{id}"), body).by(&house.admin).of(&house.leads).await.expect(200);
    house.settle().await;
    let path = "/audit-logs?action=lead.updated";
    let seen = house.get(path).await.to_string();
    assert!(seen.contains("asha@example.com") && seen.contains("+919876543210"), "{seen}");
    let masked = Ask::get(path).by(&somebody).of(&house.router).await.data(200).to_string();
    assert!(masked.contains("a***@example.com") && masked.contains("+91******3210"), "{masked}");
    assert!(!masked.contains("asha@") && !masked.contains("9876543210") && masked.contains("Pune"), "{masked}");
}

#[tokio::test]
async fn a_file_of_the_log_is_itself_remembered() {
    let house = House::new().await;
    let id = house.a_lead("Asha Example").await;
    let body = json!({"reason": "=HYPERLINK(\"x\")", "status": "lost"});
    Ask::post(format!("/leads/{id}/status"), body).by(&house.admin).of(&house.leads).await.expect(200);
    house.settle().await;
    let file = house.ask(Ask::get("/audit-logs/export?record=lead")).await;
    let text = String::from_utf8(file.expect(200).bytes.clone()).expect("text");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("lead.created") && text.contains("'=HYPERLINK"), "{text}");
    let book = house.ask(Ask::get("/audit-logs/export?format=xlsx")).await;
    assert!(book.expect(200).bytes.starts_with(b"PK"));
    house.ask(Ask::get("/audit-logs/export?format=pdf&actor=x")).await.expect(422);
    house.settle().await;
    let page = house.get("/audit-logs?action=security.exported").await;
    assert_eq!(log(&page).len(), 2);
    assert_eq!(log(&page)[1]["data"], json!({"what": "audit_logs", "rows": 2, "format": "csv"}));
    let manager = with_more(&house, Role::Manager, Some(RowReach::All), Permission::AuditRead).await;
    Ask::get("/audit-logs/export").by(&manager).of(&house.router).await.expect(403);
}
