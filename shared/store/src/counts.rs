//! Figures kept by events.

use std::collections::{BTreeMap, HashMap};

use domain::date_range::DateRange;
use domain::{Counted, Grant, OrganizationId, Rows};
use futures::future::try_join_all;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::StoreError;
use crate::item::{self, Item, s, text};
use crate::keys::{self, Key, Whose, attr};
use crate::table::Table;

/// Figures a Query: about 100 KB.
const PAGE: i32 = 1_000;

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRow {
    /// The day it belongs to (in UTC); `None` for a figure of now.
    pub day: Option<Date>,
    /// What it is broken down by; empty for the total.
    pub dimension: String,
    /// The figure.
    pub n: i64,
    /// The numbers beside it, by name.
    pub parts: BTreeMap<String, i64>,
}

impl Table {
    /// A metric per day over the grant's rows, both ends included: 1 Query for the organization, or 1
    /// for each branch of a grant that reaches branches, or for each person of one that reaches people; 0.5 read
    /// units a 4 KB (about 50 figures). A metric that is kept for nobody in particular has no figures of people.
    pub async fn counts_by_day(
        &self,
        grant: &Grant,
        metric: &str,
        from: Date,
        to: Date,
    ) -> Result<Vec<CountRow>, StoreError> {
        // Nothing sorts behind the last code point, in whatever script a dimension is written.
        self.counts(grant, metric, &format!("{from}#"), &format!("{to}#\u{10FFFF}")).await
    }

    /// A metric per day as its type, at the same price. Rows that say nothing known are left out.
    pub async fn counted<C: Counted>(&self, grant: &Grant, range: DateRange) -> Result<Vec<C>, StoreError> {
        let above = |n: i64| u64::try_from(n).unwrap_or(0);
        let rows = self.counts_by_day(grant, C::METRIC, range.from, range.to).await?;
        let read = rows.into_iter().filter_map(|row| {
            let parts = row.parts.into_iter().map(|(name, n)| (name, above(n))).collect();
            C::read(row.day?, &row.dimension, above(row.n), &parts)
        });
        Ok(read.collect())
    }

    /// Figures of now of the whole organization with the numbers beside them, in the order of their dimensions: 1
    /// `BatchGetItem` a 100, 0.5 read units each. What was never counted is 0.
    pub async fn counts_of(
        &self,
        grant: &Grant,
        metric: &str,
        dimensions: &[String],
    ) -> Result<Vec<CountRow>, StoreError> {
        let pk = keys::counts(grant.organization(), metric, Whose::Organization);
        let key = |dimension: &String| Key { pk: pk.clone(), sk: keys::count_sort(None, dimension) };
        let keys: Vec<Key> = dimensions.iter().map(key).collect();
        let found = self.batch_get(&keys, false).await?;
        let row = |(dimension, key): (&String, &Key)| {
            let nothing = CountRow { day: None, dimension: dimension.clone(), n: 0, parts: BTreeMap::new() };
            found.get(&format!("{}\n{}", key.pk, key.sk)).and_then(row_of).unwrap_or(nothing)
        };
        Ok(dimensions.iter().zip(&keys).map(row).collect())
    }

    /// Figures of now of the whole organization, by their dimensions: 1 `GetItem` for one, 0.5 read units, or 1
    /// `BatchGetItem` a 100. What was never counted is left out.
    pub async fn counts_named(
        &self,
        grant: &Grant,
        metric: &str,
        dimensions: &[String],
    ) -> Result<HashMap<String, i64>, StoreError> {
        let pk = keys::counts(grant.organization(), metric, Whose::Organization);
        let keys: Vec<Key> =
            dimensions.iter().map(|dimension| Key { pk: pk.clone(), sk: keys::count_sort(None, dimension) }).collect();
        let items: Vec<Item> = if let [key] = keys.as_slice() {
            self.get_item(key, false).await?.into_iter().collect()
        } else {
            self.batch_get(&keys, false).await?.into_values().collect()
        };
        let named = |item: &Item| {
            let dimension = text(item, attr::SK)?.strip_prefix(keys::NOW)?;
            Some((dimension.to_owned(), item::number(item, attr::N)?))
        };
        Ok(items.iter().filter_map(named).collect())
    }

