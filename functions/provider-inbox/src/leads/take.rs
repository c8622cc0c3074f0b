//! Somebody who filled in a form becomes a lead, once.

use domain::Lead;
use domain::integration::Facebook;
use domain::provider_delivery::Handled;
use jiff::Timestamp;
use providers::inbound::meta;
use providers::{FilledForm, LeadAnswer};

use super::details::details;
use crate::failed::Failed;
use crate::people::capture;
use crate::take::Work;

/// A form that somebody filled in.
pub(super) struct Filled {
    /// Meta's id of that.
    pub(super) id: String,
    /// Meta's id of the form.
    pub(super) form: String,
    /// Meta's id of the ad that it came by.
    pub(super) ad: Option<String>,
    pub(super) at: Timestamp,
}

impl From<meta::Lead> for Filled {
    fn from(told: meta::Lead) -> Self {
        let meta::Lead { id, page: _, form, ad, ad_group: _, at } = told;
        Self { id, form, ad, at }
    }
}

impl Filled {
    /// What a list of what was filled in tells, and the answers.
    pub(super) fn of(told: FilledForm) -> (Self, Vec<LeadAnswer>) {
        let FilledForm { id, form, ad, at, answers } = told;
        (Self { id, form, ad, at }, answers)
    }

    fn mark(&self) -> String {
        format!("leadgen#{}", self.id)
    }

    /// Whether it was taken before: 1 read.
    pub(super) async fn is_taken(&self, work: &Work<'_>) -> Result<bool, Failed> {
        let subject = work.integration.id.to_string();
        Ok(work.platform.table().is_marked(work.grant, &subject, &self.mark()).await?)
    }
}

/// Whoever filled it in is a lead, with a mark that it was taken in the same transaction, and where it is the last of its
/// delivery, the note. Costs what a capture costs and 1 read.
pub(super) async fn take(
    work: &Work<'_>,
    settings: &Facebook,
    form: &Filled,
    answers: &[LeadAnswer],
    is_last: bool,
) -> Result<(), Failed> {
    let mut told = details(settings, form, answers)?;
    let table = work.platform.table();
    if let Some(external) = &told.external_id
        && table.holder::<Lead>(work.grant.organization(), &Lead::external_id_claim(external)).await?.is_some()
    {
        // Who somebody is, their address and number decide; the id is another lead's.
        told.external_id = None;
    }
    let captured = capture(work, &settings.intake, &told).await?;
    let captured =
        captured.told(|lead| lead.with("leadgen", &form.id).with("form", &form.form).with("filled_at", form.at));
    let (outcome, subject) = (captured.lead.kind, captured.lead.after.id.to_string());
    let mut transaction = table.transaction();
    captured.push(&mut transaction, work.grant)?;
    transaction.mark_once(work.grant, &work.integration.id.to_string(), &form.mark())?;
    if is_last {
        transaction.push_unseen(work.grant, work.handled(Handled::Done { outcome, subject }))?;
    }
    Ok(transaction.commit().await?)
}
