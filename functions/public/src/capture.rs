//! A person told us of themselves: find them or make them a lead, and let the pool decide whose.

use std::collections::HashMap;
use std::time::Duration;

use domain::assignment::Request;
use domain::lead::{Arrival, LeadDetails};
use domain::pipeline::Pipeline;
use domain::referral_link::LEADS;
use domain::{AssignmentPool, Change, Claim, Count, FieldInvalid, Form, Grant, Lead, LeadId, ReferralLink, UserId};
use store::{CommitError, ReadError, Refused, StoreError, there};
use web::{App, Problem};

use crate::submission::Submission;

/// Tries against other writers of the same lead or of the assignment pool.
const TRIES: u32 = 24;
/// The longest rest after the first try; it doubles with each one.
const FIRST_REST: Duration = Duration::from_millis(4);
/// The longest rest of all.
const LONGEST_REST: Duration = Duration::from_millis(256);

/// Why a try did not come to its end.
enum Missed {
    /// Another writer was faster.
    Raced,
    /// It cannot be done.
    Failed(Problem),
}

/// Stores what a visitor told: a touch of the lead that has this address or number, else a new lead in
/// the form's branch. Each try reads everything anew, so of many at once each is counted. After
/// [`TRIES`] lost races the visitor is told to try again, 503: then nothing was stored.
pub(crate) async fn capture(
    app: &App,
    grant: &Grant,
    form: &Form,
    link: Option<&ReferralLink>,
    submission: &Submission,
) -> Result<(), Problem> {
    let pipeline = app.pipeline(grant).await?.pipeline;
    let visit = Visit { app, grant, form, link, submission, pipeline: &pipeline };
    for tried in 0..TRIES {
        match visit.store().await {
            Ok(()) => return Ok(()),
            Err(Missed::Failed(problem)) => return Err(problem),
            Err(Missed::Raced) => tokio::time::sleep(rest(tried, app.platform().random())).await,
        }
    }
    Err(Problem::unavailable("a capture lost every race for its lead or its pool"))
}

/// A random part of a time that doubles, so that those who met do not meet again.
fn rest(tried: u32, random: [u8; 2]) -> Duration {
    let longest = FIRST_REST.saturating_mul(1 << tried.min(16)).min(LONGEST_REST);
    longest * u32::from(u16::from_le_bytes(random)) / (u32::from(u16::MAX) + 1)
}

struct Visit<'a> {
    app: &'a App,
    grant: &'a Grant,
    form: &'a Form,
    link: Option<&'a ReferralLink>,
    submission: &'a Submission,
    pipeline: &'a Pipeline,
}

/// A lead that is this person, and another that has the rest of what they told.
struct Known {
    lead: LeadId,
    other: Option<LeadId>,
}

impl Visit<'_> {
    async fn store(&self) -> Result<(), Missed> {
        match self.known().await? {
            Some(known) => self.touch(known).await,
            None => self.create().await,
        }
    }

    /// Who has the address, or failing that the number: 1 `BatchGetItem`, 2 read units.
    async fn known(&self) -> Result<Option<Known>, Missed> {
        let LeadDetails { email, phone, .. } = &self.submission.details;
        let claims: Vec<Claim> =
            email.iter().map(Lead::email_claim).chain(phone.iter().map(Lead::phone_claim)).collect();
        let holders = self.app.table().holders::<Lead>(self.grant, &claims).await?;
        let mut found = holders.into_iter().flatten();
        let Some(lead) = found.next() else { return Ok(None) };
        Ok(Some(Known { lead, other: found.next().filter(|other| *other != lead) }))
    }

    async fn touch(&self, Known { lead, other }: Known) -> Result<(), Missed> {
        let lead: Lead = self.app.table().get_to_change(self.grant, lead).await?;
        let mut details = self.submission.details.clone();
        if other.is_some() {
            // The lead was found by the address, so it is the number that another one has.
            details.phone = None;
        }
        let touched = self.told(lead.touch(details, self.pipeline, self.app.now()));
        let touched = match other {
            Some(other) => touched.with("phone_of", other),
            None => touched,
        };
        self.app.table().commit(self.grant, touched).await?;
        Ok(())
    }

    async fn create(&self) -> Result<(), Missed> {
        let (app, grant, form) = (self.app, self.grant, self.form);
        let (pool, open) = tokio::try_join!(pool(app, grant), open_leads(app, grant))?;
        let now = app.now();
        // Whoever brought this visitor goes before whose form it is.
        let referrer = self.link.map(|link| link.user).or(form.referrer);
        let request = Request { referrer, branch: Some(form.branch_id) };
        let (decision, turn) = pool.next(&request, &open, now);
        let arrival = Arrival {
            id: LeadId::at(now, app.platform().random()),
            organization: grant.organization(),
            branch: form.branch_id,
            assigned_to: decision.user,
            pipeline: self.pipeline,
            now,
        };
        let brought = self.link.map(|link| Count::gauge(LEADS, None, link.id.to_string(), 1));
        let created = Lead::create(self.submission.details.clone(), arrival)?.decided(&decision).counting(brought);
        let mut transaction = app.table().transaction();
        transaction.push(grant, self.told(created))?;
        if decision.user.is_some() {
            transaction.push(grant, turn)?;
        }
        Ok(transaction.commit().await?)
    }

    /// A change with where it came from, for the lead's history.
    fn told(&self, change: Change<Lead>) -> Change<Lead> {
        let change = change.with("form", self.form.id);
        let change = match self.link {
            Some(link) => change.with("referral_link", link.id),
            None => change,
        };
        match &self.submission.utm_source {
            Some(source) => change.with("utm_source", source),
            None => change,
        }
    }
}

/// The pool as it is; an organization without one has nobody in it.
async fn pool(app: &App, grant: &Grant) -> Result<AssignmentPool, StoreError> {
    let organization = grant.organization();
    Ok(there(app.table().get_to_change(grant, AssignmentPool::id_of(organization)).await)?
        .unwrap_or_else(|| AssignmentPool::new(organization, app.now())))
}

/// How many open leads each person holds, as far as the stream has counted: about a second ago.
async fn open_leads(app: &App, grant: &Grant) -> Result<HashMap<UserId, u32>, StoreError> {
    let rows = app.table().counts_now(grant, "open_leads_by_owner").await?;
    let count = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
    Ok(rows.iter().filter_map(|row| Some((row.dimension.parse().ok()?, count(row.n)))).collect())
}

impl From<CommitError> for Missed {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused { refused: Refused::Conflict | Refused::Taken { .. }, .. } => Self::Raced,
            error => Self::Failed(error.into()),
        }
    }
}

/// A lead that its claim leads to and that is not there was deleted in between.
impl From<ReadError> for Missed {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound => Self::Raced,
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Missed {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Vec<FieldInvalid>> for Missed {
    fn from(wrong: Vec<FieldInvalid>) -> Self {
        Self::Failed(wrong.into())
    }
}
