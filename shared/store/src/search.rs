//! Search by the words that records are found by.

use std::num::NonZeroU32;

use domain::terms::{self, Meaning, Term};
use domain::{Grant, Record, Rows};

use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::item::{self, s, text};
use crate::keys::{self, Key, attr};
use crate::list::ListPage;
use crate::table::Table;

/// A page of results reads at most so many pages of terms to fill itself.
const MAX_ROUNDS: u32 = 4;

impl Table {
    /// Records found by a word of a query, as [`domain::terms`] makes them, in the grant's rows and passing `keep`:
    /// 1 Query (0.5 read units a 4 KB of terms) and 1 `BatchGetItem` (0.5 a record); where `keep`
    /// drops records, up to three more rounds. Terms follow a change within moments.
    ///
    /// A word finds what begins with it, an address what has it. A number of four digits or more finds first who has
    /// it, then identifiers that begin with it: 1 Query more.
    pub async fn search<R: Record>(
        &self,
        grant: &Grant,
        word: &str,
        cursor: Option<&Cursor>,
        limit: NonZeroU32,
        keep: impl Fn(&R) -> bool,
    ) -> Result<ListPage<R>, StoreError> {
        let mut page = ListPage { records: Vec::new(), next: None };
        let mut seen = std::collections::HashSet::new();
        let mut after = cursor.map(|cursor| cursor.after.clone());
        let exact = || item::exact_term::<R>(&self.hash_key, grant.organization(), word);
        let mut ranges = match terms::meaning(word) {
            Meaning::Beginning => vec![word.to_owned()],
            Meaning::Address => vec![exact()],
            Meaning::Number => vec![exact(), word.to_owned()],
        };
        // A cursor in a later range says that those before it are done.
        if let Some(place) = &after {
            ranges.drain(..ranges.iter().position(|range| place.starts_with(range.as_str())).unwrap_or_default());
        }
        let mut ranges = ranges.into_iter();
        let mut range = ranges.next().unwrap_or_default();
        for _ in 0..MAX_ROUNDS {
            let missing = limit.get() as usize - page.records.len();
            let from = after.as_deref().filter(|place| place.starts_with(&range));
            let (rows, ended) = self.read_terms(grant, R::KIND, &range, from, missing).await?;
            let key = |id: &str| keys::record(grant.organization(), id);
            let wanted: Vec<Key> = rows.iter().filter_map(|(_, id)| id.as_deref().map(key)).collect();
            let found = self.batch_get(&wanted, false).await?;
            self.learn(found.values()).await?;
            for (place, id) in rows {
                after = Some(place);
                let Some(item) = id.and_then(|id| found.get(&key(&id).pk)) else { continue };
                if text(item, attr::KIND) != Some(R::KIND) {
                    continue;
                }
                let record: R = item::decode(&self.keys, item)?;
                // A term can outlive the word it came from for a moment; the record decides.
                let stands = record.meta().deleted_at.is_none()
                    && first_range::<R>(&record, word).is_some_and(|exact| exact == range.starts_with(keys::EXACT))
                    && grant.rows().cover(record.branch(), record.owner());
                if stands && keep(&record) && seen.insert(record.id()) {
                    page.records.push(record);
                }
            }
            if ended {
                match ranges.next() {
                    Some(next) => range = next,
                    None => return Ok(page),
                }
            }
            if page.records.len() >= limit.get() as usize {
                break;
            }
        }
        page.next = after.map(Cursor::after);
        Ok(page)
    }

    /// Places and ids of the next terms, and whether they end there; the last place may have no id.
    async fn read_terms(
        &self,
        grant: &Grant,
        kind: &str,
        prefix: &str,
        after: Option<&str>,
        want: usize,
    ) -> Result<(Vec<(String, Option<String>)>, bool), StoreError> {
        let pk = keys::terms(grant.organization(), kind, prefix);
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(&pk))
            .expression_attribute_values(":prefix", s(prefix))
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .limit(i32::try_from(want).unwrap_or(i32::MAX));
        if let Some(after) = after {
            request = request.exclusive_start_key(attr::PK, s(&pk)).exclusive_start_key(attr::SK, s(after));
        }
        // What is out of the rows is dropped by the table, so that a page is not read for nothing.
        match grant.rows() {
            Rows::All => {}
            Rows::Branches { branches } => {
                let names: Vec<String> = (0..branches.len()).map(|i| format!(":b{i}")).collect();
                request = request
                    .filter_expression(format!("#branch IN ({})", names.join(", ")))
                    .expression_attribute_names("#branch", attr::BRANCH);
                for (name, branch) in names.into_iter().zip(branches) {
                    request = request.expression_attribute_values(name, s(keys::bare(&branch.to_string())));
                }
            }
            Rows::Team { .. } | Rows::Own { .. } => {
                let owners = grant.rows().owners().unwrap_or_default();
                let names: Vec<String> = (0..owners.len()).map(|i| format!(":o{i}")).collect();
                request = request
                    .filter_expression(format!("#owner IN ({})", names.join(", ")))
                    .expression_attribute_names("#owner", attr::OWNER);
                for (name, owner) in names.into_iter().zip(owners) {
                    request = request.expression_attribute_values(name, s(keys::bare(&owner.to_string())));
                }
            }
        }
        let answer = request.send().await.map_err(|error| StoreError::from_sdk("Query", &error))?;
        let last = answer.last_evaluated_key;
        let mut rows: Vec<_> = answer
            .items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| Some((text(item, attr::SK)?.to_owned(), text(item, attr::SUBJECT).map(str::to_owned))))
            .collect();
        // Where the filter dropped the page's last terms, the page still ends behind them.
        if let Some(end) = last.as_ref().and_then(|last| text(last, attr::SK))
            && rows.last().is_none_or(|(place, _)| place != end)
        {
            rows.push((end.to_owned(), None));
        }
        Ok((rows, last.is_none()))
    }
}

/// Whether a word finds a record as an address or a number of it; `None` where it does not find it at all. What it
/// finds so is not found again as the beginning of an identifier.
fn first_range<R: Record>(record: &R, word: &str) -> Option<bool> {
    let met = record.terms().into_iter().filter(|term| term.meets(word));
    met.map(|term| matches!(term, Term::Exact(_))).max()
}
