//! What WhatsApp tells of its look at templates.

use std::num::NonZeroU32;

use domain::provider_delivery::Handled;
use domain::template::{ApprovalTold, TemplateChannel};
use domain::{Change, Slot, Template};
use providers::inbound::meta::TemplateStatus;
use store::{ListQuery, there};

use crate::failed::Failed;
use crate::take::Work;

/// So many templates that are told of are found at once, among 2,000 at most.
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
/// Templates of WhatsApp that come behind so many of these are not moved by what is told; asking for each moves it.
const MAX_PAGES: usize = 5;

/// Moves the organization's templates to where WhatsApp says that they stand, by its names and languages of them: the
/// Queries of a list of those it has, and 1 read and 1 transaction for each that is told of. Nothing is moved twice, so whoever dies between
/// them loses nothing. The last one that is written carries the note where `is_last`; whether it did.
pub(crate) async fn judged(work: &Work<'_>, told: &[TemplateStatus], is_last: bool) -> Result<bool, Failed> {
    if told.is_empty() {
        return Ok(false);
    }
    let (table, now) = (work.platform.table(), work.platform.now());
    let mut changes = Vec::new();
    for template in known(work, told).await? {
        let Some(latest) = ApprovalTold::latest(of(work, told, &template)) else { continue };
        let template: Option<Template> = there(table.get_to_change(work.grant, template.id).await)?;
        changes.extend(template.and_then(|template| template.approval_told(latest, now)));
    }
    let last = if is_last { changes.pop() } else { None };
    for change in changes {
        table.commit(work.grant, change).await?;
    }
    let Some(last) = last else { return Ok(false) };
    let handled = handled(&last);
    let mut transaction = table.transaction();
    transaction.push(work.grant, last)?;
    transaction.push_unseen(work.grant, work.handled(handled))?;
    transaction.commit().await?;
    Ok(true)
}

/// The templates that are told of.
async fn known(work: &Work<'_>, told: &[TemplateStatus]) -> Result<Vec<Template>, Failed> {
    let is_told = |template: &Template| told.iter().any(|one| template.is_held_as(&one.name, &one.language));
    let mut query = ListQuery::new(Slot::Two, "channel", TemplateChannel::Whatsapp.as_str(), PAGE);
    let mut found = Vec::new();
    for _ in 0..MAX_PAGES {
        let page = work.platform.table().list(work.grant, &query, is_told).await?;
        found.extend(page.records);
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

/// What is told of a template.
fn of(work: &Work<'_>, told: &[TemplateStatus], template: &Template) -> Vec<ApprovalTold> {
    let its = told.iter().filter(|one| template.is_held_as(&one.name, &one.language));
    its.map(|one| one.standing.since(work.time(one.at))).collect()
}

fn handled(change: &Change<Template>) -> Handled {
    Handled::Done { outcome: change.kind, subject: change.after.id.to_string() }
}
