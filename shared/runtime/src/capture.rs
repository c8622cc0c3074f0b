//! Somebody told us of themselves, through a form or a service of others: they are found or become a lead, and the pool
//! decides whose.

use std::collections::HashMap;

use domain::assignment::Request;
use domain::lead::{Arrival, LeadDetails};
use domain::pipeline::Pipeline;
use domain::{AssignmentPool, BranchId, Change, Claim, Count, FieldInvalid, Grant, Lead, LeadId, UserId};
use store::{CommitError, ReadError, Refused, StoreError, Transaction, there};

use crate::Platform;

/// Who arrives, and where.
#[derive(Debug, Clone)]
pub struct Capture<'a> {
    /// What they told.
    pub details: &'a LeadDetails,
    /// Where a new lead goes.
    pub branch: BranchId,
    /// Who brought them: a new lead is theirs, if they have room.
    pub referrer: Option<UserId>,
    /// The organization's stages.
    pub pipeline: &'a Pipeline,
    /// What a new lead is counted in beside.
    pub counts: Vec<Count>,
}

/// A lead that was found or is to be made. Nothing is written until it is [pushed](Captured::push) and committed.
#[derive(Debug)]
pub struct Captured {
    /// The lead as it will be.
    pub lead: Change<Lead>,
    turn: Option<Change<AssignmentPool>>,
}

/// Why nobody was captured.
#[derive(Debug)]
pub enum Missed {
    /// Another writer was faster: the same again goes through.
    Raced,
    /// What they told is not enough.
    Invalid(Vec<FieldInvalid>),
    /// The store failed.
    Store(StoreError),
}

impl Captured {
    /// Tells more of the change, for the lead's history.
    #[must_use]
    pub fn told(mut self, tell: impl FnOnce(Change<Lead>) -> Change<Lead>) -> Self {
        self.lead = tell(self.lead);
        self
    }

    /// Adds it to a transaction, and returns the lead as it will be.
    pub fn push(self, transaction: &mut Transaction<'_>, grant: &Grant) -> Result<Lead, CommitError> {
        let lead = transaction.push(grant, self.lead)?;
        if let Some(turn) = self.turn {
            transaction.push(grant, turn)?;
        }
        Ok(lead)
    }
}

impl Platform {
    /// A touch of the lead that has this address or number, else a new lead in the branch: 1 `BatchGetItem` of 2 read
    /// units, then 1 read, or 1 read and 1 Query.
    pub async fn capture(&self, grant: &Grant, capture: Capture<'_>) -> Result<Captured, Missed> {
        match self.known(grant, capture.details).await? {
            Some((lead, other)) => self.touch(grant, &capture, lead, other).await,
            None => self.arrive(grant, capture).await,
        }
    }

    /// Who has the address, or failing that the number; and another who has the rest of what was told.
    async fn known(
        &self,
        grant: &Grant,
        details: &LeadDetails,
    ) -> Result<Option<(LeadId, Option<LeadId>)>, StoreError> {
        let LeadDetails { email, phone, .. } = details;
        let claims: Vec<Claim> =
            email.iter().map(Lead::email_claim).chain(phone.iter().map(Lead::phone_claim)).collect();
        if claims.is_empty() {
            return Ok(None);
        }
        let holders = self.table().holders::<Lead>(grant, &claims).await?;
        let mut found = holders.into_iter().flatten();
        let Some(lead) = found.next() else { return Ok(None) };
        Ok(Some((lead, found.next().filter(|other| *other != lead))))
    }

    async fn touch(
        &self,
        grant: &Grant,
        capture: &Capture<'_>,
        lead: LeadId,
        other: Option<LeadId>,
    ) -> Result<Captured, Missed> {
        let lead: Lead = self.table().get_to_change(grant, lead).await?;
        let mut details = capture.details.clone();
        if other.is_some() {
            // The lead was found by the address, so it is the number that another one has.
            details.phone = None;
        }
        let touched = lead.touch(details, capture.pipeline, self.now());
        let lead = match other {
            Some(other) => touched.with("phone_of", other),
            None => touched,
        };
        Ok(Captured { lead, turn: None })
    }

    async fn arrive(&self, grant: &Grant, capture: Capture<'_>) -> Result<Captured, Missed> {
        let Capture { details, branch, referrer, pipeline, counts } = capture;
        let (pool, open) = tokio::try_join!(self.pool(grant), self.open_leads(grant))?;
        let now = self.now();
        let request = Request { referrer, branch: Some(branch) };
        let (decision, turn) = pool.next(&request, &open, now);
        let arrival = Arrival {
            id: LeadId::at(now, self.random()),
            organization: grant.organization(),
            branch,
            assigned_to: decision.user,
            pipeline,
            now,
        };
        let lead = Lead::create(details.clone(), arrival)?.decided(&decision).counting(counts);
        Ok(Captured { lead, turn: decision.user.map(|_| turn) })
    }

    /// The pool as it is; an organization without one has nobody in it.
    async fn pool(&self, grant: &Grant) -> Result<AssignmentPool, StoreError> {
        let organization = grant.organization();
        Ok(there(self.table().get_to_change(grant, AssignmentPool::id_of(organization)).await)?
            .unwrap_or_else(|| AssignmentPool::new(organization, self.now())))
    }

    /// How many open leads each person holds, as far as the stream has counted: about a second ago.
    async fn open_leads(&self, grant: &Grant) -> Result<HashMap<UserId, u32>, StoreError> {
        let rows = self.table().counts_now(grant, "open_leads_by_owner").await?;
        let count = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
        Ok(rows.iter().filter_map(|row| Some((row.dimension.parse().ok()?, count(row.n)))).collect())
    }
}

/// Whether a commit that was refused goes through when everything is read anew.
pub fn raced(error: &CommitError) -> bool {
    matches!(error, CommitError::Refused { refused: Refused::Conflict | Refused::Taken { .. } | Refused::Exists, .. })
}

/// A lead that its claim leads to and that is not there was deleted in between.
impl From<ReadError> for Missed {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound => Self::Raced,
            ReadError::Store(error) => Self::Store(error),
        }
    }
}

impl From<StoreError> for Missed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Vec<FieldInvalid>> for Missed {
    fn from(wrong: Vec<FieldInvalid>) -> Self {
        Self::Invalid(wrong)
    }
}
