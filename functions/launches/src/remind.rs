//! What asks for a call.

use domain::communication::CommunicationDetails;
use domain::reminder::{Remembering, ReminderDetails};
use domain::{Change, FieldInvalid, Reminder, ReminderType};

use crate::reach::{Person, Said};

/// What asks whoever works on somebody to call them, now.
pub(crate) fn reminder(
    said: &Said<'_>,
    person: &Person,
    details: &CommunicationDetails,
) -> Result<Change<Reminder>, Vec<FieldInvalid>> {
    let lead = &person.lead;
    let name = lead.full_name.as_ref().map_or("a lead", |name| name.as_str());
    let title: String = format!("Call {name}: {}", said.campaign.name).chars().take(120).collect();
    let script: Option<String> = details.content.as_ref().map(|text| text.as_str().chars().take(5_000).collect());
    let details = ReminderDetails {
        title: title.parse().map_err(|invalid| vec![FieldInvalid::new("title", invalid)])?,
        description: script.and_then(|script| script.parse().ok()),
        due_at: said.now,
        priority: None,
        kind: Some(ReminderType::Call),
        repeat: None,
    };
    let remembering = Remembering {
        id: said.reminder(lead),
        organization: said.organization.id,
        branch: lead.branch_id,
        agent: lead.assigned_to.unwrap_or(said.launch.by),
        lead: Some(lead.id),
        call: None,
        now: said.now,
    };
    Reminder::create(details, remembering)
}
