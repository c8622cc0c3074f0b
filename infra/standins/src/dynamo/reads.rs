//! The common reads without a detour through values: the engine stores an item as the JSON it answers with, so
//! what `SQLite` returns is copied into the answer. Whatever is out of the ordinary, wrong or to be metered is
//! left to the engine, which gives the same answers and all the refusals.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use dynoxide::storage::Storage;
use rusqlite::types::ToSql;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::conditions::{Conditions, Text};
use super::keys::{Keys, TableKeys};

/// A page of DynamoDB ends at 1 MB of items, which are never longer than their JSON.
const PAGE_BYTES: usize = 1_000_000;

/// The most keys of one `BatchGetItem`.
const BATCH_KEYS: usize = 100;

/// The answer to a read, or `None` if the engine is to give it.
pub(super) fn answer(
    operation: &str,
    storage: &Storage,
    tables: &TableKeys,
    body: &[u8],
) -> Option<rusqlite::Result<Vec<u8>>> {
    match operation {
        "GetItem" => get(storage, tables, &serde_json::from_slice(body).ok()?),
        "BatchGetItem" => batch_get(storage, tables, &serde_json::from_slice(body).ok()?),
        "Query" => query(storage, tables, &serde_json::from_slice(body).ok()?),
        _ => None,
    }
}

type Key<'a> = HashMap<Cow<'a, str>, Text<'a>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Get<'a> {
    #[serde(borrow)]
    table_name: Cow<'a, str>,
    #[serde(borrow)]
    key: Key<'a>,
    #[serde(rename = "ConsistentRead")]
    _consistent_read: Option<bool>,
}

fn get(storage: &Storage, tables: &TableKeys, request: &Get<'_>) -> Option<rusqlite::Result<Vec<u8>>> {
    let keys = tables.of(storage, &request.table_name, None)?;
    let (pk, sk) = keys.values(&request.key)?;
    Some((|| {
        let mut answer = b"{\"Item\":".to_vec();
        if !copy_item(storage, &keys, &pk, &sk, &mut answer)? {
            return Ok(b"{}".to_vec());
        }
        answer.push(b'}');
        Ok(answer)
    })())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BatchGet<'a> {
    #[serde(borrow)]
    request_items: HashMap<Cow<'a, str>, BatchKeys<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BatchKeys<'a> {
    #[serde(borrow)]
    keys: Vec<Key<'a>>,
    #[serde(rename = "ConsistentRead")]
    _consistent_read: Option<bool>,
}

fn batch_get(storage: &Storage, tables: &TableKeys, request: &BatchGet<'_>) -> Option<rusqlite::Result<Vec<u8>>> {
    let mut items = request.request_items.iter();
    let (Some((table, asked)), None) = (items.next(), items.next()) else {
        return None;
    };
    let keys = tables.of(storage, table, None)?;
    let values = asked.keys.iter().map(|key| keys.values(key)).collect::<Option<Vec<_>>>()?;
    let distinct = values.iter().collect::<BTreeSet<_>>().len() == values.len();
    if values.is_empty() || values.len() > BATCH_KEYS || !distinct {
        return None;
    }
    let name = serde_json::to_string(table).ok()?;
    let mut answer = format!("{{\"Responses\":{{{name}:[").into_bytes();
    let mut first = true;
    for (pk, sk) in &values {
        let before = answer.len();
        if !first {
            answer.push(b',');
        }
        match copy_item(storage, &keys, pk, sk, &mut answer) {
            Ok(true) => first = false,
            Ok(false) => answer.truncate(before),
            Err(error) => return Some(Err(error)),
        }
        if answer.len() > PAGE_BYTES {
            return None;
        }
    }
    answer.extend_from_slice(b"]},\"UnprocessedKeys\":{}}");
    Some(Ok(answer))
}

/// Appends an item's JSON, if there is such an item.
fn copy_item(storage: &Storage, keys: &Keys, pk: &str, sk: &str, answer: &mut Vec<u8>) -> rusqlite::Result<bool> {
    let mut select = storage.conn().prepare_cached(&keys.get)?;
    let mut rows = select.query([pk, sk])?;
    let Some(row) = rows.next()? else {
        return Ok(false);
    };
    answer.extend_from_slice(row.get_ref(0)?.as_bytes()?);
    Ok(true)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Query<'a> {
    #[serde(borrow)]
    table_name: Cow<'a, str>,
    #[serde(borrow)]
    index_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    key_condition_expression: Cow<'a, str>,
    #[serde(borrow)]
    expression_attribute_values: HashMap<Cow<'a, str>, Text<'a>>,
    #[serde(borrow, default)]
    expression_attribute_names: HashMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(borrow)]
    exclusive_start_key: Option<Key<'a>>,
    scan_index_forward: Option<bool>,
    consistent_read: Option<bool>,
    limit: u32,
}

fn query(storage: &Storage, tables: &TableKeys, request: &Query<'_>) -> Option<rusqlite::Result<Vec<u8>>> {
    if request.limit == 0 || (request.index_name.is_some() && request.consistent_read == Some(true)) {
        return None;
    }
    let keys = tables.of(storage, &request.table_name, request.index_name.as_deref())?;
    let conditions = Conditions::read(
        &request.key_condition_expression,
        &request.expression_attribute_names,
        &request.expression_attribute_values,
        &keys,
    )?;
    let mut sql = String::with_capacity(256);
    let mut values = Vec::with_capacity(8);
    keys.select(&conditions, &mut sql, &mut values);
    let forward = request.scan_index_forward != Some(false);
    if let Some(start) = &request.exclusive_start_key {
        keys.start(start, &conditions, forward, &mut sql, &mut values)?;
    }
    keys.order(forward, &mut sql);
    let limit = i64::from(request.limit);
    match page(storage, &keys, &sql, &values, limit) {
        Ok(page) => page.map(Ok),
        Err(error) => Some(Err(error)),
    }
}

/// One page, or `None` if it may be longer than a page.
fn page(storage: &Storage, keys: &Keys, sql: &str, values: &[String], limit: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = storage.conn().prepare_cached(sql)?;
    let mut parameters: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    parameters.push(&limit);
    let mut rows = select.query(&*parameters)?;
    let mut answer = b"{\"Items\":[".to_vec();
    let mut count = 0_i64;
    let mut last = answer.len();
    while let Some(row) = rows.next()? {
        if count > 0 {
            answer.push(b',');
        }
        last = answer.len();
        answer.extend_from_slice(row.get_ref(0)?.as_bytes()?);
        count += 1;
        if answer.len() > PAGE_BYTES {
            return Ok(None);
        }
    }
    let key = if count == limit { keys.of_item(answer.get(last..).unwrap_or_default()) } else { None };
    if count == limit && key.is_none() {
        return Ok(None);
    }
    answer.extend_from_slice(format!("],\"Count\":{count},\"ScannedCount\":{count}").as_bytes());
    if let Some(key) = key {
        answer.extend_from_slice(b",\"LastEvaluatedKey\":");
        answer.extend_from_slice(&key);
    }
    answer.push(b'}');
    Ok(Some(answer))
}

impl Keys {
    /// The key attributes of an item as JSON, cut out of the item's own.
    fn of_item(&self, item: &[u8]) -> Option<Vec<u8>> {
        let item: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(item).ok()?;
        let key: HashMap<&str, &&RawValue> =
            self.names().map(|name| Some((name, item.get(name)?))).collect::<Option<_>>()?;
        serde_json::to_vec(&key).ok()
    }
}
