use std::collections::BTreeSet;

use dynoxide::TableMetadata;
use serde_json::{Map, Value, json};

use crate::Error;

/// The members of a definition that `CreateTable` knows.
const MEMBERS: [&str; 6] = [
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
];

/// A table to be.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    create: Map<String, Value>,
    ttl: Option<String>,
}

impl Definition {
    pub(crate) fn read(definition: &Value) -> Result<Self, Error> {
        let member = |name: &str| definition.get(name).filter(|value| !value.is_null());
        let name = member("TableName").and_then(Value::as_str);
        let name = name.ok_or_else(|| Error::Definition("no TableName".to_owned()))?.to_owned();
        let mut create: Map<String, Value> =
            MEMBERS.iter().filter_map(|&name| Some((name.to_owned(), member(name)?.clone()))).collect();
        if !create.contains_key("ProvisionedThroughput") {
            create.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST"));
        }
        if let Some(view) = member("StreamSpecification").and_then(|stream| stream.get("StreamViewType")) {
            create.insert("StreamSpecification".to_owned(), json!({"StreamEnabled": true, "StreamViewType": view}));
        }
        let ttl = member("TimeToLiveSpecification").filter(|ttl| ttl.get("Enabled") != Some(&json!(false)));
        let ttl = ttl.and_then(|ttl| ttl.get("AttributeName")).and_then(Value::as_str).map(str::to_owned);
        Ok(Self { name, create, ttl })
    }

    /// The calls that make the table, as target and body.
    pub(crate) fn requests(&self) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
        let body = |value: &Value| serde_json::to_vec(value).map_err(|error| Error::Definition(error.to_string()));
        let mut requests = vec![("DynamoDB_20120810.CreateTable", body(&json!(self.create))?)];
        if let Some(attribute) = &self.ttl {
            let request = json!({
                "TableName": self.name,
                "TimeToLiveSpecification": {"Enabled": true, "AttributeName": attribute},
            });
            requests.push(("DynamoDB_20120810.UpdateTimeToLive", body(&request)?));
        }
        Ok(requests)
    }

    pub(crate) fn same_as(&self, there: &TableMetadata) -> Result<(), Error> {
        let parsed = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
        let keys = parsed(Some(&there.key_schema));
        let indexes = parsed(there.gsi_definitions.as_deref());
        let same = keys_of(self.create.get("KeySchema")) == keys_of(Some(&keys))
            && indexes_of(self.create.get("GlobalSecondaryIndexes")) == indexes_of(Some(&indexes));
        if same { Ok(()) } else { Err(Error::TableDiffers(self.name.clone())) }
    }
}

/// Attribute and role of each key.
fn keys_of(schema: Option<&Value>) -> BTreeSet<(&str, &str)> {
    let elements = schema.and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(|key| Some((key.get("AttributeName")?.as_str()?, key.get("KeyType")?.as_str()?))).collect()
}

/// Name and keys of each index.
fn indexes_of(indexes: Option<&Value>) -> BTreeSet<(&str, BTreeSet<(&str, &str)>)> {
    let elements = indexes.and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(|index| Some((index.get("IndexName")?.as_str()?, keys_of(index.get("KeySchema"))))).collect()
}
