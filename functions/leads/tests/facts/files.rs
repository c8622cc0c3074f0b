use serde_json::json;
use testkit::Ask;

use crate::Ground;

#[tokio::test]
async fn an_export_holds_what_the_list_holds_and_no_formula() {
    let ground = Ground::new().await;
    ground.a_lead(json!({"full_name": "=HYPERLINK(\"http://example.com\")", "phone": "9876543210"})).await;
    ground.a_lead(json!({"full_name": "Other Example", "source": "Google"})).await;
    let csv = Ask::get("/leads/export").by(&ground.admin).of(&ground.router).await;
    assert!(csv.expect(200).header("content-type").is_some_and(|kind| kind.starts_with("text/csv")));
    let text = String::from_utf8(csv.bytes).expect("UTF-8");
    assert_eq!(text.trim_end().lines().count(), 3);
    assert!(text.contains("'=HYPERLINK"), "{text}");
    let one = Ask::get("/leads/export?source=google").by(&ground.admin).of(&ground.router).await;
    assert_eq!(String::from_utf8(one.bytes).expect("UTF-8").trim_end().lines().count(), 2);

    let xlsx = Ask::get("/leads/export?format=xlsx").by(&ground.admin).of(&ground.router).await;
    let rows = sheets::read(&xlsx.expect(200).bytes, &sheets::Limits::default()).expect("a workbook");
    assert_eq!(rows.headers()[0], "id");
    assert_eq!(rows.filter_map(|row| row.ok()?.ok()).count(), 2);
    Ask::get("/leads/export?format=pdf").by(&ground.admin).of(&ground.router).await.expect(422);
}
