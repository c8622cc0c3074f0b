//! What is sent from here, ready to be committed.

use domain::communication::{CommunicationDetails, FromTemplate, Placing};
use domain::outreach::{Refusal, Verdict};
use domain::template::TemplateApproval;
use domain::{
    Campaign, Communication, CommunicationId, ContactAddress, FieldInvalid, Grant, Invalid, Lead, MessageId, Template,
};
use jiff::Timestamp;
use runtime::{Speech, Spoken};
use serde_json::{Map, Value};
use store::{Reach, ReadError, there};
use web::{App, Problem};
use wording::Filled;

use super::body::Wanted;
use super::whom::Whom;
use crate::templates::filling::fill_for;

/// What a body comes to: 1 read for a campaign, 1 for a template, and what it costs to fill it in; 1 `BatchGetItem` for what is sent.
pub(super) async fn prepare(app: &App, grant: &Grant, wanted: Wanted, whom: Whom) -> Result<Spoken, Problem> {
    let Wanted { id, template, is_sent, mut details, .. } = wanted;
    let Whom { lead, address, other, branch, user } = whom;
    let now = app.now();
    let mut dlt = None;
    if let Some((id, values)) = template {
        let template: Template = match app.table().get(grant, id).await {
            Err(ReadError::NotFound) => {
                let invalid = Invalid::new("unknown_template", "is no template");
                return Err(Problem::field("template_id", invalid));
            }
            read => read?,
        };
        let filled = written(app, grant, &template, (lead.as_ref(), values), &mut details).await?;
        details.template = Some(filled);
        dlt = template.content.registration.map(|registration| registration.dlt);
    }
    if let Some(campaign) = details.campaign.as_ref().map(|campaign| campaign.id)
        && there::<Campaign>(app.table().get(grant, campaign).await)?.is_none()
    {
        return Err(Problem::field("campaign_id", Invalid::new("unknown_campaign", "is no campaign")));
    }
    details.recipient = details.recipient.or(other);
    let id = id.unwrap_or_else(|| CommunicationId::at(now, app.platform().random()));
    let hashed = |address: ContactAddress| {
        let contact = app.table().hash_key().reachability_id(grant.organization(), &address);
        (address, contact)
    };
    let contact = address.map(hashed);
    let placing = Placing {
        id,
        organization: grant.organization(),
        branch,
        user,
        lead: lead.as_ref().map(|lead| lead.id),
        contact: contact.clone(),
        now,
    };
    let Some(channel) = details.kind.channel().filter(|_| is_sent && contact.is_some()) else {
        return Ok(Spoken { communication: Communication::log(details, placing), message: None, count: None });
    };
    let message = MessageId::at(now, app.platform().random());
    let speech = Speech { channel, details, placing, message, zone: None, dlt };
    let other_channel = || Problem::field("recipient", Invalid::new("other_channel", "is of another channel"));
    let reach = app.platform().reach_of(grant, &speech, now).await?.ok_or_else(other_channel)?;
    let not_before = allowed(&speech, &reach, now)?;
    speech.spoken(reach, not_before).ok_or_else(other_channel)
}

/// Writes a template into the details.
async fn written(
    app: &App,
    grant: &Grant,
    template: &Template,
    (lead, values): (Option<&Lead>, Map<String, Value>),
    details: &mut CommunicationDetails,
) -> Result<FromTemplate, Problem> {
    let refuse = |code, why| Problem::field("template_id", Invalid::new(code, why));
    if template.channel.as_str() != details.kind.as_str() {
        return Err(refuse("other_channel", "is of another channel"));
    }
    // WhatsApp sends none that it did not approve; what nobody handed in there is known to the provider alone.
    if template.content.held.is_some() && template.approval == Some(TemplateApproval::Rejected) {
        return Err(refuse("not_approved", "was rejected by the provider"));
    }
    let Filled { subject, body, html, held } = fill_for(app, grant, template, lead, &values).await?;
    let mut wrong = Vec::new();
    let mut read = |field: &'static str, text: String| {
        text.parse().map_err(|invalid| wrong.push(FieldInvalid::new(field, invalid))).ok()
    };
    details.content = read("content", body);
    details.html = html.and_then(|html| read("html", html));
    if let Some(subject) = subject {
        details.subject = match subject.parse() {
            Ok(subject) => Some(subject),
            Err(invalid) => return Err(Problem::field("subject", invalid)),
        };
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    Ok(FromTemplate { id: template.id, revision: template.revision, held })
}

/// When it may be sent. Refused with 409 and the word of what speaks against it.
fn allowed(speech: &Speech, reach: &Reach, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let scheduled_at = speech.details.scheduled_at;
    Ok(match speech.verdict(reach, now) {
        Verdict::Send => scheduled_at,
        Verdict::Defer(until) => scheduled_at.max(Some(until)),
        // Until then they may have written.
        Verdict::Refuse(Refusal::WindowClosed) if scheduled_at.is_some_and(|at| at > now) => scheduled_at,
        Verdict::Refuse(refusal) => {
            let problem = Problem::conflict(refusal.as_str(), why(refusal));
            return Err(match refusal {
                Refusal::WindowClosed => problem.with("window_expires_at", reach.facts.window_until),
                _ => problem,
            });
        }
    })
}

const fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Suppressed => "The address or number is suppressed.",
        Refusal::Unsubscribed => "Its owner wants no marketing.",
        Refusal::ConsentWithdrawn => "Its owner withdrew their consent.",
        Refusal::NoConsent => "The organization asks for a consent, and there is none.",
        Refusal::DoNotDisturb => "The number stands on the national do-not-disturb list.",
        Refusal::FrequencyCap => "Its owner was written to often enough today.",
        Refusal::DltIncomplete => "An SMS to India needs a registered entity, header and template.",
        Refusal::DltCategory => "The text is registered for another purpose.",
        Refusal::WindowClosed => {
            "They did not write within the last 24 hours, so that WhatsApp takes nothing but an approved template."
        }
    }
}
