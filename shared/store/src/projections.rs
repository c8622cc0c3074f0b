//! What follows from a change by itself: search terms and figures, brought up to date from the
//! table's stream. Each part can be done again, late, or in another order, with the same end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update, WriteRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Count;
use jiff::Timestamp;
use serde_json::Value;

use crate::batch::{delete, put};
use crate::error::StoreError;
use crate::events;
use crate::item::{Item, n, s, text};
use crate::keys::{self, Key, Whose, attr};
use crate::table::Table;

/// What the stream tells of a change of one item.
#[derive(Debug, Clone, Default)]
pub struct StreamImage {
    /// The item's key.
    pub pk: String,
    /// The item's key.
    pub sk: String,
    /// The item after the change: its text attributes.
    pub new: Option<HashMap<String, String>>,
    /// What lies encrypted in the item after the change.
    pub sealed: Option<Vec<u8>>,
    /// The item before it.
    pub old: Option<HashMap<String, String>>,
    /// When it changed, to a second.
    pub at: Option<Timestamp>,
}

impl StreamImage {
    /// Reads the `dynamodb` member of a record of the table's stream, as Lambda hands it over.
    pub fn from_stream(change: &Value) -> Option<Self> {
        let texts = |item: &Value| -> Option<HashMap<String, String>> {
            let text = |(name, value): (&String, &Value)| {
                let typed = value.get("S").or_else(|| value.get("N"))?;
                Some((name.clone(), typed.as_str()?.to_owned()))
            };
            Some(item.as_object()?.iter().filter_map(text).collect())
        };
        let keys = texts(change.get("Keys")?)?;
        let sealed =
            change.pointer("/NewImage/e/B").and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok());
        let image = |name| change.get(name).and_then(texts).filter(|image: &HashMap<_, _>| !image.is_empty());
        Some(Self {
            pk: keys.get(attr::PK)?.clone(),
            sk: keys.get(attr::SK)?.clone(),
            new: image("NewImage"),
            sealed,
            old: image("OldImage"),
            at: change.get("ApproximateCreationDateTime").and_then(seconds),
        })
    }
}

/// Lambda writes seconds as a number of either kind.
fn seconds(value: &Value) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of this age fit")]
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds as i64))
        .and_then(|at| Timestamp::from_second(at).ok())
}

/// What was brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Projected {
    /// Search terms written or removed.
    pub terms: usize,
    /// Events whose figures were counted now.
    pub counted: usize,
    /// Parts of purged records removed.
    pub purged: usize,
}

/// Events counted in one transaction at most, so that their counters fit beside them.
const EVENTS_A_TRANSACTION: usize = 75;
/// Tries against other writers of the same counters.
const TRIES: u32 = 6;

impl Table {
    /// Brings terms and figures up to date with the changes of a batch.
    pub async fn project(&self, images: &[StreamImage]) -> Result<Projected, StoreError> {
        let terms = self.project_terms(images).await?;
        let counted = self.project_counts(images).await?;
        let purged = self.purge_parts(images).await?;
        Ok(Projected { terms, counted, purged })
    }

