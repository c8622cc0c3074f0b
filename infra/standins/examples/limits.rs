//! Prints what the DynamoDB stand-in itself can do on a file, through the SDK: the row that tells in a benchmark
//! what is ours and what is the emulator's. Options: `--memory`, `--meter`,
//! `--only WORD`.
#![expect(clippy::print_stdout, reason = "its figures are its purpose")]

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::json;
use standins::{Dynamo, Setup};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLE: &str = "limits";
const LEADS: usize = 10_000;
/// No two writes meet on one item.
static NEXT: AtomicUsize = AtomicUsize::new(0);
const EACH: Duration = Duration::from_millis(1_500);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked = |option: &str| std::env::args().any(|argument| argument == option);
    let folder = tempfile::tempdir()?;
    let setup = Setup { meter: asked("--meter"), ..Setup::default() };
    let dynamo = if asked("--memory") {
        Dynamo::memory(&setup)?
    } else {
        Dynamo::file(&folder.path().join("dynamo.db"), &setup)?
    };
    dynamo.create_table(&table()).await?;
    let client = dynamo.client();

    let begun = Instant::now();
    import(&client).await;
    println!(
        "import: {LEADS} leads, each with event and two claims, transactions of 100: {:.2} s",
        begun.elapsed().as_secs_f64()
    );
    println!("{:<34}{:>12}{:>14}", "per second", "1 client", "50 clients");
    row("get", &client, get).await;
    row("query of 50 from an index", &client, query).await;
    row("put, in two indexes", &client, put).await;
    row("put, in no index", &client, plain).await;
    row("transaction of 3", &client, |client, n| transaction(client, 3, n)).await;
    row("transaction of 100", &client, |client, n| transaction(client, 100, n)).await;
    let begun = Instant::now();
    let mut read = 0;
    let mut checkpoint = None;
    loop {
        let batch = dynamo.read_stream(TABLE, checkpoint.as_deref(), 1_000).await?;
        if batch.len == 0 {
            break;
        }
        read += batch.len;
        checkpoint = batch.checkpoint;
    }
    println!("stream records read{:>41.0}", f64::from(u32::try_from(read)?) / begun.elapsed().as_secs_f64());
    Ok(())
}

/// One line: how often `call` ends in a second, alone and with fifty at once.
async fn row<F: Future<Output = ()> + Send + 'static>(
    name: &str,
    client: &Client,
    call: impl Fn(Client, usize) -> F + Copy + Send + 'static,
) {
    let mut only = std::env::args().skip_while(|argument| argument != "--only").skip(1);
    if only.next().is_some_and(|only| !name.contains(&only)) {
        return;
    }
    let alone = rate(client, 1, call).await;
    let together = rate(client, 50, call).await;
    println!("{name:<34}{alone:>12.0}{together:>14.0}");
}

async fn rate<F: Future<Output = ()> + Send + 'static>(
    client: &Client,
    clients: usize,
    call: impl Fn(Client, usize) -> F + Copy + Send + 'static,
) -> f64 {
    let begun = Instant::now();
    let workers: FuturesUnordered<_> = (0..clients)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut done = 0_u32;
                while begun.elapsed() < EACH {
                    call(client.clone(), NEXT.fetch_add(1, Ordering::Relaxed)).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    let done: u32 = workers.map(Result::unwrap_or_default).collect::<Vec<_>>().await.into_iter().sum();
    f64::from(done) / begun.elapsed().as_secs_f64()
}

async fn import(client: &Client) {
    for first in (0..LEADS).step_by(25) {
        let mut items = Vec::with_capacity(100);
        for n in first..(first + 25).min(LEADS) {
            items.push(write(lead(n)));
            items.push(write(item(&format!("org#lead{n}"), "event#0001", 400)));
            items.push(write(item(&format!("org#claim#phone#{n}"), "claim", 40)));
            items.push(write(item(&format!("org#claim#email#{n}"), "claim", 40)));
        }
        client.transact_write_items().set_transact_items(Some(items)).send().await.expect("imported");
    }
}

async fn get(client: Client, n: usize) {
    let key = format!("org#lead{}", n * 31 % LEADS);
    let found = client.get_item().table_name(TABLE).key("pk", text(key)).key("sk", text("record")).send().await;
    assert!(found.expect("answered").item.is_some(), "the lead is there");
}

async fn query(client: Client, n: usize) {
    let page = client
        .query()
        .table_name(TABLE)
        .index_name("list1")
        .key_condition_expression("l1pk = :l and l1sk > :from")
        .expression_attribute_values(":l", text("org#leads"))
        .expression_attribute_values(":from", text(format!("{:08}", n * 31 % (LEADS - 60))))
        .limit(50)
        .send()
        .await;
    assert_eq!(page.expect("answered").count, 50, "a full page");
}

async fn put(client: Client, n: usize) {
    let item = lead(LEADS + n);
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("put");
}

async fn plain(client: Client, n: usize) {
    let item = item(&format!("plain#{n}"), "record", 900);
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("put");
}

async fn transaction(client: Client, of: usize, n: usize) {
    let items = (0..of).map(|place| match place {
        0 => write(lead(LEADS * 100 + n)),
        _ => write(item(&format!("many#{n}#{of}"), &format!("part#{place:03}"), 300)),
    });
    let items = items.collect();
    client.transact_write_items().set_transact_items(Some(items)).send().await.expect("committed");
}

type Item = std::collections::HashMap<String, AttributeValue>;

fn lead(n: usize) -> Item {
    let mut item = item(&format!("org#lead{n}"), "record", 700);
    item.insert("l1pk".to_owned(), text("org#leads"));
    item.insert("l1sk".to_owned(), text(format!("{n:08}")));
    item.insert("l2pk".to_owned(), text(format!("org#leads#stage{}", n % 7)));
    item.insert("l2sk".to_owned(), text(format!("{n:08}")));
    item.insert("name".to_owned(), text(format!("Lead {n}")));
    item.insert("version".to_owned(), AttributeValue::N("1".to_owned()));
    item.insert("tags".to_owned(), AttributeValue::L(vec![text("one"), text("two")]));
    item
}

fn item(pk: &str, sk: &str, filler: usize) -> Item {
    Item::from([
        ("pk".to_owned(), text(pk)),
        ("sk".to_owned(), text(sk)),
        ("notes".to_owned(), text("n".repeat(filler))),
    ])
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn write(item: Item) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).set_item(Some(item)).build().expect("complete");
    TransactWriteItem::builder().put(put).build()
}

fn table() -> serde_json::Value {
    let list = |n: u8| {
        json!({
            "IndexName": format!("list{n}"),
            "KeySchema": [{"AttributeName": format!("l{n}pk"), "KeyType": "HASH"}, {"AttributeName": format!("l{n}sk"), "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        })
    };
    let names = ["pk", "sk", "l1pk", "l1sk", "l2pk", "l2sk", "l3pk", "l3sk", "duepk", "duesk"];
    json!({
        "TableName": TABLE,
        "AttributeDefinitions": names.map(|name| json!({"AttributeName": name, "AttributeType": "S"})),
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [list(1), list(2), list(3), {
            "IndexName": "due",
            "KeySchema": [{"AttributeName": "duepk", "KeyType": "HASH"}, {"AttributeName": "duesk", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]},
        }],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
    })
}
