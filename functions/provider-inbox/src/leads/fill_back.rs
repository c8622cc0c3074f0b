//! What people filled in while nobody listened, asked for a page of a list at a time.

use domain::integration::Facebook;
use domain::integration_log::{IntegrationOutcome, IntegrationWork};
use domain::provider_delivery::{Backfill, BackfillNext, BackfillTally, DeliveryStep, MAX_BACKFILL_STEPS};
use domain::{Change, IntegrationLog, IntegrationLogId};
use providers::{FilledForm, GraphPage};
use runtime::raced;
use serde_json::json;

use super::take::{Filled, take};
use super::{graph, settings};
use crate::failed::Failed;
use crate::take::Work;

/// Does the next step of a backfill: 1 read and 1 `GET`, for each of up to 25 answers 1 read and what a capture costs, and 1
/// transaction; then the message for the step after it. What its worker dies over is done again, and what was taken by then
/// is known by its mark.
pub(crate) async fn fill_back(work: &Work<'_>, backfill: &Backfill) -> Result<(), Failed> {
    let settings = settings(work)?;
    if backfill.steps >= MAX_BACKFILL_STEPS {
        return Err(Failed::Senseless("Facebook tells of forms and answers without an end".to_owned()));
    }
    let graph = graph(work).await?;
    let moved = match backfill.next() {
        BackfillNext::Nothing => backfill.clone(),
        BackfillNext::Forms(after) => {
            let none = || Failed::Senseless("the connection does not say which page has the forms".to_owned());
            let page = settings.page_id.as_ref().ok_or_else(none)?;
            let GraphPage { data, next } = graph.forms(page, after).await?;
            backfill.clone().listed(data, next)
        }
        BackfillNext::Answers(form, after) => {
            let GraphPage { data, next } = graph.filled(form, backfill.since, after).await?;
            backfill.clone().took(take_all(work, settings, data).await?, next)
        }
    };
    write(work, moved).await
}

async fn take_all(work: &Work<'_>, settings: &Facebook, filled: Vec<FilledForm>) -> Result<BackfillTally, Failed> {
    let mut tally = BackfillTally::default();
    for one in filled {
        let (form, answers) = Filled::of(one);
        if form.is_taken(work).await? {
            tally.known += 1;
            continue;
        }
        match Box::pin(take(work, settings, &form, &answers, false)).await {
            Ok(()) => tally.taken += 1,
            Err(Failed::Senseless(why)) => {
                tracing::warn!(delivery = %work.delivery.id, leadgen = form.id, why, "no lead can be made of a form");
                tally.refused += 1;
            }
            Err(failed) => return Err(failed),
        }
    }
    Ok(tally)
}

/// Writes that a step was done, the last one with a row of the log.
async fn write(work: &Work<'_>, backfill: Backfill) -> Result<(), Failed> {
    let (platform, now) = (work.platform, work.platform.now());
    let ends = backfill.next() == BackfillNext::Nothing;
    let mut transaction = platform.table().transaction();
    if ends {
        transaction.push_unseen(work.grant, row(work, &backfill)?)?;
    }
    transaction.push_unseen(work.grant, work.delivery.clone().filled_back(backfill, now))?;
    match transaction.commit().await {
        Ok(()) => {}
        // Another worker did the same step, and sees to the next.
        Err(error) if raced(&error) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if !ends {
        let step = DeliveryStep { organization: work.grant.organization(), delivery: work.delivery.id };
        platform.send_delivery(step).await?;
    }
    Ok(())
}

fn row(work: &Work<'_>, backfill: &Backfill) -> Result<Change<IntegrationLog>, Failed> {
    let Backfill { since, named, by, taken, known, refused, .. } = backfill;
    let status = if *refused == 0 { IntegrationOutcome::Success } else { IntegrationOutcome::Warning };
    let over = (work.integration.id, work.integration.provider);
    let written = IntegrationWork::over(over, "lead_backfill", status);
    let written = IntegrationWork {
        request_data: Some(json!({"delivery": work.delivery.id, "since": since, "form_ids": named})),
        response_data: Some(json!({"taken": taken, "known": known, "refused": refused})),
        records_processed: Some(*taken),
        ..written.map_err(|invalid| Failed::Senseless(invalid.to_string()))?
    };
    let (platform, organization) = (work.platform, work.grant.organization());
    let id = IntegrationLogId::at(platform.now(), platform.random());
    Ok(IntegrationLog::write(id, organization, written, Some(*by), platform.now()))
}
