//! An automation that the clock set going for each lead: a page of leads at a time.

use std::num::NonZeroU32;

use domain::automation::{Begun, Conditions, Plan, Seen, Subject};
use domain::{Change, Grant, Lead, Record as _, Slot, WorkflowRun};
use jiff::SignedDuration;
use runtime::Platform;
use serde_json::Map;
use store::{Cursor, ListQuery};

use crate::Undone;

/// Runs begun by a page.
const A_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// Pages of a run: it begins at most 1,000 runs, and reads at most 20,000 leads.
const PAGES: u32 = 10;

/// Begins a run for each lead of the next page that meets the conditions, under an id derived from both: 1 Query or
/// more, 1 write and a tenth of a message for each.
pub(crate) async fn page(platform: &Platform, grant: &Grant, run: WorkflowRun) -> Result<Change<WorkflowRun>, Undone> {
    let now = platform.now();
    let sweep = run.sweep.clone().unwrap_or_default();
    let Plan { conditions, subject, rows, clear, .. } = &run.plan;
    let meets = |lead: &Lead| {
        let seen = Seen::of_lead(lead.clone());
        rows.cover(lead.branch(), lead.owner()) && conditions.met(*subject, &seen.view(*clear, &Map::new(), now))
    };
    let query = ListQuery {
        newest_first: false,
        cursor: sweep.place.as_deref().map(Cursor::behind),
        // Who arrives later is not in it, so that it ends.
        until: Some(run.meta.created_at + SignedDuration::from_micros(1)),
        ..ListQuery::new(Slot::One, "all", "", A_PAGE)
    };
    let found = platform.table().list::<Lead>(grant, &query, meets).await?;
    let id = run.id.to_string();
    let mut steps = Vec::new();
    for lead in &found.records {
        let begun = Begun {
            subject: Some(Subject::Lead(lead.id)),
            branch: lead.branch(),
            owner: lead.owner(),
            ..Begun::default()
        };
        let plan = Plan { conditions: Conditions::default(), ..run.plan.clone() };
        let one = platform.run_id(run.meta.created_at, [&id, &lead.id.to_string()]);
        let change = WorkflowRun::begin(one, grant.organization(), plan, begun, now);
        steps.extend(platform.begin_run(grant, change).await?);
    }
    platform.send_runs(&steps).await;
    let begun = u32::try_from(found.records.len()).unwrap_or(u32::MAX);
    let next = found.next.map(|next| next.place().to_owned());
    Ok(run.swept(next, begun, sweep.pages + 1 >= PAGES, now))
}
