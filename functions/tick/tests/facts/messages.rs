//! A message that nobody took up, or whose rest is over, is queued again.

use domain::message::{LEASE, MessageState, MessageStep, PATIENCE, RESTS};
use domain::{Caller, Grant, Message, MessageId, MessageTemplate, Recipient};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::keys;
use testkit::World;

async fn a_message(world: &World) -> (Grant, Message) {
    let tenant = world.a_tenant("Example Ltd").await;
    let grant = Caller::system(tenant.organization, "test").own();
    let now = world.platform.now();
    let id = MessageId::at(now, world.platform.random());
    let to = Recipient::Email("asha@example.com".parse().expect("an address"));
    let values = json!({"name": "Asha", "organization": "Example Ltd"});
    let change = Message::queue(id, tenant.organization, to, MessageTemplate::Welcome, values, now);
    let message = world.platform.table().commit(&grant, change).await.expect("a message");
    (grant, message)
}

/// What the clock queued since the last call.
async fn queued(world: &World) -> Vec<MessageId> {
    tick::handle(&world.platform, &Value::Null).await.expect("the clock runs");
    let url = world.platform.settings().messages_queue.clone().expect("a queue");
    let client = world.standins.sqs.client();
    let answer = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await;
    let mut found = Vec::new();
    for message in answer.expect("messages").messages.unwrap_or_default() {
        let step: MessageStep = serde_json::from_str(message.body().unwrap_or_default()).expect("a step");
        found.push(step.message);
        let receipt = message.receipt_handle().expect("a receipt");
        client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.expect("it is deleted");
    }
    found
}

const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

#[tokio::test]
async fn a_message_that_nobody_took_up_is_queued_again_now_and_then() {
    let world = World::new().await;
    let (grant, message) = a_message(&world).await;
    world.clock.advance(LEASE - A_SECOND);
    assert!(queued(&world).await.is_empty(), "it is on its way");
    world.clock.advance(A_SECOND);
    assert_eq!(queued(&world).await, [message.id]);
    assert!(queued(&world).await.is_empty(), "once");
    world.clock.advance(PATIENCE);
    assert_eq!(queued(&world).await, [message.id]);
    let kept: Message = world.platform.table().get_to_change(&grant, message.id).await.expect("the message");
    assert!(kept.is_waiting(world.platform.now()) && kept.tries == 0, "any worker may take it up");
}

#[tokio::test]
async fn a_message_that_rests_or_whose_worker_died_is_queued_when_that_is_over() {
    let world = World::new().await;
    let (grant, message) = a_message(&world).await;
    let table = world.platform.table();
    let taken = table.commit_unseen(&grant, message.taken(world.platform.now())).await.expect("it is taken");
    world.clock.advance(LEASE - A_SECOND);
    assert!(queued(&world).await.is_empty(), "its worker may live");
    let rests =
        table.commit_unseen(&grant, taken.not_taken("busy", None, world.platform.now())).await.expect("it rests");
    world.clock.advance(RESTS[0] - A_SECOND);
    assert!(queued(&world).await.is_empty(), "it rests");
    world.clock.advance(A_SECOND);
    assert_eq!(queued(&world).await, [rests.id]);

    let kept: Message = table.get_to_change(&grant, rests.id).await.expect("the message");
    table.commit_unseen(&grant, kept.taken(world.platform.now())).await.expect("it is taken");
    world.clock.advance(LEASE);
    assert_eq!(queued(&world).await, [rests.id], "its worker has died");
}

#[tokio::test]
async fn however_many_are_due_all_of_them_are_looked_at_in_one_minute() {
    let world = World::new().await;
    let (grant, first) = a_message(&world).await;
    let table = world.platform.table();
    let shard_of = |id: MessageId| keys::due(world.platform.now(), grant.organization(), &id.to_string()).0;
    // More than a page of one shard.
    for _ in 0..120 {
        let mut id = MessageId::at(world.platform.now(), world.platform.random());
        while shard_of(id) != shard_of(first.id) {
            id = MessageId::at(world.platform.now(), world.platform.random());
        }
        let change = Message::queue(
            id,
            grant.organization(),
            first.to.clone(),
            first.template,
            Value::Object(first.values.clone()),
            world.platform.now(),
        );
        table.commit_unseen(&grant, change).await.expect("a message");
    }
    world.clock.advance(LEASE);
    tick::handle(&world.platform, &Value::Null).await.expect("the clock runs");
    assert_eq!(world.due(world.platform.now()).await, [], "left to the next minute");
}

#[tokio::test]
async fn a_message_that_has_ended_is_left_alone() {
    let world = World::new().await;
    let (grant, message) = a_message(&world).await;
    let sent = message.sent("1".into(), world.platform.now());
    let sent = world.platform.table().commit(&grant, sent).await.expect("it is sent");
    assert_eq!(sent.state, MessageState::Sent);
    world.clock.advance(PATIENCE * 2);
    assert!(queued(&world).await.is_empty());
}
