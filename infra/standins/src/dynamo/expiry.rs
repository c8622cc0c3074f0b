//! What DynamoDB does by the clock with items that have expired.
//!
//! The engine's own sweep reads every item, with the database locked: minutes of a large table. Here an index knows what
//! expires when, so that a sweep costs what it deletes.

use dynoxide::TableMetadata;
use dynoxide::actions::delete_item::{self, DeleteItemRequest};
use dynoxide::storage::Storage;
use dynoxide::types::Item;
use rusqlite::params;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::keys::quoted;
use super::operations::at_once;
use crate::Error;

/// Items deleted before others get their turn to write.
const PAGE: usize = 25;

/// Who deletes what has expired, in the stream's words.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html>
const SERVICE: &str = r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
}

/// Makes sure that what expires is found without reading the rest.
pub(super) fn prepare(storage: &Storage) -> Result<(), Error> {
    for table in storage.list_ttl_enabled_tables()? {
        let Some(expires) = expires(&table) else { continue };
        let (rows, name) = (quoted(&table.table_name), quoted(&format!("{}::expiry", table.table_name)));
        let index = format!("CREATE INDEX IF NOT EXISTS {name} ON {rows} ({expires}) WHERE {expires} IS NOT NULL");
        storage.conn().execute_batch(&index)?;
    }
    Ok(())
}

/// Deletes up to [`PAGE`] items that had expired by `now`, in seconds since 1970. Returns how many it was, and whether
/// there may be more.
pub(super) fn delete_page(storage: &Storage, now: u64) -> Result<(usize, bool), Error> {
    let mut deleted = 0;
    for table in storage.list_ttl_enabled_tables()? {
        let Some(expires) = expires(&table) else { continue };
        let keys: Vec<Key> = read(&table.key_schema)?;
        for item in expired(storage, &table, &expires, now, PAGE - deleted)? {
            let key = keys.iter().filter_map(|key| item.get_key_value(&key.attribute_name));
            let key = key.map(|(name, value)| (name.clone(), value.clone())).collect();
            let request = DeleteItemRequest { table_name: table.table_name.clone(), key, ..Default::default() };
            at_once(delete_item::execute(storage, request))?;
            if table.stream_enabled {
                sign(storage)?;
            }
            deleted += 1;
        }
    }
    Ok((deleted, deleted == PAGE))
}

/// When an item of the table expires, as `SQLite` reads it. The index and the question must say it in the same words.
fn expires(table: &TableMetadata) -> Option<String> {
    let attribute = table.ttl_attribute.as_deref()?.replace('\'', "''");
    Some(format!("CAST(json_extract(item_json, '$.\"{attribute}\".N') AS INTEGER)"))
}

fn question(table: &TableMetadata, expires: &str) -> String {
    let rows = quoted(&table.table_name);
    format!(
        "SELECT item_json FROM {rows}
         WHERE {expires} IS NOT NULL AND {expires} BETWEEN 0 AND ?1 - 1 ORDER BY {expires} LIMIT ?2"
    )
}

fn expired(storage: &Storage, table: &TableMetadata, expires: &str, now: u64, most: usize) -> Result<Vec<Item>, Error> {
    let mut question = storage.conn().prepare_cached(&question(table, expires))?;
    let found = question.query_map(params![now.cast_signed(), most], |row| row.get::<_, String>(0))?;
    let items = found.map(|item| read(&item?));
    items.collect()
}

/// The engine stores all that it knows as JSON.
fn read<T: DeserializeOwned>(stored: &str) -> Result<T, Error> {
    serde_json::from_str(stored).map_err(|error| Error::Definition(error.to_string()))
}

/// Says in the newest record of the stream who deleted the item.
fn sign(storage: &Storage) -> Result<(), Error> {
    let newest = "UPDATE _stream_records SET user_identity = ?1 WHERE id = (SELECT MAX(id) FROM _stream_records)";
    storage.conn().prepare_cached(newest)?.execute([SERVICE])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use dynoxide::storage::Storage;
    use serde_json::json;

    use crate::dynamo::engine::Engine;
    use crate::dynamo::table::Definition;
    use crate::{Error, Setup};

    #[test]
    fn a_sweep_asks_an_index() {
        let engine = Engine::memory(&Setup::default()).expect("opens");
        let table = json!({
            "TableName": "things",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
        });
        engine.create_table(&Definition::read(&table).expect("a table")).expect("made");
        let plan = |storage: &Storage| -> Result<String, Error> {
            let table = storage.get_table_metadata("things")?.expect("the table");
            let question = super::question(&table, &super::expires(&table).expect("it expires"));
            let plan = format!("EXPLAIN QUERY PLAN {question}");
            Ok(storage.conn().query_row(&plan, [0, 25], |row| row.get("detail"))?)
        };
        let plan = engine.reading(plan).expect("a plan");
        assert!(plan.starts_with("SEARCH things USING INDEX things::expiry"), "{plan}");
    }
}
