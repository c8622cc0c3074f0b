//! How far a message of a campaign has come, and what that adds to the campaign's figures.

use std::collections::BTreeMap;

use super::{Communication, CommunicationStatus};
use crate::{CampaignId, Count};

/// The figures of campaigns: for each campaign and each of its variants the messages that have left the queue, and beside
/// it one number for each thing that became of them.
pub const CAMPAIGN_FIGURES: &str = "campaign";
/// Begins the name of the number of messages that were refused for a reason.
pub const REFUSED_FOR: &str = "refused:";

/// Under which dimension the figures of a campaign stand, or of one of its variants.
pub fn figures_of(campaign: CampaignId, variant: Option<&str>) -> String {
    variant.map_or_else(|| campaign.to_string(), |variant| format!("{campaign}#{variant}"))
}

/// What became of a message, each number 0 or 1. It follows from the message alone, so that the sum over a campaign's
/// messages is the same in whatever order, and however often, providers tell of them.
fn milestones(communication: Option<&Communication>) -> BTreeMap<String, i64> {
    let mut reached = BTreeMap::new();
    // What another message stands for is counted there.
    let Some(communication) = communication.filter(|one| one.replaced_by.is_none()) else { return reached };
    let status = communication.status;
    let is_delivered =
        matches!(status, CommunicationStatus::Delivered | CommunicationStatus::Read | CommunicationStatus::Completed);
    let is_refused = communication.refusal.is_some() && status == CommunicationStatus::Failed;
    let mut add = |name: &str, is_reached: bool| {
        if is_reached {
            reached.insert(name.to_owned(), 1);
        }
    };
    add("out", !matches!(status, CommunicationStatus::Scheduled | CommunicationStatus::Queued));
    add("sent", is_delivered || communication.sent_at.is_some());
    add("delivered", is_delivered);
    add("opened", status == CommunicationStatus::Read);
    add("clicked", communication.clicked_at.is_some());
    add("responded", communication.responded_at.is_some());
    add("converted", communication.converted_at.is_some());
    add("cancelled", status == CommunicationStatus::Cancelled);
    add("failed", status == CommunicationStatus::Failed && !is_refused);
    add("refused", is_refused);
    if let Some(refusal) = communication.refusal.filter(|_| is_refused) {
        add(&format!("{REFUSED_FOR}{refusal}"), true);
    }
    reached
}

/// What a change of a message adds to the figures of the campaign that it was planned by.
pub(super) fn steps(before: Option<&Communication>, after: &Communication) -> Vec<Count> {
    let Some(campaign) = after.campaign.as_ref().filter(|campaign| campaign.is_planned) else { return Vec::new() };
    let mut steps = milestones(Some(after));
    for (name, was) in milestones(before) {
        *steps.entry(name).or_default() -= was;
    }
    steps.retain(|_, by| *by != 0);
    if steps.is_empty() {
        return Vec::new();
    }
    let of = |variant: Option<&str>| Count {
        by: steps.get("out").copied().unwrap_or(0),
        parts: steps.iter().filter(|(name, _)| *name != "out").map(|(name, by)| (name.clone(), *by)).collect(),
        ..Count::gauge(CAMPAIGN_FIGURES, None, figures_of(campaign.id, variant), 0)
    };
    let variant = campaign.variant.as_deref().map(|variant| of(Some(variant)));
    std::iter::once(of(None)).chain(variant).collect()
}
