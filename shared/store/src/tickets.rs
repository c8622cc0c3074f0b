//! Tokens that open a connection: short-lived, good once, kept as keyed hashes.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{OrganizationId, SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::item::{n, s, text};
use crate::keys::{self, attr};
use crate::table::Table;

/// Whose connection a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The tenant.
    pub organization: OrganizationId,
    /// The person.
    pub user: UserId,
    /// Their sign-in.
    pub session: SessionId,
    /// When it is no good any more.
    pub expires_at: Timestamp,
}

impl Table {
    /// Keeps what a token stands for: 1 `PutItem`, 1 write unit. The token itself is kept nowhere.
    pub async fn keep_ticket(&self, token: &str, ticket: &Ticket) -> Result<(), StoreError> {
        let key = keys::ticket(&self.hash_key.hash(&["ticket", token]));
        let data = serde_json::to_string(ticket).map_err(|error| StoreError::unreadable(&key.pk, error))?;
        self.client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(key.pk))
            .item(attr::SK, s(key.sk))
            .item(attr::DATA, s(data))
            .item(attr::TTL, n(ticket.expires_at.as_second()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", &error))?;
        Ok(())
    }

    /// Takes a token, once: of any number who show it one gets what it stands for. `None` for one that was never given,
    /// was taken, or is too old. 1 `DeleteItem`, 1 write unit.
    pub async fn take_ticket(&self, token: &str, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
        let key = keys::ticket(&self.hash_key.hash(&["ticket", token]));
        let answer = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key(attr::PK, s(&key.pk))
            .key(attr::SK, s(key.sk))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("DeleteItem", &error))?;
        let Some(item) = answer.attributes else { return Ok(None) };
        let data = text(&item, attr::DATA).ok_or_else(|| StoreError::unreadable(&key.pk, "no data"))?;
        let ticket: Ticket = serde_json::from_str(data).map_err(|error| StoreError::unreadable(&key.pk, error))?;
        Ok((now < ticket.expires_at).then_some(ticket))
    }
}
