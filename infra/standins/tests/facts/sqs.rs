use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, DeleteMessageBatchRequestEntry, Message, MessageAttributeValue, MessageSystemAttributeName,
    QueueAttributeName, SendMessageBatchRequestEntry,
};
use standins::sqs::Queue;
use standins::{Fault, Faults, ManualClock, Setup, Sqs};

struct World {
    clock: ManualClock,
    client: Client,
    work: String,
    dead: String,
}

async fn world() -> World {
    let clock = ManualClock::new(1_000);
    let sqs = Sqs::memory(&Setup { clock: clock.arc(), ..Setup::default() }).expect("opens");
    let dead = sqs.create_queue(&Queue::named("dead")).await.expect("made");
    let queue = Queue::named("work").hidden_for(Duration::from_mins(1)).with_dead_letters("dead", 2);
    let work = sqs.create_queue(&queue).await.expect("made");
    assert_eq!(sqs.create_queue(&queue).await.expect("is there"), work);
    World { clock, client: sqs.client(), work, dead }
}

async fn receive(client: &Client, url: &str) -> Vec<Message> {
    let call = client.receive_message().queue_url(url).max_number_of_messages(10);
    let call = call.message_attribute_names("All").message_system_attribute_names(MessageSystemAttributeName::All);
    call.send().await.expect("received").messages.unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_hidden_when_received_and_gone_when_deleted() {
    let World { clock, client, work, .. } = world().await;
    let attribute = MessageAttributeValue::builder().data_type("String").string_value("one").build().expect("complete");
    let call =
        client.send_message().queue_url(&work).message_body("{\"job\": 1}").message_attributes("trace", attribute);
    let sent = call.send().await.expect("sent");
    let received = receive(&client, &work).await;
    assert_eq!(received[0].body(), Some("{\"job\": 1}"));
    assert_eq!(received[0].message_id(), sent.message_id());
    assert_eq!(received[0].md5_of_body(), sent.md5_of_message_body());
    assert_eq!(received[0].message_attributes().expect("kept")["trace"].string_value(), Some("one"));
    assert_eq!(received[0].attributes().expect("told")[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert!(receive(&client, &work).await.is_empty(), "hidden");
    clock.tick(Duration::from_secs(61));
    let again = receive(&client, &work).await;
    assert_eq!(again.len(), 1, "visible again");
    let delete = |message: &Message| {
        let handle = message.receipt_handle().expect("a handle");
        client.delete_message().queue_url(&work).receipt_handle(handle).send()
    };
    delete(&received[0]).await.expect("an old handle is heard");
    clock.tick(Duration::from_secs(1));
    let change = client.change_message_visibility().queue_url(&work).visibility_timeout(0);
    change.receipt_handle(again[0].receipt_handle().expect("a handle")).send().await.expect("changed");
    let count = client.get_queue_attributes().queue_url(&work).attribute_names(QueueAttributeName::All);
    let count = count.send().await.expect("told").attributes.expect("some");
    assert_eq!(count[&QueueAttributeName::ApproximateNumberOfMessages], "1", "and does nothing");
    delete(&again[0]).await.expect("deleted");
    clock.tick(Duration::from_mins(10));
    assert!(receive(&client, &work).await.is_empty());
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letters_and_can_be_moved_back() {
    let World { clock, client, work, dead } = world().await;
    client.send_message().queue_url(&work).message_body("poison").send().await.expect("sent");
    for _ in 0..2 {
        assert_eq!(receive(&client, &work).await.len(), 1);
        clock.tick(Duration::from_secs(61));
    }
    assert!(receive(&client, &work).await.is_empty());
    let dead_letters = receive(&client, &dead).await;
    assert_eq!(dead_letters[0].body(), Some("poison"));
    let source = &dead_letters[0].attributes().expect("told")[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(*source, Sqs::queue_arn("work"));
    client.start_message_move_task().source_arn(Sqs::queue_arn("dead")).send().await.expect("moved");
    assert_eq!(receive(&client, &work).await.len(), 1);
    assert!(receive(&client, &dead).await.is_empty());
}

#[tokio::test]
async fn a_delayed_message_comes_when_its_time_has_come() {
    let World { clock, client, work, .. } = world().await;
    client.send_message().queue_url(&work).message_body("later").delay_seconds(30).send().await.expect("sent");
    assert!(receive(&client, &work).await.is_empty());
    clock.tick(Duration::from_secs(31));
    assert_eq!(receive(&client, &work).await.len(), 1);
}

#[tokio::test]
async fn a_long_poll_ends_with_the_message_it_waited_for() {
    let World { client, work, .. } = world().await;
    let waiting = client.receive_message().queue_url(&work).wait_time_seconds(20).send();
    let sending = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        client.send_message().queue_url(&work).message_body("now").send().await.expect("sent");
    };
    let both = async { tokio::join!(waiting, sending) };
    let (received, ()) = tokio::time::timeout(Duration::from_secs(5), Box::pin(both)).await.expect("soon");
    assert_eq!(received.expect("received").messages().len(), 1);
}

#[tokio::test]
async fn batches_answer_for_each_entry() {
    let World { client, work, .. } = world().await;
    let entries = (0..10).map(|n| {
        let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(format!("body {n}"));
        entry.build().expect("complete")
    });
    let sent = client.send_message_batch().queue_url(&work).set_entries(Some(entries.collect())).send().await;
    assert_eq!(sent.expect("sent").successful().len(), 10);
    let received = receive(&client, &work).await;
    let bodies: Vec<_> = received.iter().filter_map(Message::body).collect();
    assert_eq!(bodies, (0..10).map(|n| format!("body {n}")).collect::<Vec<_>>(), "in the order sent");
    let mut handles: Vec<_> = received.iter().filter_map(Message::receipt_handle).collect();
    handles[9] = "nonsense";
    let entries = handles.iter().enumerate().map(|(n, handle)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(*handle);
        entry.build().expect("complete")
    });
    let deleted = client.delete_message_batch().queue_url(&work).set_entries(Some(entries.collect())).send().await;
    let deleted = deleted.expect("answered");
    assert_eq!((deleted.successful().len(), deleted.failed().len()), (9, 1));
}

#[tokio::test]
async fn an_unknown_queue_is_a_typed_error() {
    let World { client, .. } = world().await;
    let error = client.send_message().queue_url("http://sqs.localhost/0/none").message_body("a").send().await;
    assert!(error.expect_err("unknown").into_service_error().is_queue_does_not_exist());
    let error = client.get_queue_url().queue_name("none").send().await;
    assert!(error.expect_err("unknown").into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn messages_outlive_a_restart_and_those_in_flight_come_back() {
    let folder = tempfile::tempdir().expect("folder");
    let clock = ManualClock::new(1_000);
    let open =
        || Sqs::file(&folder.path().join("sqs.db"), &Setup { clock: clock.arc(), ..Setup::default() }).expect("opens");
    let first = open();
    let url = first.create_queue(&Queue::named("work")).await.expect("made");
    for body in ["in flight", "waiting"] {
        first.client().send_message().queue_url(&url).message_body(body).send().await.expect("sent");
    }
    let taken = first.client().receive_message().queue_url(&url).send().await.expect("received");
    assert_eq!(taken.messages()[0].body(), Some("in flight"));
    // The first was never closed: as after `kill -9`.
    let second = open();
    assert_eq!(receive(&second.client(), &url).await[0].body(), Some("waiting"));
    clock.tick(Duration::from_secs(31));
    assert_eq!(receive(&second.client(), &url).await.len(), 2);
}

#[tokio::test]
async fn a_partial_batch_says_which_entries_failed() {
    let faults = Faults::decided_by(|call| (call.number == 1).then_some(Fault::Partial));
    let sqs = Sqs::memory(&Setup { faults, ..Setup::default() }).expect("opens");
    let url = sqs.create_queue(&Queue::named("work")).await.expect("made");
    let entries = ["a", "b", "c"]
        .map(|id| SendMessageBatchRequestEntry::builder().id(id).message_body(id).build().expect("complete"));
    let sent = sqs.client().send_message_batch().queue_url(&url).set_entries(Some(entries.to_vec())).send().await;
    let sent = sent.expect("answered");
    assert_eq!(sent.failed().iter().map(BatchResultErrorEntry::id).collect::<Vec<_>>(), ["c"]);
    assert_eq!(receive(&sqs.client(), &url).await.len(), 2);
}
