//! Marks that something was done for a record, once: a welcome sent, a report delivered.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::Grant;

use crate::commit::Transaction;
use crate::error::{CommitError, StoreError};
use crate::item::s;
use crate::keys::{self, attr};
use crate::table::Table;

impl Table {
    /// Marks `name` as done for the record `subject` (its id as text) and tells whether it was not marked
    /// before: 1 `PutItem`, 1 write unit. Of any number of callers one is told `true`. The mark goes with
    /// the record.
    pub async fn mark_once(&self, grant: &Grant, subject: &str, name: &str) -> Result<bool, StoreError> {
        let key = keys::mark(grant.organization(), subject, name);
        let sent = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(key.pk))
            .item(attr::SK, s(key.sk))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Whether `name` is marked as done for the record `subject`: 1 `GetItem`, 1 read unit.
    pub async fn is_marked(&self, grant: &Grant, subject: &str, name: &str) -> Result<bool, StoreError> {
        let key = keys::mark(grant.organization(), subject, name);
        Ok(self.get_item(&key, true).await?.is_some())
    }
}

impl Transaction<'_> {
    /// Marks `name` as done for the record `subject` together with what is done. Refused as
    /// [`Refused::Guard`](crate::Refused::Guard) where it is marked already.
    pub fn mark_once(&mut self, grant: &Grant, subject: &str, name: &str) -> Result<(), CommitError> {
        let key = keys::mark(grant.organization(), subject, name);
        let put = Put::builder()
            .table_name(self.table_name())
            .item(attr::PK, s(key.pk))
            .item(attr::SK, s(key.sk))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .build()
            .map_err(StoreError::from)?;
        self.guard(TransactWriteItem::builder().put(put).build());
        Ok(())
    }
}
