//! A person told us of themselves: find them or make them a lead, and let the pool decide whose.

use domain::pipeline::Pipeline;
use domain::referral_link::LEADS;
use domain::{Change, Count, Form, Grant, Lead, ReferralLink};
use runtime::{Capture, raced};
use store::{CommitError, Rests};
use web::{App, Problem};

use crate::submission::Submission;

/// Tries against other writers of the same lead or of the assignment pool.
const TRIES: u32 = 24;

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
            Err(Missed::Raced) => tokio::time::sleep(Rests::RACES.part(tried, app.platform().random())).await,
        }
    }
    Err(Problem::unavailable("a capture lost every race for its lead or its pool"))
}

struct Visit<'a> {
    app: &'a App,
    grant: &'a Grant,
    form: &'a Form,
    link: Option<&'a ReferralLink>,
    submission: &'a Submission,
    pipeline: &'a Pipeline,
}

impl Visit<'_> {
    async fn store(&self) -> Result<(), Missed> {
        let Self { app, grant, form, link, submission, pipeline } = self;
        let capture = Capture {
            details: &submission.details,
            branch: form.branch_id,
            // Whoever brought this visitor goes before whose form it is.
            referrer: link.map(|link| link.user).or(form.referrer),
            pipeline,
            counts: link.map(|link| Count::gauge(LEADS, None, link.id.to_string(), 1)).into_iter().collect(),
        };
        let captured = app.platform().capture(grant, capture).await?.told(|change| self.told(change));
        let mut transaction = app.table().transaction();
        captured.push(&mut transaction, grant)?;
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

impl From<CommitError> for Missed {
    fn from(error: CommitError) -> Self {
        if raced(&error) { Self::Raced } else { Self::Failed(error.into()) }
    }
}

impl From<runtime::Missed> for Missed {
    fn from(missed: runtime::Missed) -> Self {
        match missed {
            runtime::Missed::Raced => Self::Raced,
            runtime::Missed::Invalid(wrong) => Self::Failed(wrong.into()),
            runtime::Missed::Store(error) => Self::Failed(error.into()),
        }
    }
}
