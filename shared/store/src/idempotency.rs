//! Responses kept for idempotency keys.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::OrganizationId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::item::{b, bytes, n, s, text};
use crate::keys::{self, attr};
use crate::table::Table;

/// A response is kept for a day.
const KEPT_SECONDS: i64 = 86_400;
/// A request that has not answered after so long has died; its key is free for a new try.
const IN_FLIGHT_SECONDS: i64 = 60;

/// What an idempotency key led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is new: go on, then [`Table::finish_idempotent`].
    New,
    /// The first request with it is still under way.
    InFlight,
    /// It was used with another body or for another operation.
    Differs,
    /// Here is the first answer.
    Done(StoredResponse),
}

/// An answer kept as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// The status.
    pub status: u16,
    /// Its headers that matter: content type, location, entity tag.
    pub headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
}

impl Table {
    /// Takes an idempotency key for a request: 1 conditional `PutItem`, 1 write unit. `key` names the
    /// subject and the client's key; `fingerprint` is a hash of the operation and its body.
    pub async fn begin_idempotent(
        &self,
        organization: OrganizationId,
        key: &[&str],
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let place = keys::idempotency(organization, &self.hash_key.hash(key));
        let sent = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(place.pk))
            .item(attr::SK, s(place.sk))
            .item("fingerprint", s(fingerprint))
            .item("began", n(now.as_second()))
            .item(attr::TTL, n(now.as_second() + KEPT_SECONDS))
            // The table removes expired items late; an expired or abandoned one does not count.
            .condition_expression(
                "attribute_not_exists(#pk) OR #ttl < :now OR (attribute_not_exists(#sealed) AND #began < :died)",
            )
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_names("#sealed", attr::SEALED)
            .expression_attribute_names("#began", "began")
            .expression_attribute_values(":now", n(now.as_second()))
            .expression_attribute_values(":died", n(now.as_second() - IN_FLIGHT_SECONDS))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Begun::New),
            Err(SdkError::ServiceError(context)) => match context.err() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    let Some(old) = failed.item() else {
                        return Err(StoreError::Broken {
                            operation: "PutItem",
                            cause: "the old item did not come back".into(),
                        });
                    };
                    if text(old, "fingerprint") != Some(fingerprint) {
                        return Ok(Begun::Differs);
                    }
                    let Some(sealed) = bytes(old, attr::SEALED) else { return Ok(Begun::InFlight) };
                    self.learn([old]).await?;
                    let data = self.keys.open(&keys::idempotency(organization, &self.hash_key.hash(key)), sealed)?;
                    serde_json::from_str(&data)
                        .map(Begun::Done)
                        .map_err(|error| StoreError::unreadable("idempotency", error))
                }
                _ => Err(StoreError::from_sdk("PutItem", &SdkError::ServiceError(context))),
            },
            Err(error) => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Keeps the answer of a request that took its key, encrypted, as it shows fields of people: 1 `PutItem`.
    pub async fn finish_idempotent(
        &self,
        organization: OrganizationId,
        key: &[&str],
        fingerprint: &str,
        response: &StoredResponse,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let place = keys::idempotency(organization, &self.hash_key.hash(key));
        let data = serde_json::to_string(response).map_err(|error| StoreError::unreadable(&place.pk, error))?;
        let sealed = self.keys.seal(&place, &data)?;
        self.client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(place.pk))
            .item(attr::SK, s(place.sk))
            .item("fingerprint", s(fingerprint))
            .item("began", n(now.as_second()))
            .item(attr::SEALED, b(sealed))
            .item(attr::TTL, n(now.as_second() + KEPT_SECONDS))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", &error))?;
        Ok(())
    }

    /// Frees a key whose request failed without having done anything: 1 `DeleteItem`.
    pub async fn forget_idempotent(&self, organization: OrganizationId, key: &[&str]) -> Result<(), StoreError> {
        let place = keys::idempotency(organization, &self.hash_key.hash(key));
        self.client
            .delete_item()
            .table_name(&self.name)
            .key(attr::PK, s(place.pk))
            .key(attr::SK, s(place.sk))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("DeleteItem", &error))?;
        Ok(())
    }
}
