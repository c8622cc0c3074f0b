use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use standins::{Dynamo, Setup};

use crate::{Item, TABLE, item, table, text};

/// The same items twice: with the meter, every answer is the engine's; without, most are read directly.
async fn twins() -> [Client; 2] {
    let mut clients = Vec::new();
    for meter in [true, false] {
        let dynamo = Dynamo::memory(&Setup { meter, ..Setup::default() }).expect("opens");
        dynamo.create_table(&table()).await.expect("made");
        let client = dynamo.client();
        for n in 0..30 {
            let (place, half) = (format!("{:02}", n / 2), format!("half{}", n % 2));
            let mut thing = item(&format!("thing{n:02}"), &[("l1pk", &half), ("l1sk", &place), ("l2pk", "all")]);
            thing.insert("l2sk".to_owned(), text(format!("Zoë\u{10000}{}", n % 5)));
            thing.insert("set".to_owned(), AttributeValue::Ss(vec!["one".to_owned(), "two \"2\"".to_owned()]));
            thing.insert(
                "map".to_owned(),
                AttributeValue::M(Item::from([("x".to_owned(), AttributeValue::Null(true))])),
            );
            thing.insert("n".to_owned(), AttributeValue::N(format!("{n}.50")));
            client.put_item().table_name(TABLE).set_item(Some(thing)).send().await.expect("put");
        }
        clients.push(client);
    }
    clients.try_into().expect("two")
}

/// Index, key condition and its values.
type Asked = (Option<&'static str>, &'static str, &'static [(&'static str, &'static str)]);

/// Every page of a query, with the position after each; or the refusal's words.
async fn pages(
    client: &Client,
    index: Option<&str>,
    condition: &str,
    values: &[(&str, &str)],
    forward: bool,
    limit: i32,
) -> String {
    let mut pages = Vec::new();
    let mut from = None;
    for _ in 0..40 {
        let mut query = client.query().table_name(TABLE).set_index_name(index.map(str::to_owned));
        for (name, value) in values {
            query = query.expression_attribute_values(*name, text(*value));
        }
        if condition.contains("#s") {
            query = query.expression_attribute_names("#s", "l1sk");
        }
        let query = query.key_condition_expression(condition).scan_index_forward(forward).limit(limit);
        match query.set_exclusive_start_key(from.take()).send().await {
            Ok(page) => {
                from.clone_from(&page.last_evaluated_key);
                let sorted = |item: &Item| {
                    item.iter().map(|(k, v)| format!("{k}={v:?}")).collect::<std::collections::BTreeSet<_>>()
                };
                let items: Vec<_> = page.items().iter().map(sorted).collect();
                pages.push(format!("{items:?} {} {} {:?}", page.count, page.scanned_count, from.as_ref().map(sorted)));
            }
            Err(error) => {
                let error = error.into_service_error();
                pages.push(format!("{:?} {:?}", error.meta().code(), error.meta().message()));
                break;
            }
        }
        if from.is_none() {
            break;
        }
    }
    pages.join("\n")
}

#[tokio::test]
async fn a_query_read_directly_answers_as_the_engine_does() {
    let [engine, direct] = twins().await;
    let conditions: [Asked; 16] = [
        (None, "pk = :p", &[(":p", "thing07")]),
        (None, "pk = :p and sk = :s", &[(":p", "thing07"), (":s", "record")]),
        (None, "begins_with(sk, :s) AND pk=:p", &[(":p", "thing07"), (":s", "rec")]),
        (None, "pk = :p", &[(":p", "nothing")]),
        (Some("list1"), "l1pk = :p", &[(":p", "half1")]),
        (Some("list1"), "l1pk = :p AND #s > :s", &[(":p", "half1"), (":s", "04")]),
        (Some("list1"), "l1pk = :p AND l1sk >= :s", &[(":p", "half1"), (":s", "04")]),
        (Some("list1"), "l1pk = :p AND l1sk < :s", &[(":p", "half0"), (":s", "04")]),
        (Some("list1"), "l1pk = :p AND l1sk <= :s", &[(":p", "half0"), (":s", "04")]),
        (Some("list1"), "l1pk = :p AND l1sk between :s and :t", &[(":p", "half0"), (":s", "04"), (":t", "11")]),
        (Some("list2"), "l2pk = :p AND begins_with(l2sk, :s)", &[(":p", "all"), (":s", "Zoë\u{10000}")]),
        (Some("list2"), "l2pk = :p AND l2sk = :s", &[(":p", "all"), (":s", "Zoë\u{10000}3")]),
        // Refused, or out of the ordinary.
        (Some("list1"), "l1pk = :p AND l1sk between :s and :t", &[(":p", "half0"), (":s", "11"), (":t", "04")]),
        (Some("list1"), "l1pk = :p", &[(":p", "half0"), (":unused", "x")]),
        (Some("list9"), "l1pk = :p", &[(":p", "half0")]),
        (Some("list1"), "l1pk > :p", &[(":p", "half0")]),
    ];
    for (index, condition, values) in conditions {
        for (forward, limit) in [(true, 4), (false, 4), (true, 15), (false, 100)] {
            let expected = pages(&engine, index, condition, values, forward, limit).await;
            let found = pages(&direct, index, condition, values, forward, limit).await;
            assert_eq!(found, expected, "{index:?} {condition} {values:?} {forward} {limit}");
        }
    }
}

#[tokio::test]
async fn items_read_directly_are_those_of_the_engine() {
    let [engine, direct] = twins().await;
    for pk in ["thing00", "thing29", "nothing"] {
        let get =
            |client: &Client| client.get_item().table_name(TABLE).key("pk", text(pk)).key("sk", text("record")).send();
        assert_eq!(get(&direct).await.expect("answered").item, get(&engine).await.expect("answered").item);
    }
    let batch = |client: &Client, things: &[&str]| {
        let keys = things.iter().map(|pk| item(pk, &[])).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).build().expect("complete");
        client.batch_get_item().request_items(TABLE, keys).send()
    };
    let asked = ["thing03", "nothing", "thing01", "thing02"];
    let sorted = |mut items: Vec<Item>| {
        items.sort_by_key(|item| item["pk"].as_s().cloned().unwrap_or_default());
        items
    };
    let found = batch(&direct, &asked).await.expect("answered").responses.expect("some")[TABLE].clone();
    let expected = batch(&engine, &asked).await.expect("answered").responses.expect("some")[TABLE].clone();
    assert_eq!(found.len(), 3);
    assert_eq!(sorted(found), sorted(expected));
    let none = batch(&direct, &["nothing"]).await.expect("answered");
    assert_eq!(none.responses.expect("some")[TABLE], []);
    batch(&direct, &["thing01", "thing01"]).await.expect_err("refused, as by the engine");
}
