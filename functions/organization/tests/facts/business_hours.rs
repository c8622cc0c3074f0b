//! When the organization works.

use serde_json::json;
use testkit::Ask;

use crate::support::House;

const PATH: &str = "/business-hours";

#[tokio::test]
async fn an_organization_works_nine_to_six_until_it_says_otherwise() {
    let house = House::new().await;
    let usual = house.get(PATH).await.data(200);
    assert_eq!((&usual["zone"], &usual["version"]), (&json!("Asia/Kolkata"), &json!(0)));
    assert_eq!(usual["week"]["friday"], json!([{"from": "09:00", "until": "18:00"}]));
    let week = json!({
        "saturday": [{"from": "10:00", "until": "13:00"}, {"from": "14:00", "until": "24:00"}], "monday": [],
    });
    let holidays = json!([{"date": "2027-01-26", "name": "Republic Day", "yearly": true}]);
    let body = json!({"zone": "Europe/London", "week": week, "holidays": holidays});
    let set = house.put(PATH, body).await.data(200);
    assert_eq!((&set["zone"], &set["holidays"], &set["version"]), (&json!("Europe/London"), &holidays, &json!(1)));
    assert_eq!((&set["week"]["saturday"], &set["week"]["friday"]), (&week["saturday"], &json!([])));
    assert_eq!(house.get(PATH).await.data(200), set);
    // What is shown can be sent back, and what is absent stays.
    assert_eq!(house.put(PATH, set.clone()).await.data(200)["version"], 1);
    let home = house.put(PATH, json!({"zone": null, "holidays": []})).await.data(200);
    assert_eq!((&home["zone"], &home["week"]), (&json!("Asia/Kolkata"), &set["week"]));
    house.ask(Ask::put(PATH, json!({"zone": null})).header("if-match", "\"1\"")).await.expect(412);
}

#[tokio::test]
async fn everything_wrong_is_told_and_hours_that_never_come_are_refused() {
    let house = House::new().await;
    let body = json!({
        "zone": 7, "week": {"monday": [{"from": "9", "until": "18:00"}], "noday": []},
        "holidays": [{"date": "26-01-2027", "name": ""}],
    });
    let mut wrong = house.put(PATH, body).await.expect(422).wrong();
    wrong.sort();
    let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["holidays.0.date", "holidays.0.name", "week.monday.0.from", "week.noday", "zone"]);
    let never = house.put(PATH, json!({"week": {}})).await;
    assert_eq!(never.expect(422).wrong(), [("week".to_owned(), "never_open".to_owned())]);
    let nowhere = house.put(PATH, json!({"zone": "Mars/Olympus"})).await;
    assert_eq!(nowhere.expect(422).wrong(), [("zone".to_owned(), "unknown_zone".to_owned())]);
    let mondays = json!({"monday": [{"from": "09:00", "until": "10:00"}]});
    let many: Vec<_> = (0..201).map(|_| json!({"date": "2027-01-26", "name": "A holiday"})).collect();
    let refused = house.put(PATH, json!({"week": mondays, "holidays": many})).await;
    assert_eq!(refused.expect(422).wrong(), [("holidays".to_owned(), "too_many".to_owned())]);
}
