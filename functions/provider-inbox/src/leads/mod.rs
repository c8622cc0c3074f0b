//! What the lead ads of a page bring. Facebook tells only that somebody filled in a form; what they answered is asked of it:
//! <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>.

mod details;
mod fill_back;
mod take;

use std::collections::BTreeMap;

use domain::integration::{Facebook, IntegrationSettings};
use providers::Graph;
use providers::inbound::meta::{self, Event};

use crate::failed::Failed;
use crate::take::Work;

pub(crate) use fill_back::fill_back;
use take::{Filled, take};

/// After so many that Facebook did not tell it is left alone until the delivery comes again.
const MAX_MISSED: usize = 3;

/// Takes all that a body tells of, each in a transaction of its own with a mark that it was taken, the last one with the note
/// too. So each form is one touch, however often Facebook tells of it. Where one cannot be had, the others are taken all the
/// same. Each costs 1 read, 1 `GET`, and what a capture costs.
pub(crate) async fn told(work: &Work<'_>) -> Result<(), Failed> {
    let settings = settings(work)?;
    // An app has one address for all of its pages.
    let is_ours = |page: &str| settings.page_id.as_ref().is_none_or(|own| own.as_str() == page);
    let mut forms: BTreeMap<String, Filled> = BTreeMap::new();
    for event in meta::read(work.body)? {
        if let Event::Lead(form) = event
            && is_ours(&form.page)
        {
            forms.insert(form.id.clone(), form.into());
        }
    }
    let mut new = Vec::new();
    for form in forms.into_values() {
        if !form.is_taken(work).await? {
            new.push(form);
        }
    }
    let Some((last, others)) = new.split_last() else { return work.ignore("nothing_new").await };
    let graph = graph(work).await?;
    let (mut failure, mut missed) = (None, 0);
    for form in others {
        match ask_and_take(work, settings, &graph, form, false).await {
            Ok(()) => {}
            Err(failed @ Failed::NotTold(_)) => {
                missed += 1;
                failure = Some(failed);
                if missed == MAX_MISSED {
                    break;
                }
            }
            // What may yet be had decides whether the delivery comes again.
            Err(failed @ Failed::Senseless(_)) => drop(failure.get_or_insert(failed)),
            Err(failed) => return Err(failed),
        }
    }
    match failure {
        None => ask_and_take(work, settings, &graph, last, true).await,
        Some(failure) if missed == MAX_MISSED => Err(failure),
        Some(failure) => match ask_and_take(work, settings, &graph, last, false).await {
            Ok(()) | Err(Failed::Senseless(_)) => Err(failure),
            Err(failed) => Err(failed),
        },
    }
}

fn settings<'a>(work: &Work<'a>) -> Result<&'a Facebook, Failed> {
    match &work.integration.settings {
        IntegrationSettings::Facebook(settings) => Ok(settings),
        _ => Err(Failed::Senseless("the connection is none of Facebook's".to_owned())),
    }
}

/// What is asked, unless it is left alone for a while: 1 read.
async fn graph(work: &Work<'_>) -> Result<Graph, Failed> {
    work.may_ask().await?;
    Ok(work.platform.outside()?.graph(work.integration)?)
}

async fn ask_and_take(
    work: &Work<'_>,
    settings: &Facebook,
    graph: &Graph,
    form: &Filled,
    is_last: bool,
) -> Result<(), Failed> {
    let answers = graph.lead(&form.id).await?.answers;
    take(work, settings, form, &answers, is_last).await
}
