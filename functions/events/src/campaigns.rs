//! What campaigns are told: that a message of theirs got nowhere, that somebody wrote to us, that a lead was converted.
//!
//! No clock would find what their queue did not take, so the stream waits for it.

use domain::campaign::{CampaignStep, CampaignWork};
use domain::communication::BY_CAMPAIGN;
use domain::outreach::WISH;
use domain::{Event, Invalid};
use runtime::Platform;

use crate::happened::Happened;

/// Tells campaigns of the new events among the changes: a tenth of a message for each. The place of the first event that it
/// could not tell of.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    let mut steps = Vec::new();
    let mut first = None;
    for Happened { place, event } in events {
        match work(event) {
            Ok(Some(work)) => {
                first = first.or(Some(*place));
                steps.push(CampaignStep { organization: event.organization, work });
            }
            Ok(None) => {}
            Err(error) => tracing::error!(event = event.kind, subject = event.subject, %error, "no id"),
        }
    }
    let first = first?;
    let sent = match platform.launches() {
        Ok(queue) => queue.send_all(&steps).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    sent.inspect_err(|error| tracing::error!(error, "campaigns were not told")).err().map(|_| first)
}

fn work(event: &Event) -> Result<Option<CampaignWork>, Invalid> {
    Ok(match event.kind.as_str() {
        "communication.failed" if event.data.contains_key(BY_CAMPAIGN) => {
            Some(CampaignWork::Failed { communication: event.subject.parse()? })
        }
        // Who wants no more, or wants it again, answers nothing.
        "communication.received" if event.data.contains_key(WISH) => None,
        "communication.received" => Some(CampaignWork::Responded { communication: event.subject.parse()? }),
        "lead.stage_changed" if is_won(event) => {
            Some(CampaignWork::Converted { lead: event.subject.parse()?, at: event.at })
        }
        _ => None,
    })
}

/// Whether a lead became what it is worked on for.
fn is_won(event: &Event) -> bool {
    event.changes.iter().any(|change| change.field == "converted_at" && !change.after.is_null())
}