    /// The terms of each record in the batch, compared with the record as it is now: whichever of its
    /// changes comes last, the terms end as the record has them.
    async fn project_terms(&self, images: &[StreamImage]) -> Result<usize, StoreError> {
        let mut touched: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for image in images.iter().filter(|image| image.sk == keys::RECORD) {
            let (old, new) = (terms_of(image.old.as_ref()), terms_of(image.new.as_ref()));
            let placed = |image: Option<&HashMap<String, String>>| {
                image.map(|image| (image.get(attr::BRANCH).cloned(), image.get(attr::OWNER).cloned()))
            };
            if old != new || placed(image.old.as_ref()) != placed(image.new.as_ref()) {
                touched.entry(&image.pk).or_default().extend(old.into_iter().chain(new));
            }
        }
        touched.retain(|_, terms| !terms.is_empty());
        let records: Vec<Key> =
            touched.keys().map(|pk| Key { pk: (*pk).to_owned(), sk: keys::RECORD.to_owned() }).collect();
        let current = self.batch_get(&records, true).await?;
        let mut writes = Vec::new();
        for (pk, terms) in &touched {
            let Some((organization, id)) = keys::split_partition(pk) else { continue };
            let record = current.get(*pk);
            let kind = record
                .and_then(|item| text(item, attr::KIND))
                .or_else(|| kind_in(images, pk))
                .ok_or_else(|| StoreError::unreadable(pk, "a record without a kind"))?;
            let stands: BTreeSet<&str> = record
                .filter(|item| !item.contains_key(attr::TTL))
                .and_then(|item| text(item, attr::TERMS))
                .map(|terms| terms.split('\n').collect())
                .unwrap_or_default();
            for term in terms.iter().copied().chain(stands.iter().copied()).collect::<BTreeSet<_>>() {
                let key = keys::term(organization, kind, term, id);
                writes.push(match record.filter(|_| stands.contains(term)) {
                    Some(record) => entry(key, id, record)?,
                    None => delete(key)?,
                });
            }
        }
        let done = writes.len();
        self.write_all(writes).await?;
        Ok(done)
    }

    /// Adds up the counters of the batch's events, each event once: an event is marked in the same
    /// transaction that counts it.
    async fn project_counts(&self, images: &[StreamImage]) -> Result<usize, StoreError> {
        let mut events = Vec::new();
        for image in images.iter().filter(|image| image.sk.starts_with(keys::EVENT) && image.old.is_none()) {
            let Some(text) = image.new.as_ref().and_then(|new| new.get(attr::COUNTS)) else { continue };
            let Some((organization, _)) = keys::split_partition(&image.pk) else { continue };
            let counts = events::decode_counts(&image.pk, text)?;
            let steps = counts.iter().flat_map(|count| steps_of(organization, count)).collect();
            events.push(Counted { key: Key { pk: image.pk.clone(), sk: image.sk.clone() }, steps });
        }
        events.sort_by(|a, b| (&a.key.pk, &a.key.sk).cmp(&(&b.key.pk, &b.key.sk)));
        events.dedup_by(|a, b| a.key == b.key);
        let mut counted = 0;
        let mut batch: Vec<Counted> = Vec::new();
        let mut distinct: BTreeSet<(String, String)> = BTreeSet::new();
        for event in events {
            let with: BTreeSet<_> =
                distinct.iter().cloned().chain(event.steps.iter().map(|(key, _)| key.clone())).collect();
            if !batch.is_empty()
                && (batch.len() == EVENTS_A_TRANSACTION || with.len() + batch.len() + 1 > crate::MAX_TRANSACTION_ITEMS)
            {
                counted += self.count_once(std::mem::take(&mut batch)).await?;
                distinct.clear();
            }
            distinct.extend(event.steps.iter().map(|(key, _)| key.clone()));
            batch.push(event);
        }
        Ok(counted + self.count_once(batch).await?)
    }

    async fn count_once(&self, mut events: Vec<Counted>) -> Result<usize, StoreError> {
        let mut cause = String::new();
        for _ in 0..TRIES {
            if events.is_empty() {
                return Ok(0);
            }
            let items = self.counting_items(&events)?;
            let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
            let Err(error) = sent else { return Ok(events.len()) };
            let SdkError::ServiceError(context) = &error else {
                return Err(StoreError::from_sdk("TransactWriteItems", &error));
            };
            let TransactWriteItemsError::TransactionCanceledException(cancelled) = context.err() else {
                return Err(StoreError::from_sdk("TransactWriteItems", &error));
            };
            cause = cancelled.to_string();
            let reasons = cancelled.cancellation_reasons();
            let mut place = 0;
            events.retain(|_| {
                let done = reasons.get(place).and_then(|reason| reason.code()) == Some("ConditionalCheckFailed");
                place += 1;
                !done
            });
        }
        Err(StoreError::Busy { operation: "TransactWriteItems", cause })
    }

