//! What each stand-in promises, as the real SDK clients see it.

mod dynamo;
mod faults;
mod meter;
mod reads;
mod s3;
mod ses;
mod sqs;
mod stream;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde_json::{Value, json};

const TABLE: &str = "things";

/// A table as the template defines it, with two indexes, a stream and expiry.
fn table() -> Value {
    let index = |n: u8| {
        json!({
            "IndexName": format!("list{n}"),
            "KeySchema": [
                {"AttributeName": format!("l{n}pk"), "KeyType": "HASH"},
                {"AttributeName": format!("l{n}sk"), "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        })
    };
    let names = ["pk", "sk", "l1pk", "l1sk", "l2pk", "l2sk"];
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": names.map(|name| json!({"AttributeName": name, "AttributeType": "S"})),
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [index(1), index(2)],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
    })
}

type Item = HashMap<String, AttributeValue>;

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn item(pk: &str, attributes: &[(&str, &str)]) -> Item {
    let keys = [("pk", pk), ("sk", "record")];
    keys.iter().chain(attributes).map(|(name, value)| ((*name).to_owned(), text(*value))).collect()
}

fn put(item: Item) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).set_item(Some(item)).build().expect("complete");
    TransactWriteItem::builder().put(put).build()
}

fn put_if_new(item: Item) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).set_item(Some(item)).condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().expect("complete")).build()
}
