//! The stand-in's own limit: the DynamoDB calls that an operation makes, on the same data, without the operation.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use domain::OrganizationId;
use futures::future::try_join_all;
use standins::{Dynamo, Setup};
use store::keys::{self, Key, attr, index};

use super::load::CLIENTS;
use super::operations::place;
use super::sheet::WORDS;
use crate::error::BenchError;
use crate::spread::Spread;

type Item = HashMap<String, AttributeValue>;

/// The most writes of one transaction.
const TRANSACTION: usize = 100;
/// The condition of what must not be there yet.
const NEW: &str = "attribute_not_exists(#pk)";
/// A condition that always holds; checking it costs as much as checking a version.
const ANY: &str = "attribute_exists(#pk) OR attribute_not_exists(#pk)";
/// A lead, its event and the claims of its address, its number and its external id.
const WRITES: usize = 5;

/// What the stand-in alone does.
#[derive(Clone, Debug, Default)]
pub(super) struct Alone {
    /// How often a second.
    pub(super) rate: f64,
    /// How long each took.
    pub(super) spread: Spread,
}

/// The calls of the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calls {
    Read,
    List,
    Search,
    Status,
    Create,
}

/// The table as an organization left it.
pub(super) struct Floor {
    client: Client,
    table: String,
    organization: OrganizationId,
    ids: Arc<[String]>,
    lead: Item,
    event: Item,
    written: AtomicU32,
}

impl Floor {
    /// Opens the table of a platform that has ended.
    pub(super) async fn open(
        folder: &std::path::Path,
        table: &str,
        organization: OrganizationId,
        ids: &Arc<[String]>,
    ) -> Result<Self, BenchError> {
        let client = Dynamo::file(&folder.join("dynamo.db"), &Setup::default())?.client();
        let first = ids.first().cloned().unwrap_or_default();
        let mut floor = Self {
            client,
            table: table.to_owned(),
            organization,
            ids: Arc::clone(ids),
            lead: Item::new(),
            event: Item::new(),
            written: AtomicU32::new(0),
        };
        floor.lead = floor.item(&keys::record(organization, &first), true).await?;
        floor.event = floor.item(&keys::event(organization, &first, 1), true).await?;
        Ok(floor)
    }

    /// Makes the calls of an operation for so long, with as many callers as the platform had.
    pub(super) async fn measure(self: &Arc<Self>, calls: Calls, lasting: Duration) -> Result<Alone, BenchError> {
        let end = Instant::now() + lasting;
        let callers = (0..CLIENTS).map(|caller| {
            let floor = Arc::clone(self);
            tokio::spawn(async move {
                let mut taken = Vec::new();
                for turn in 0.. {
                    let begun = Instant::now();
                    if begun >= end {
                        break;
                    }
                    floor.once(calls, caller, turn).await?;
                    taken.push(begun.elapsed());
                }
                Ok::<_, BenchError>(taken)
            })
        });
        let taken: Vec<_> = try_join_all(callers).await?.into_iter().collect::<Result<_, _>>()?;
        let spread: Spread = taken.into_iter().flatten().collect();
        let done = f64::from(u32::try_from(spread.len()).unwrap_or(u32::MAX));
        Ok(Alone { rate: done / lasting.as_secs_f64(), spread })
    }

    /// Writes so many new leads in transactions of a hundred, one after the other.
    pub(super) async fn import(&self, leads: usize) -> Result<Duration, BenchError> {
        let begun = Instant::now();
        let each = TRANSACTION / WRITES;
        for first in (0..leads).step_by(each) {
            let writes = (first..(first + each).min(leads)).flat_map(|_| self.new_lead());
            self.transact(writes.collect(), NEW).await?;
        }
        Ok(begun.elapsed())
    }

    async fn once(&self, calls: Calls, caller: usize, turn: usize) -> Result<(), BenchError> {
        match calls {
            Calls::Read => {
                let id = &self.ids[place(caller, turn, self.ids.len())];
                self.item(&keys::record(self.organization, id), false).await.map(drop)
            }
            Calls::List => self.list().await,
            Calls::Search => self.search(WORDS[place(caller, turn, WORDS.len())]).await,
            Calls::Status => {
                let own = (self.ids.len() / CLIENTS).max(1);
                let id = &self.ids[(caller + CLIENTS * (turn % own)) % self.ids.len()];
                self.move_lead(id).await
            }
            Calls::Create => self.transact(self.new_lead(), NEW).await,
        }
    }

