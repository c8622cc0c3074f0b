use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::AttributeValue;
use standins::{Dynamo, Error, ManualClock, Setup};

use crate::{TABLE, item, put, put_if_new, table, text};

async fn dynamo() -> Dynamo {
    let dynamo = Dynamo::memory(&Setup::default()).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    dynamo
}

#[tokio::test]
async fn an_item_comes_back_as_it_was_put() {
    let client = dynamo().await.client();
    let mut thing = item("a", &[("name", "Åsa \"the\" \\ first\n")]);
    thing.insert("count".to_owned(), AttributeValue::N("12.5".to_owned()));
    client.put_item().table_name(TABLE).set_item(Some(thing.clone())).send().await.expect("put");
    let get = client.get_item().table_name(TABLE).key("pk", text("a")).key("sk", text("record"));
    assert_eq!(get.send().await.expect("got").item, Some(thing));
    let absent = client.get_item().table_name(TABLE).key("pk", text("b")).key("sk", text("record"));
    assert_eq!(absent.send().await.expect("answered").item, None);
}

#[tokio::test]
async fn a_failed_condition_is_a_typed_error() {
    let client = dynamo().await.client();
    let put = || {
        let put = client.put_item().table_name(TABLE).set_item(Some(item("a", &[])));
        put.condition_expression("attribute_not_exists(pk)").send()
    };
    put().await.expect("the first");
    let error = put().await.expect_err("the second").into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
}

#[tokio::test]
async fn a_cancelled_transaction_names_the_reason_of_each_item_and_writes_none() {
    let client = dynamo().await.client();
    let transact = |items| client.transact_write_items().set_transact_items(Some(items)).send();
    transact(vec![put_if_new(item("claim", &[]))]).await.expect("the first");
    let error = transact(vec![put(item("other", &[])), put_if_new(item("claim", &[]))]).await.expect_err("taken");
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.into_service_error() else {
        panic!("not a cancellation")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, [Some("None"), Some("ConditionalCheckFailed")]);
    let other = client.get_item().table_name(TABLE).key("pk", text("other")).key("sk", text("record"));
    assert_eq!(other.send().await.expect("answered").item, None);
}

#[tokio::test]
async fn a_transaction_repeated_with_its_token_is_done_once_and_answered_twice() {
    let client = dynamo().await.client();
    let transact = |pk, token| {
        let call = client.transact_write_items().transact_items(put_if_new(item(pk, &[])));
        call.client_request_token(token).send()
    };
    transact("a", "token").await.expect("the first");
    transact("a", "token").await.expect("the repeat");
    let error = transact("b", "token").await.expect_err("other content").into_service_error();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error:?}");
    let error = transact("a", "another").await.expect_err("done before").into_service_error();
    assert!(error.is_transaction_canceled_exception(), "{error:?}");
}

