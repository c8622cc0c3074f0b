use standins::{Dynamo, Setup};

use crate::{TABLE, item, put, put_if_new, table, text};

#[tokio::test]
async fn the_meter_tells_calls_and_units_by_operation_and_index() {
    let dynamo = Dynamo::memory(&Setup { meter: true, ..Setup::default() }).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    let client = dynamo.client();
    dynamo.meter().reset();

    let notes = "n".repeat(500);
    let keys = [("l1pk", "a"), ("l1sk", "a"), ("l2pk", "b"), ("l2sk", "b"), ("notes", notes.as_str())];
    let items = vec![put(item("lead", &keys)), put(item("event", &[])), put_if_new(item("claim", &[]))];
    let answer = client.transact_write_items().set_transact_items(Some(items)).send().await.expect("committed");
    assert_eq!(answer.consumed_capacity(), [], "the caller did not ask");
    for _ in 0..2 {
        let get = client.get_item().table_name(TABLE).key("pk", text("lead")).key("sk", text("record"));
        get.send().await.expect("got");
    }
    let query = client.query().table_name(TABLE).index_name("list1").key_condition_expression("l1pk = :a");
    query.expression_attribute_values(":a", text("a")).limit(10).send().await.expect("answered");

    let costs = dynamo.meter().snapshot();
    let of = |operation| costs.iter().find(|cost| cost.operation == operation).expect("called").cost.clone();
    let transaction = of("TransactWriteItems");
    assert_eq!((transaction.calls, transaction.write_units, transaction.read_units), (1, 8.0, 0.0));
    assert_eq!(transaction.indexes.into_iter().collect::<Vec<_>>(), [("list1".into(), 1.0), ("list2".into(), 1.0)]);
    assert_eq!((of("GetItem").calls, of("GetItem").read_units), (2, 1.0));
    assert_eq!((of("Query").read_units, of("Query").indexes["list1"]), (0.5, 0.5));
    let totals = dynamo.meter().totals();
    assert_eq!((totals.calls, totals.read_units, totals.write_units), (4, 1.5, 8.0));
    dynamo.meter().reset();
    assert_eq!(dynamo.meter().totals().calls, 0);
}

#[tokio::test]
async fn a_caller_that_asks_for_its_units_gets_them() {
    let dynamo = Dynamo::memory(&Setup::default()).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    let put = dynamo.client().put_item().table_name(TABLE).set_item(Some(item("a", &[])));
    let put = put.return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total);
    let consumed = put.send().await.expect("put").consumed_capacity.expect("asked for");
    assert_eq!(consumed.capacity_units, Some(1.0));
    assert!(dynamo.meter().snapshot().is_empty(), "the meter is off");
}
