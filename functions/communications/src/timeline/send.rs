//! What is sent from here, ready to be committed.

use domain::communication::{CommunicationDetails, FromTemplate, Placing};
use domain::outreach::{Outreach, Refusal, Verdict, may_send};
use domain::template::TemplateApproval;
use domain::{
    Change, Communication, CommunicationId, CommunicationType, ContactAddress, ContactPurpose, FieldInvalid, Grant,
    Invalid, Lead, Message, MessageId, Recipient, Template,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{CapCount, Reach, ReadError};
use web::{App, Problem};

use super::body::Wanted;
use super::whom::Whom;
use crate::templates::filling::{Filled, fill_for};

/// A communication, and what carries it where it is sent from here.
pub(super) struct Prepared {
    pub(super) communication: Change<Communication>,
    pub(super) message: Option<Change<Message>>,
    /// What it counts against, where it is marketing.
    pub(super) count: Option<CapCount>,
}

/// What a body comes to: 1 read for a template, and what it costs to fill it in; 1 `BatchGetItem` for what is sent.
pub(super) async fn prepare(app: &App, grant: &Grant, wanted: Wanted, whom: Whom) -> Result<Prepared, Problem> {
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
    let Some((address, contact)) = contact.filter(|_| is_sent) else {
        return Ok(Prepared { communication: Communication::log(details, placing), message: None, count: None });
    };
    let is_free = details.template.as_ref().is_none_or(|template| template.held.is_none());
    let outreach = Outreach {
        purpose: details.purpose,
        contact,
        lead: lead.as_ref().map(|lead| lead.id),
        zone: None,
        dlt,
        is_free: is_free && details.kind == CommunicationType::Whatsapp,
    };
    let (not_before, count) = allowed(app, grant, &details, &outreach, &address, now).await?;
    let to = recipient(details.kind, address)?;
    let message = MessageId::at(now, app.platform().random());
    let communication = Communication::carry(details, placing, message);
    let queued = Message::speak(message, grant.organization(), to, id, not_before, now);
    Ok(Prepared { communication, message: Some(Message::reaching(queued, outreach)), count })
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

/// When it may be sent, and what it counts against. Refused with 409 and the word of what speaks against it.
async fn allowed(
    app: &App,
    grant: &Grant,
    details: &CommunicationDetails,
    outreach: &Outreach,
    address: &ContactAddress,
    now: Timestamp,
) -> Result<(Option<Timestamp>, Option<CapCount>), Problem> {
    let Some(channel) = details.kind.channel() else { return Ok((None, None)) };
    let Reach { facts, count } = app.table().reach(grant, channel, outreach, address.is_indian(), now).await?;
    let not_before = match may_send(channel, details.purpose, &facts, now) {
        Verdict::Send => details.scheduled_at,
        Verdict::Defer(until) => details.scheduled_at.max(Some(until)),
        // Until then they may have written.
        Verdict::Refuse(Refusal::WindowClosed) if details.scheduled_at.is_some_and(|at| at > now) => {
            details.scheduled_at
        }
        Verdict::Refuse(refusal) => {
            let problem = Problem::conflict(refusal.as_str(), why(refusal));
            return Err(match refusal {
                Refusal::WindowClosed => problem.with("window_expires_at", facts.window_until),
                _ => problem,
            });
        }
    };
    Ok((not_before, count.filter(|_| details.purpose == ContactPurpose::Marketing)))
}

fn recipient(kind: CommunicationType, address: ContactAddress) -> Result<Recipient, Problem> {
    match (kind, address) {
        (CommunicationType::Email, ContactAddress::Email(email)) => Ok(Recipient::Email(email)),
        (CommunicationType::Sms, ContactAddress::Phone(number)) => Ok(Recipient::Sms(number)),
        (CommunicationType::Whatsapp, ContactAddress::Phone(number)) => Ok(Recipient::Whatsapp(number)),
        _ => Err(Problem::field("recipient", Invalid::new("other_channel", "is of another channel"))),
    }
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
