//! Limits of use, counted in windows.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::OrganizationId;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::item::{n, number, s};
use crate::keys::{self, attr};
use crate::table::Table;

/// A limit: so many uses in each window of so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The limit's name in its key: `requests`.
    pub name: &'static str,
    /// Uses a window.
    pub limit: u32,
    /// The window's length.
    pub seconds: u32,
}

impl Window {
    /// When the window around `now` began, in seconds of the epoch.
    pub fn begin(&self, now: Timestamp) -> i64 {
        let length = i64::from(self.seconds.max(1));
        now.as_second().div_euclid(length) * length
    }

    /// Seconds from `now` until the next window.
    pub fn seconds_left(&self, now: Timestamp) -> u32 {
        let left = self.begin(now) + i64::from(self.seconds.max(1)) - now.as_second();
        u32::try_from(left).unwrap_or(self.seconds)
    }
}

impl Table {
    /// Counts `uses` more of `subject` (a user's id, a hashed address) in the window around `now`, and
    /// returns all uses in it: 1 `UpdateItem`, 1 write unit. Each subject and window is an item of its
    /// own, so no key is hot.
    pub async fn count_uses(
        &self,
        organization: OrganizationId,
        window: Window,
        subject: &str,
        uses: u32,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let begin = window.begin(now);
        let key = keys::limit(organization, window.name, subject, begin);
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(attr::PK, s(key.pk))
            .key(attr::SK, s(key.sk))
            .update_expression("ADD #n :uses SET #ttl = :ttl")
            .expression_attribute_names("#n", attr::N)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":uses", n(uses))
            .expression_attribute_values(":ttl", n(begin + 2 * i64::from(window.seconds)))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        Ok(answer.attributes.as_ref().and_then(|item| number(item, attr::N)).unwrap_or(uses))
    }

    /// Takes one use back that turned out not to count: 1 `UpdateItem`, 1 write unit. Where the window
    /// has ended meanwhile, the next one begins with a use to spare.
    pub async fn return_use(
        &self,
        organization: OrganizationId,
        window: Window,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let begin = window.begin(now);
        let key = keys::limit(organization, window.name, subject, begin);
        self.client
            .update_item()
            .table_name(&self.name)
            .key(attr::PK, s(key.pk))
            .key(attr::SK, s(key.sk))
            .update_expression("ADD #n :uses SET #ttl = :ttl")
            .expression_attribute_names("#n", attr::N)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":uses", n(-1))
            .expression_attribute_values(":ttl", n(begin + 2 * i64::from(window.seconds)))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        Ok(())
    }
}
