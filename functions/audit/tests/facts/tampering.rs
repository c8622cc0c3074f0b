//! Whoever changes the audit log behind the platform's back is found out.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::support::{House, Item, images, text};

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A chain of a few blocks, found good.
async fn a_chain() -> (House, Vec<Item>) {
    let house = House::new().await;
    for name in ["Asha Example", "Bela Example", "Chand Example"] {
        house.a_lead(name).await;
    }
    for part in images(&house.news().await.records).chunks(5) {
        house.world.platform.table().chain(part, house.world.platform.now()).await.expect("a block");
    }
    assert_eq!(house.verified().await["ok"], true);
    let mut blocks = house.items("block#").await;
    blocks.sort_by_key(|block| text(block, "sk"));
    assert!(blocks.len() > 3);
    (house, blocks)
}

async fn an_event(house: &House) -> Item {
    let events = house.items("event#").await;
    events.into_iter().find(|event| text(event, "d").contains("lead.created")).expect("an event of a lead")
}

async fn found(house: &House) -> (Value, Value) {
    let verified = house.verified().await;
    assert_eq!(verified["ok"], false, "{verified}");
    (verified["broken"]["what"].clone(), verified["broken"]["block"].clone())
}

#[tokio::test]
async fn a_changed_event_is_found() {
    let (house, _) = a_chain().await;
    let mut event = an_event(&house).await;
    let changed = text(&event, "d").replace("\"type\":\"user\"", "\"type\": \"user\"");
    assert_ne!(changed, text(&event, "d"));
    event.insert("d".into(), s(&changed));
    house.put(event.clone()).await;
    assert_eq!(found(&house).await.0, "wrong_event");
    let pk = text(&event, "pk");
    assert!(pk.ends_with(house.verified().await["broken"]["record_id"].as_str().expect("a record")));
}

#[tokio::test]
async fn an_attribute_more_or_less_is_found() {
    let (house, _) = a_chain().await;
    let event = an_event(&house).await;
    for (name, value) in [("sealed", Some(s("x"))), ("c", None)] {
        let mut changed = event.clone();
        match value {
            Some(value) => changed.insert(name.into(), value),
            None => changed.remove(name),
        };
        house.put(changed).await;
        assert_eq!(found(&house).await.0, "wrong_event", "{name}");
    }
    house.put(event).await;
    assert_eq!(house.verified().await["ok"], true);
}

#[tokio::test]
async fn a_deleted_event_is_found_and_a_made_up_purge_does_not_help() {
    let (house, _) = a_chain().await;
    let event = an_event(&house).await;
    house.remove(&event).await;
    assert_eq!(found(&house).await.0, "missing_event");
    let mut purge = event.clone();
    purge.insert("sk".into(), s("event#0000000002"));
    purge.insert("purged".into(), s("1"));
    purge.insert("d".into(), s(&text(&event, "d").replace("lead.created", "lead.purged")));
    house.put(purge).await;
    assert_eq!(found(&house).await.0, "missing_event");
}

#[tokio::test]
async fn a_changed_block_is_found() {
    let (house, blocks) = a_chain().await;
    for (name, change) in [
        ("d", "[]".to_owned()),
        ("at", "2020-01-01T00:00:00Z".to_owned()),
        ("prev", text(&blocks[0], "prev")),
        ("hash", text(&blocks[0], "hash")),
    ] {
        let mut changed = blocks[1].clone();
        changed.insert(name.into(), s(&change));
        house.put(changed).await;
        assert_eq!(found(&house).await, ("wrong_hash".into(), 2.into()), "{name}");
    }
    let mut changed = blocks[1].clone();
    changed.insert("seal".into(), s(&text(&blocks[0], "seal")));
    house.put(changed).await;
    assert_eq!(found(&house).await, ("wrong_seal".into(), 2.into()));
    house.put(blocks[1].clone()).await;
    assert_eq!(house.verified().await["ok"], true);
}

#[tokio::test]
async fn a_removed_block_is_found_wherever_it_was() {
    for place in [0, 1, usize::MAX] {
        let (house, blocks) = a_chain().await;
        let place = place.min(blocks.len() - 1);
        house.remove(&blocks[place]).await;
        assert_eq!(found(&house).await, ("missing_block".into(), (place + 1).into()));
        let from = format!("/audit-logs/verify?from={}", place + 2);
        assert_eq!(house.get(&from).await["ok"], place == blocks.len() - 1, "nothing is verified behind a gap");
    }
}

#[tokio::test]
async fn two_swapped_blocks_are_found() {
    let (house, blocks) = a_chain().await;
    for (from, to) in [(1, 2), (2, 1)] {
        let mut moved = blocks[from].clone();
        moved.insert("sk".into(), blocks[to]["sk"].clone());
        house.put(moved).await;
    }
    assert_eq!(found(&house).await, ("wrong_hash".into(), 2.into()));
}

#[tokio::test]
async fn a_head_that_is_not_the_end_is_found() {
    let (house, blocks) = a_chain().await;
    let head = house.items("head").await.remove(0);
    let mut earlier = head.clone();
    let last = blocks.len();
    earlier.insert("n".into(), AttributeValue::N((last - 1).to_string()));
    earlier.insert("hash".into(), blocks[last - 2]["hash"].clone());
    house.put(earlier).await;
    assert_eq!(found(&house).await, ("wrong_head".into(), last.into()));
    let mut other = head.clone();
    other.insert("hash".into(), s("made up"));
    house.put(other).await;
    assert_eq!(found(&house).await, ("wrong_head".into(), last.into()));
    house.remove(&head).await;
    assert_eq!(found(&house).await, ("wrong_head".into(), 1.into()));
}

#[tokio::test]
async fn a_damaged_event_hides_no_other() {
    let (house, _) = a_chain().await;
    let mut event = an_event(&house).await;
    event.insert("d".into(), s("{"));
    house.put(event).await;
    let log = house.get("/audit-logs?limit=200").await;
    let log = log["audit_logs"].as_array().expect("a log");
    assert_eq!(log.len() as u64, house.items("event#").await.len() as u64);
    assert_eq!(log.iter().filter(|entry| entry["purged"] == true).count(), 1);
}