#[tokio::test]
async fn a_query_pages_through_an_index_in_its_order_both_ways() {
    let client = dynamo().await.client();
    for n in 0..25 {
        let place = format!("{n:02}");
        let thing = item(&format!("thing{n}"), &[("l1pk", "all"), ("l1sk", &place)]);
        client.put_item().table_name(TABLE).set_item(Some(thing)).send().await.expect("put");
    }
    for forward in [true, false] {
        let mut places = Vec::new();
        let mut from = None;
        loop {
            let page = client
                .query()
                .table_name(TABLE)
                .index_name("list1")
                .key_condition_expression("l1pk = :all AND l1sk BETWEEN :low AND :high")
                .expression_attribute_values(":all", text("all"))
                .expression_attribute_values(":low", text("03"))
                .expression_attribute_values(":high", text("20"))
                .scan_index_forward(forward)
                .limit(7)
                .set_exclusive_start_key(from)
                .send()
                .await
                .expect("answered");
            places.extend(page.items().iter().map(|item| item["l1sk"].as_s().expect("text").clone()));
            from = page.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        let mut expected: Vec<_> = (3..=20).map(|n| format!("{n:02}")).collect();
        if !forward {
            expected.reverse();
        }
        assert_eq!(places, expected);
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("dynamo.db");
    let first = Dynamo::file(&file, &Setup::default()).expect("opens");
    first.create_table(&table()).await.expect("made");
    first.client().put_item().table_name(TABLE).set_item(Some(item("a", &[]))).send().await.expect("put");
    // Opened beside the first, which was never closed: as after `kill -9`.
    let second = Dynamo::file(&file, &Setup::default()).expect("opens again");
    second.create_table(&table()).await.expect("is there");
    let get = second.client().get_item().table_name(TABLE).key("pk", text("a")).key("sk", text("record"));
    assert_eq!(get.send().await.expect("got").item, Some(item("a", &[])));
}

#[tokio::test]
async fn a_table_with_other_indexes_is_not_taken_for_the_same() {
    let dynamo = dynamo().await;
    let mut other = table();
    other["GlobalSecondaryIndexes"].as_array_mut().expect("a list").pop();
    assert!(matches!(dynamo.create_table(&other).await, Err(Error::TableDiffers(_))));
}

#[tokio::test]
async fn an_expired_item_is_swept_once_the_clock_has_passed_it() {
    let clock = ManualClock::new(1_000);
    let dynamo = Dynamo::memory(&Setup { clock: clock.arc(), ..Setup::default() }).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    let mut thing = item("a", &[]);
    thing.insert("ttl".to_owned(), AttributeValue::N("1060".to_owned()));
    dynamo.client().put_item().table_name(TABLE).set_item(Some(thing)).send().await.expect("put");
    assert_eq!(dynamo.sweep_ttl().await.expect("swept"), 0);
    clock.tick(Duration::from_secs(61));
    assert_eq!(dynamo.sweep_ttl().await.expect("swept"), 1);
}

#[tokio::test]
async fn a_sweep_takes_what_has_expired_and_nothing_else() {
    let folder = tempfile::tempdir().expect("folder");
    let clock = ManualClock::new(1_000);
    let setup = Setup { clock: clock.arc(), ..Setup::default() };
    let dynamo = Dynamo::file(&folder.path().join("dynamo.db"), &setup).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    let kept = [("later", "1000"), ("never", ""), ("negative", "-5"), ("no number", "soon")];
    let gone = (0..60).map(|n| (format!("gone {n}"), (900 + n).to_string()));
    let kept = kept.map(|(name, expires)| (name.to_owned(), expires.to_owned()));
    for (name, expires) in gone.chain(kept.clone()) {
        let mut thing = item(&name, &[("l1pk", "all"), ("l1sk", &name)]);
        match expires.as_str() {
            "" => {}
            "soon" => drop(thing.insert("ttl".to_owned(), text(expires))),
            _ => drop(thing.insert("ttl".to_owned(), AttributeValue::N(expires))),
        }
        dynamo.client().put_item().table_name(TABLE).set_item(Some(thing)).send().await.expect("put");
    }
    let before = dynamo.latest(TABLE).await.expect("known");

    assert_eq!(dynamo.sweep_ttl().await.expect("swept"), 60);
    assert_eq!(dynamo.sweep_ttl().await.expect("swept"), 0);

    let listed = dynamo.client().query().table_name(TABLE).index_name("list1");
    let listed = listed.key_condition_expression("l1pk = :all").expression_attribute_values(":all", text("all"));
    let listed = listed.send().await.expect("listed");
    let mut left: Vec<_> = listed.items().iter().map(|item| item["pk"].as_s().expect("text").clone()).collect();
    left.sort();
    assert_eq!(left, ["later", "negative", "never", "no number"]);

    let told = dynamo.read_stream(TABLE, before.as_deref(), 100).await.expect("read").records;
    let told = told["Records"].as_array().expect("records");
    assert_eq!(told.len(), 60);
    for record in told {
        assert_eq!(record["eventName"], "REMOVE");
        assert_eq!(record["userIdentity"]["principalId"], "dynamodb.amazonaws.com", "{record}");
        assert_eq!(record["dynamodb"]["OldImage"]["l1pk"]["S"], "all");
    }
}

#[tokio::test]
async fn a_malformed_request_is_refused_in_dynamodbs_words() {
    let client = dynamo().await.client();
    let error = client.get_item().table_name("a").key("pk", text("a")).send().await.expect_err("refused");
    let error = error.into_service_error();
    assert_eq!(error.meta().code(), Some("ValidationException"), "{error:?}");
    let error = client.get_item().table_name("nothing").key("pk", text("a")).send().await.expect_err("refused");
    assert!(error.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn other_programs_reach_the_database_over_loopback() {
    let dynamo = dynamo().await;
    dynamo.client().put_item().table_name(TABLE).set_item(Some(item("a", &[]))).send().await.expect("put");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        dynamo.serve(listener, async { stopped.await.unwrap_or_default() }).await.expect("served");
    });
    let config = aws_sdk_dynamodb::Config::builder()
        .region(aws_sdk_dynamodb::config::Region::from_static(standins::REGION))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("any", "any", None, None, "test"))
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let get = client.get_item().table_name(TABLE).key("pk", text("a")).key("sk", text("record"));
    assert!(get.send().await.expect("got").item.is_some());
    stop.send(()).expect("heard");
    serving.await.expect("stopped");
}