    /// A metric of now over the grant's rows, at the same price.
    pub async fn counts_now(&self, grant: &Grant, metric: &str) -> Result<Vec<CountRow>, StoreError> {
        self.counts(grant, metric, keys::NOW, &format!("{}\u{10FFFF}", keys::NOW)).await
    }

    /// The live leads of an organization, as of its events that were counted: 1 Query.
    pub async fn live_leads(&self, organization: OrganizationId) -> Result<u32, StoreError> {
        let pk = keys::counts(organization, "leads_by_stage", Whose::Organization);
        let stages = self.read_counts(pk, keys::NOW, &format!("{}\u{10FFFF}", keys::NOW)).await?;
        Ok(total(&stages))
    }

    /// The messages that an organization sent in the month of `now` (in UTC), on all channels together: 1 Query.
    pub async fn messages_this_month(&self, organization: OrganizationId, now: Timestamp) -> Result<u32, StoreError> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let pk = keys::counts(organization, "messages_sent", Whose::Organization);
        let days =
            self.read_counts(pk, &format!("{}#", today.first_of_month()), &format!("{today}#\u{10FFFF}")).await?;
        Ok(total(&days))
    }

    async fn counts(&self, grant: &Grant, metric: &str, from: &str, to: &str) -> Result<Vec<CountRow>, StoreError> {
        let whose: Vec<Whose> = match grant.rows() {
            Rows::All => vec![Whose::Organization],
            Rows::Branches { branches } => branches.iter().copied().map(Whose::Branch).collect(),
            Rows::Team { users } => users.iter().copied().map(Whose::Person).collect(),
            Rows::Own { user } => vec![Whose::Person(*user)],
        };
        let parts = try_join_all(
            whose
                .into_iter()
                .map(|whose| self.read_counts(keys::counts(grant.organization(), metric, whose), from, to)),
        )
        .await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn read_counts(&self, pk: String, from: &str, to: &str) -> Result<Vec<CountRow>, StoreError> {
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_names("#sk", attr::SK)
                .expression_attribute_values(":pk", s(&pk))
                .expression_attribute_values(":from", s(from))
                .expression_attribute_values(":to", s(to))
                .set_exclusive_start_key(start)
                .limit(PAGE)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            rows.extend(answer.items.unwrap_or_default().iter().filter_map(row_of));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    /// The last number that each sequence of the organization gave, as its dimension: 1 Query.
    pub async fn numbers(&self, grant: &Grant) -> Result<Vec<CountRow>, StoreError> {
        let pk = keys::counts(grant.organization(), "sequence", Whose::Organization);
        self.read_counts(pk, keys::NOW, &format!("{}\u{10FFFF}", keys::NOW)).await
    }

    /// Takes the next number of a sequence: 1 `UpdateItem`, 1 write unit. Numbers may be skipped,
    /// never repeated.
    pub async fn next_number(&self, grant: &Grant, sequence: &str) -> Result<u64, StoreError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(attr::PK, s(keys::counts(grant.organization(), "sequence", Whose::Organization)))
            .key(attr::SK, s(keys::count_sort(None, sequence)))
            .update_expression("ADD #n :one")
            .expression_attribute_names("#n", attr::N)
            .expression_attribute_values(":one", item::n(1))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        answer
            .attributes
            .as_ref()
            .and_then(|item| item::number(item, attr::N))
            .ok_or_else(|| StoreError::unreadable(sequence, "no number came back"))
    }
}

fn row_of(item: &Item) -> Option<CountRow> {
    let (day, dimension) = text(item, attr::SK)?.split_once('#')?;
    let part = |name: &String| Some((keys::part_of_count(name)?.to_owned(), item::number(item, name).unwrap_or(0)));
    Some(CountRow {
        day: day.parse().ok(),
        dimension: dimension.to_owned(),
        n: item::number(item, attr::N).unwrap_or(0),
        parts: item.keys().filter_map(part).collect(),
    })
}

fn total(rows: &[CountRow]) -> u32 {
    let sum: i64 = rows.iter().map(|row| row.n).sum();
    u32::try_from(sum.max(0)).unwrap_or(u32::MAX)
}
