use dynoxide::actions::get_records::{self, GetRecordsRequest};
use dynoxide::actions::get_shard_iterator::{self, GetShardIteratorRequest};
use dynoxide::streams;
use serde_json::{Value, json};

use super::engine::Engine;
use super::operations::at_once;
use crate::Error;

/// Some records of a table's stream, in the order they were written.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamBatch {
    /// The event Lambda would hand to a function: `{"Records": […]}`.
    pub records: Value,
    /// How many records there are.
    pub len: usize,
    /// Where to go on; `None` if nothing was ever read.
    pub checkpoint: Option<String>,
}

impl Engine {
    pub(super) fn read_stream(
        &self,
        table: &str,
        checkpoint: Option<&str>,
        limit: usize,
    ) -> Result<StreamBatch, Error> {
        let arn = self.stream_arn(table)?;
        let from = GetShardIteratorRequest {
            stream_arn: arn.clone(),
            shard_id: streams::shard_id(table),
            shard_iterator_type: if checkpoint.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" }.to_owned(),
            sequence_number: checkpoint.map(str::to_owned),
        };
        let found = self.reading(|storage| {
            let shard_iterator = at_once(get_shard_iterator::execute(storage, from))?.shard_iterator;
            let shard_iterator = shard_iterator.unwrap_or_default();
            let request = GetRecordsRequest { shard_iterator, limit: Some(limit) };
            Ok(at_once(get_records::execute(storage, request))?.records)
        })?;
        let last = found.last().map(|record| record.dynamodb.sequence_number.clone());
        let records = found
            .iter()
            .map(|record| {
                let mut record = serde_json::to_value(record).map_err(|error| Error::Definition(error.to_string()))?;
                record["eventSourceARN"] = json!(arn);
                Ok(record)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(StreamBatch {
            len: records.len(),
            records: json!({ "Records": records }),
            checkpoint: last.or_else(|| checkpoint.map(str::to_owned)),
        })
    }

    pub(super) fn latest(&self, table: &str) -> Result<Option<String>, Error> {
        self.stream_arn(table)?;
        // The engine's own question for the range of a shard reads every record; the largest number alone is one step
        // in an index.
        let newest = "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1";
        let last: Option<u64> =
            self.reading(|storage| Ok(storage.conn().prepare_cached(newest)?.query_row([table], |row| row.get(0))?))?;
        // As `dynoxide::streams` makes a stored number public.
        Ok(last.map(|last| (100_000_000_000_000_000_000 + u128::from(last)).to_string()))
    }

    fn stream_arn(&self, table: &str) -> Result<String, Error> {
        let metadata = self.reading(|storage| Ok(storage.get_table_metadata(table)?))?;
        let label = metadata.filter(|metadata| metadata.stream_enabled).and_then(|metadata| metadata.stream_label);
        let label = label.ok_or_else(|| Error::NoStream(table.to_owned()))?;
        Ok(streams::stream_arn(table, &label))
    }
}
