//! Items written many at a time, which need no condition: what follows from a change and may be written again.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};

use crate::error::StoreError;
use crate::item::s;
use crate::keys::{Key, attr};
use crate::table::Table;

/// Writes in one `BatchWriteItem`.
const A_BATCH: usize = 25;
/// Times that a batch is asked again for what came back unprocessed.
const TRIES: u32 = 8;

/// The write of an item of these attributes.
pub(crate) fn put(
    key: Key,
    attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>,
) -> Result<WriteRequest, StoreError> {
    let mut put = PutRequest::builder().item(attr::PK, s(key.pk)).item(attr::SK, s(key.sk));
    for (name, value) in attributes {
        put = put.item(name, value);
    }
    Ok(WriteRequest::builder().put_request(put.build()?).build())
}

/// The removal of an item, whether it is there or not.
pub(crate) fn delete(key: Key) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().key(attr::PK, s(key.pk)).key(attr::SK, s(key.sk));
    Ok(WriteRequest::builder().delete_request(delete.build()?).build())
}

impl Table {
    /// Puts and deletes, 25 a `BatchWriteItem`, asked again for what came back unprocessed.
    pub(crate) async fn write_all(&self, writes: Vec<WriteRequest>) -> Result<(), StoreError> {
        for chunk in writes.chunks(A_BATCH) {
            let mut left = chunk.to_vec();
            let mut tries = 0;
            while !left.is_empty() {
                tries += 1;
                if tries > TRIES {
                    let cause = "items left unprocessed".to_owned();
                    return Err(StoreError::Busy { operation: "BatchWriteItem", cause });
                }
                let answer = self
                    .client
                    .batch_write_item()
                    .request_items(&self.name, left)
                    .send()
                    .await
                    .map_err(|error| StoreError::from_sdk("BatchWriteItem", &error))?;
                left = answer.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
            }
        }
        Ok(())
    }
}