    /// One Query, and one read for the list's size.
    async fn list(&self) -> Result<(), BenchError> {
        let pk = keys::list(self.organization, "lead", "all", "");
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index::LIST1)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", attr::L1PK)
            .expression_attribute_values(":pk", text(pk))
            .scan_index_forward(false)
            .limit(51)
            .send();
        let size = Key {
            pk: keys::counts(self.organization, "list", keys::Whose::Organization),
            sk: keys::count_sort(None, "lead#all#"),
        };
        let (page, size) = tokio::join!(page, self.item(&size, false));
        full_page(&page.map_err(|error| failed("Query", &error))?)?;
        size.map(drop)
    }

    /// One Query of terms, and one `BatchGetItem` of the leads they name.
    async fn search(&self, word: &str) -> Result<(), BenchError> {
        let prefix = word.to_lowercase();
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", text(keys::terms(self.organization, "lead", &prefix)))
            .expression_attribute_values(":prefix", text(prefix))
            .limit(50)
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        full_page(&page)?;
        let ids = page.items().iter().filter_map(|item| item.get(attr::SUBJECT)?.as_s().ok());
        let wanted = ids.map(|id| key(&keys::record(self.organization, id))).collect();
        let wanted = KeysAndAttributes::builder().set_keys(Some(wanted)).build();
        let wanted = wanted.map_err(|error| failed("BatchGetItem", &error))?;
        let found = self.client.batch_get_item().request_items(&self.table, wanted).send().await;
        found.map(drop).map_err(|error| failed("BatchGetItem", &error))
    }

    /// One consistent read, and a transaction of the lead in another list and of an event.
    async fn move_lead(&self, id: &str) -> Result<(), BenchError> {
        let own = keys::record(self.organization, id);
        let mut lead = self.item(&own, true).await?;
        let list = lead.get(attr::L3PK).and_then(|list| list.as_s().ok()).cloned().unwrap_or_default();
        let other = list.strip_suffix('~').map_or_else(|| format!("{list}~"), str::to_owned);
        lead.insert(attr::L3PK.to_owned(), text(other));
        let mut event = self.event.clone();
        event.insert(attr::PK.to_owned(), text(own.pk));
        event.insert(attr::SK.to_owned(), text(format!("{}{:010}", keys::EVENT, 1_000_000 + self.next())));
        self.transact(vec![lead, event], ANY).await
    }

    /// A lead, its event and its claims, under keys that no tenant has.
    fn new_lead(&self) -> Vec<Item> {
        let number = self.next();
        let pk = format!("floor#{number}");
        let (mut lead, mut event) = (self.lead.clone(), self.event.clone());
        lead.insert(attr::PK.to_owned(), text(&pk));
        lead.insert(attr::PLACE.to_owned(), text(format!("{number:014x}")));
        for list in [attr::L1PK, attr::L2PK, attr::L3PK] {
            if lead.contains_key(list) {
                lead.insert(list.to_owned(), text(format!("floor#{list}")));
            }
        }
        event.insert(attr::PK.to_owned(), text(&pk));
        let mut writes = vec![lead, event];
        writes.extend((2..WRITES).map(|claim| {
            Item::from([
                (attr::PK.to_owned(), text(format!("{pk}#claim#{claim}#{number:064}"))),
                (attr::SK.to_owned(), text(keys::CLAIM)),
                (attr::SUBJECT.to_owned(), text(&pk)),
                (attr::ORGANIZATION.to_owned(), text(self.organization.to_string())),
            ])
        }));
        writes
    }

    fn next(&self) -> u32 {
        self.written.fetch_add(1, Ordering::Relaxed)
    }

    async fn item(&self, at: &Key, consistent: bool) -> Result<Item, BenchError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(at)))
            .consistent_read(consistent)
            .send()
            .await;
        let item = found.map_err(|error| failed("GetItem", &error))?.item;
        item.ok_or_else(|| BenchError::Store(format!("{} {} is not there", at.pk, at.sk)))
    }

    async fn transact(&self, items: Vec<Item>, condition: &str) -> Result<(), BenchError> {
        let name = "TransactWriteItems";
        let writes = items.into_iter().map(|item| {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression(condition)
                .expression_attribute_names("#pk", attr::PK)
                .build();
            Ok(TransactWriteItem::builder().put(put.map_err(|error| failed(name, &error))?).build())
        });
        let writes = writes.collect::<Result<_, BenchError>>()?;
        let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        sent.map(drop).map_err(|error| failed(name, &error))
    }
}

/// What is measured is a page of fifty.
fn full_page(page: &QueryOutput) -> Result<(), BenchError> {
    if page.count() >= 50 { Ok(()) } else { Err(BenchError::Store(format!("a page of {}", page.count()))) }
}

fn failed(operation: &str, error: &dyn std::error::Error) -> BenchError {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    BenchError::Store(format!("{operation}: {error}{cause}"))
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn key(key: &Key) -> Item {
    Item::from([(attr::PK.to_owned(), text(&key.pk)), (attr::SK.to_owned(), text(&key.sk))])
}
