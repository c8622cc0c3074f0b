use aws_lambda_events::event::dynamodb::Event;
use standins::{Dynamo, Error, Setup};

use crate::{TABLE, item, table, text};

async fn write(dynamo: &Dynamo, pk: &str, name: &str) {
    let thing = item(pk, &[("name", name)]);
    dynamo.client().put_item().table_name(TABLE).set_item(Some(thing)).send().await.expect("put");
}

#[tokio::test]
async fn the_stream_is_read_in_order_and_resumed_after_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("dynamo.db");
    let dynamo = Dynamo::file(&file, &Setup::default()).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    for n in 0..5 {
        write(&dynamo, &format!("thing{n}"), "first").await;
    }
    let first = dynamo.read_stream(TABLE, None, 3).await.expect("read");
    assert_eq!(first.len, 3);
    drop(dynamo);

    let dynamo = Dynamo::file(&file, &Setup::default()).expect("opens again");
    let rest = dynamo.read_stream(TABLE, first.checkpoint.as_deref(), 100).await.expect("read");
    let events =
        [first.records, rest.records].map(|records| serde_json::from_value::<Event>(records).expect("an event"));
    let keys: Vec<_> = events
        .iter()
        .flat_map(|event| &event.records)
        .map(|record| {
            let change = serde_json::to_value(&record.change.keys).expect("keys");
            change["pk"]["S"].as_str().expect("text").to_owned()
        })
        .collect();
    assert_eq!(keys, ["thing0", "thing1", "thing2", "thing3", "thing4"]);

    let end = dynamo.read_stream(TABLE, rest.checkpoint.as_deref(), 100).await.expect("read");
    assert_eq!((end.len, &end.checkpoint), (0, &rest.checkpoint));
    assert_eq!(dynamo.latest(TABLE).await.expect("known"), rest.checkpoint);
}

#[tokio::test]
async fn a_record_carries_both_images_and_its_source() {
    let dynamo = Dynamo::memory(&Setup::default()).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    write(&dynamo, "a", "old").await;
    write(&dynamo, "a", "new").await;
    let delete = dynamo.client().delete_item().table_name(TABLE).key("pk", text("a")).key("sk", text("record"));
    delete.send().await.expect("deleted");
    let records = dynamo.read_stream(TABLE, None, 10).await.expect("read").records;
    let names: Vec<_> = (0..3).map(|n| records["Records"][n]["eventName"].as_str().expect("named")).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let modified = &records["Records"][1];
    assert_eq!(modified["dynamodb"]["OldImage"]["name"]["S"], "old");
    assert_eq!(modified["dynamodb"]["NewImage"]["name"]["S"], "new");
    assert!(modified["eventSourceARN"].as_str().expect("an ARN").contains(":table/things/stream/"));
}

#[tokio::test]
async fn a_writer_wakes_whoever_waits_on_the_stream() {
    let dynamo = Dynamo::memory(&Setup::default()).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    let mut writes = dynamo.writes();
    writes.mark_unchanged();
    write(&dynamo, "a", "first").await;
    assert!(writes.has_changed().expect("open"));
}

#[tokio::test]
async fn a_table_without_a_stream_says_so() {
    let dynamo = Dynamo::memory(&Setup::default()).expect("opens");
    assert!(matches!(dynamo.read_stream(TABLE, None, 10).await, Err(Error::NoStream(_))));
}
