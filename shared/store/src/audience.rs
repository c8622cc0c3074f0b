//! The leads of an audience that somebody reaches.

use std::num::NonZeroU32;

use domain::automation::{Seen, SubjectKind};
use domain::filter::Filter;
use domain::segment::Audience;
use domain::{Grant, Lead, LeadId, LeadPipeline, PersonalFields};
use jiff::Timestamp;
use serde_json::Map;

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::lead_lists::{LeadLists, NotChosen};
use crate::list::{ListPage, ListQuery};
use crate::table::Table;

/// Leads are counted by so many pages where no index tells.
const PAGES: usize = 5;
/// Of so many leads that belong to it.
const A_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_999);

/// Which part of an audience.
#[derive(Debug, Clone)]
pub struct AudienceQuery {
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// How many to pass over first.
    pub skip: u32,
    /// At most so many.
    pub limit: NonZeroU32,
    /// Newest first, or oldest first.
    pub newest_first: bool,
    /// Only those that came before this moment, of an audience by criteria.
    pub until: Option<Timestamp>,
}

/// A part of an audience.
#[derive(Debug)]
pub struct AudiencePage {
    /// Its leads in reach.
    pub page: ListPage<Lead>,
    /// How many there are in all, where an index tells.
    pub size: Option<u64>,
}

/// How many leads an audience has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudienceSize {
    /// Those in reach that were counted.
    pub count: u64,
    /// Whether there are more that were not.
    pub at_least: bool,
}

impl Table {
    /// A page of an audience over the grant's rows. By criteria: 1 Query, and 1 `GetItem` for the size; criteria beyond stage,
    /// owner and branch read on until the page is full, 2,000 leads at most. Of a list: 1 `BatchGetItem` a 100 leads, and
    /// leads that are gone or out of reach leave a gap.
    pub async fn audience(
        &self,
        grant: &Grant,
        audience: &Audience,
        asked: &AudienceQuery,
        now: Timestamp,
        pipeline: impl Future<Output = Result<LeadPipeline, ReadError>>,
    ) -> Result<AudiencePage, NotChosen> {
        let conditions = match audience {
            Audience::Criteria(conditions) => conditions,
            Audience::Leads(ids) => {
                let ids: Vec<LeadId> = if asked.newest_first {
                    ids.iter().rev().copied().collect()
                } else {
                    ids.iter().copied().collect()
                };
                return self.listed(grant, &ids, asked).await;
            }
        };
        let Some(filter) = conditions.filter(SubjectKind::Lead) else {
            return Ok(AudiencePage { page: ListPage { records: Vec::new(), next: None }, size: None });
        };
        let LeadLists { slot, question, values, residual } = Box::pin(self.lead_lists(grant, filter, pipeline)).await?;
        let query = ListQuery {
            slot,
            question,
            values,
            newest_first: asked.newest_first,
            since: None,
            until: asked.until,
            cursor: asked.cursor.clone(),
            skip: asked.skip,
            limit: asked.limit,
        };
        let leads = self.list::<Lead>(grant, &query, |lead| meets(&residual, lead, now));
        let size = async {
            let is_known = residual.is_empty() && asked.until.is_none();
            let size = self.list_size::<Lead>(grant, query.question, &query.values);
            Ok(if is_known { Some(size.await?) } else { None })
        };
        let (page, size) = tokio::try_join!(leads, size)?;
        Ok(AudiencePage { page, size })
    }

    async fn listed(&self, grant: &Grant, ids: &[LeadId], asked: &AudienceQuery) -> Result<AudiencePage, NotChosen> {
        let from = match &asked.cursor {
            Some(cursor) => ids.iter().position(|id| id.to_string() == cursor.place()).map(|place| place + 1),
            None => usize::try_from(asked.skip).ok(),
        };
        let from = from.ok_or(NotChosen::BadCursor)?.min(ids.len());
        let to = ids.len().min(from + asked.limit.get() as usize);
        let part = &ids[from..to];
        let mut found = self.get_many::<Lead>(grant, part).await?;
        let records = part.iter().filter_map(|id| found.remove(id)).collect();
        let next = part.last().filter(|_| to < ids.len()).map(|id| Cursor::behind(&id.to_string()));
        Ok(AudiencePage { page: ListPage { records, next }, size: None })
    }

    /// How many leads an audience has over the grant's rows. Where an index tells, 1 Query and 1 `GetItem`. Else leads are
    /// looked at, 10,000 at most in 5 Queries.
    pub async fn audience_size(
        &self,
        grant: &Grant,
        audience: &Audience,
        now: Timestamp,
        pipeline: &LeadPipeline,
    ) -> Result<AudienceSize, NotChosen> {
        // One lead is enough where an index tells how many there are.
        let first = AudienceQuery { cursor: None, skip: 0, limit: NonZeroU32::MIN, newest_first: true, until: None };
        let mut asked = first;
        let mut count = 0;
        for _ in 0..=PAGES {
            let pipeline = std::future::ready(Ok(pipeline.clone()));
            let AudiencePage { page, size } = Box::pin(self.audience(grant, audience, &asked, now, pipeline)).await?;
            count += page.records.len() as u64;
            if let Some(size) = size {
                return Ok(AudienceSize { count: size.max(count), at_least: false });
            }
            let Some(next) = page.next else { return Ok(AudienceSize { count, at_least: false }) };
            asked = AudienceQuery { cursor: Some(next), limit: A_PAGE, ..asked };
        }
        Ok(AudienceSize { count, at_least: true })
    }
}

/// Whether a lead meets what an index did not answer.
fn meets(residual: &Filter, lead: &Lead, now: Timestamp) -> bool {
    residual.is_empty() || residual.matches(&Seen::of_lead(lead.clone()).view(PersonalFields::ALL, &Map::new(), now))
}