    /// The marks of the events first, in their order; then the counters.
    fn counting_items(&self, events: &[Counted]) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut totals: BTreeMap<&(String, String), BTreeMap<&str, i64>> = BTreeMap::new();
        let mut items = Vec::with_capacity(events.len() + 8);
        for event in events {
            let mark = Update::builder()
                .table_name(&self.name)
                .key(attr::PK, s(&event.key.pk))
                .key(attr::SK, s(&event.key.sk))
                .update_expression("SET #counted = :true")
                .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#counted)")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_names("#counted", attr::COUNTED)
                .expression_attribute_values(":true", aws_sdk_dynamodb::types::AttributeValue::Bool(true))
                .build()?;
            items.push(TransactWriteItem::builder().update(mark).build());
            for (key, steps) in &event.steps {
                let numbers = totals.entry(key).or_default();
                for (name, by) in steps {
                    *numbers.entry(name).or_default() += by;
                }
            }
        }
        for ((pk, sk), mut numbers) in totals {
            numbers.retain(|_, by| *by != 0);
            if numbers.is_empty() {
                continue;
            }
            let steps: Vec<String> = (0..numbers.len()).map(|place| format!("#n{place} :n{place}")).collect();
            let mut add = Update::builder()
                .table_name(&self.name)
                .key(attr::PK, s(pk))
                .key(attr::SK, s(sk))
                .update_expression(format!("ADD {}", steps.join(", ")));
            for (place, (name, by)) in numbers.into_iter().enumerate() {
                add = add
                    .expression_attribute_names(format!("#n{place}"), name)
                    .expression_attribute_values(format!(":n{place}"), n(by));
            }
            items.push(TransactWriteItem::builder().update(add.build()?).build());
        }
        Ok(items)
    }
}

struct Counted {
    key: Key,
    steps: Vec<((String, String), Steps)>,
}

/// The steps of a figure and of the numbers beside it, by their attributes.
type Steps = Vec<(String, i64)>;

/// A count's keys, each with its steps: the organization's, its branch's and its person's, where it has them; of a
/// person without a branch theirs alone.
fn steps_of(organization: domain::OrganizationId, count: &Count) -> Vec<((String, String), Steps)> {
    let sk = keys::count_sort(count.day, &count.dimension);
    let parts = count.parts.iter().map(|(name, by)| (keys::count_part(name), *by));
    let steps: Steps = std::iter::once((attr::N.to_owned(), count.by)).chain(parts).collect();
    let organizations = (count.branch.is_some() || count.owner.is_none()).then_some(Whose::Organization);
    [organizations, count.branch.map(Whose::Branch), count.owner.map(Whose::Person)]
        .into_iter()
        .flatten()
        .map(|whose| ((keys::counts(organization, &count.metric, whose), sk.clone()), steps.clone()))
        .collect()
}

fn terms_of(image: Option<&HashMap<String, String>>) -> BTreeSet<&str> {
    image
        .filter(|image| !image.contains_key(attr::TTL))
        .and_then(|image| image.get(attr::TERMS))
        .map(|terms| terms.split('\n').collect())
        .unwrap_or_default()
}

fn kind_in<'a>(images: &'a [StreamImage], pk: &str) -> Option<&'a str> {
    images
        .iter()
        .filter(|image| image.pk == pk)
        .find_map(|image| image.new.as_ref().or(image.old.as_ref())?.get(attr::KIND))
        .map(String::as_str)
}

/// A term's entry: the record that it leads to, with where that belongs.
fn entry(key: Key, id: &str, record: &Item) -> Result<WriteRequest, StoreError> {
    let placed = [attr::BRANCH, attr::OWNER].into_iter().filter_map(|name| Some((name, s(text(record, name)?))));
    put(key, placed.chain([(attr::SUBJECT, s(id))]))
}
