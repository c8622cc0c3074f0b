use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use dynoxide::TableMetadata;
use dynoxide::storage::Storage;
use serde_json::Value;

use super::conditions::{Comparison, Conditions, Text};

/// The keys of a table or index, and where its rows lie.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) partition: String,
    pub(super) sort: String,
    /// The table's own keys, if these are an index's.
    own: Option<(String, String)>,
    /// Selects one item of the table.
    pub(super) get: String,
    /// Selects the items of one partition.
    select: String,
    columns: Columns,
}

/// The columns rows are ordered by, as the engine names them.
#[derive(Debug)]
struct Columns {
    sort: &'static str,
    order: &'static [&'static str],
}

const TABLE: Columns = Columns { sort: "sk", order: &["sk"] };
const INDEX: Columns = Columns { sort: "gsi_sk", order: &["gsi_sk", "table_pk", "table_sk"] };

type Known = HashMap<(String, Option<String>), Arc<Keys>>;

/// The keys of the tables met so far.
#[derive(Debug, Default)]
pub(super) struct TableKeys(RwLock<Known>);

impl TableKeys {
    /// The keys of a table or of one of its global indexes, if all of them are text and there is a sort key.
    pub(super) fn of(&self, storage: &Storage, table: &str, index: Option<&str>) -> Option<Arc<Keys>> {
        let name = (table.to_owned(), index.map(str::to_owned));
        if let Some(keys) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&name) {
            return Some(Arc::clone(keys));
        }
        let keys = Arc::new(Keys::read(&storage.get_table_metadata(table).ok()??, table, index)?);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&keys));
        Some(keys)
    }

    /// Tables have changed.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Keys {
    fn read(metadata: &TableMetadata, table: &str, index: Option<&str>) -> Option<Self> {
        let types: Value = serde_json::from_str(&metadata.attribute_definitions).ok()?;
        let own = pair(&serde_json::from_str(&metadata.key_schema).ok()?, &types)?;
        let table_rows = quoted(table);
        let get = format!("SELECT item_json FROM {table_rows} WHERE pk = ?1 AND sk = ?2");
        let Some(index) = index else {
            let select = format!("SELECT item_json FROM {table_rows} WHERE pk = ?1");
            let (partition, sort) = own;
            return Some(Self { partition, sort, own: None, get, select, columns: TABLE });
        };
        let indexes: Value = serde_json::from_str(metadata.gsi_definitions.as_deref()?).ok()?;
        let index_keys = indexes.as_array()?.iter().find(|one| one["IndexName"] == index)?.get("KeySchema")?;
        let (partition, sort) = pair(index_keys, &types)?;
        let select = format!("SELECT item_json FROM {} WHERE gsi_pk = ?1", quoted(&format!("{table}::gsi::{index}")));
        Some(Self { partition, sort, own: Some(own), get, select, columns: INDEX })
    }

    /// Every attribute of a position: the keys, and an index's table's.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().flat_map(|(partition, sort)| [partition, sort]);
        [&self.partition, &self.sort].into_iter().chain(own).map(String::as_str)
    }

    /// The stored form of a key that has these attributes, filled, and no others.
    pub(super) fn values(&self, key: &HashMap<Cow<'_, str>, Text<'_>>) -> Option<(String, String)> {
        let (partition, sort) = (key.get(&*self.partition)?, key.get(&*self.sort)?);
        let exact = key.len() == 2 && !partition.text.is_empty() && !sort.text.is_empty();
        exact.then(|| (stored(&partition.text), stored(&sort.text)))
    }

    /// The start of a query: its partition and the bounds of its sort key.
    pub(super) fn select(&self, conditions: &Conditions<'_>, sql: &mut String, values: &mut Vec<String>) {
        sql.push_str(&self.select);
        values.push(stored(conditions.partition));
        for (comparison, value) in &conditions.sort {
            let sign = match comparison {
                Comparison::Equal => "=",
                Comparison::Below => "<",
                Comparison::AtMost => "<=",
                Comparison::Above => ">",
                Comparison::AtLeast => ">=",
            };
            values.push(stored(value));
            append(sql, format_args!(" AND {} {sign} ?{}", self.columns.sort, values.len()));
        }
    }

    /// Goes on after a position inside the conditions; `None` if it is none.
    pub(super) fn start(
        &self,
        start: &HashMap<Cow<'_, str>, Text<'_>>,
        conditions: &Conditions<'_>,
        forward: bool,
        sql: &mut String,
        values: &mut Vec<String>,
    ) -> Option<()> {
        let text = |name: &str| start.get(name).map(|value| &*value.text).filter(|text| !text.is_empty());
        let sort = text(&self.sort)?;
        let within = conditions.sort.iter().all(|(comparison, bound)| match comparison {
            Comparison::Equal => sort == &**bound,
            Comparison::Below => sort < &**bound,
            Comparison::AtMost => sort <= &**bound,
            Comparison::Above => sort > &**bound,
            Comparison::AtLeast => sort >= &**bound,
        });
        let names = self.names().collect::<std::collections::BTreeSet<_>>();
        if text(&self.partition)? != conditions.partition || !within || start.len() != names.len() {
            return None;
        }
        let first = values.len() + 1;
        values.push(stored(sort));
        if let Some((own_partition, own_sort)) = &self.own {
            values.push(stored(text(own_partition)?));
            values.push(stored(text(own_sort)?));
        }
        let places: Vec<_> = (first..=values.len()).map(|place| format!("?{place}")).collect();
        let sign = if forward { ">" } else { "<" };
        append(sql, format_args!(" AND ({}) {sign} ({})", self.columns.order.join(", "), places.join(", ")));
        Some(())
    }

    /// The end of a query; its limit is the parameter after all others.
    pub(super) fn order(&self, forward: bool, sql: &mut String) {
        let direction = if forward { "ASC" } else { "DESC" };
        let order: Vec<_> = self.columns.order.iter().map(|column| format!("{column} {direction}")).collect();
        append(sql, format_args!(" ORDER BY {} LIMIT ?", order.join(", ")));
    }
}

/// The engine stores text keys with their type before them.
fn stored(text: &str) -> String {
    format!("S:{text}")
}

/// A name as `SQLite` takes it.
pub(super) fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}

fn append(sql: &mut String, text: std::fmt::Arguments<'_>) {
    let written = sql.write_fmt(text);
    debug_assert!(written.is_ok(), "a String takes all text");
}

/// The names of a partition and a sort key, if that is what the schema has and both are text.
fn pair(schema: &Value, types: &Value) -> Option<(String, String)> {
    let [first, second] = &schema.as_array()?[..] else {
        return None;
    };
    let name = |element: &Value, role: &str| {
        let name = element.get("AttributeName")?.as_str().filter(|_| element["KeyType"] == role)?;
        let text = |one: &Value| one["AttributeName"] == name && one["AttributeType"] == "S";
        types.as_array()?.iter().any(text).then(|| name.to_owned())
    };
    Some((name(first, "HASH")?, name(second, "RANGE")?))
}
