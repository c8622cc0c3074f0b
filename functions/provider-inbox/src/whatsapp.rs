//! What WhatsApp tells: what people write, what became of what they were sent, and where its look at templates stands.

use domain::communication::{CommunicationDetails, DeliveryReport, Inbound, Placing};
use domain::integration::{IntegrationSettings, Whatsapp};
use domain::lead::LeadDetails;
use domain::provider_delivery::Handled;
use domain::template::Body;
use domain::{
    Change, Communication, CommunicationDirection, CommunicationId, CommunicationType, ContactAddress, ContactPurpose,
    Phone, Reachability, ReachabilityId, Region,
};
use jiff::Timestamp;
use providers::inbound::meta::{self, Content, Event, Message, Party, Status};
use store::there;

use crate::failed::Failed;
use crate::people::{lead, stranger};
use crate::reports::{apply, carried, report};
use crate::take::Work;
use crate::templates;

/// Takes all that a body tells, each message in a transaction of its own. The last one that is written carries the note: a
/// message that was taken is known by Meta's id of it, and no report does anything twice.
pub(crate) async fn told(work: &Work<'_>) -> Result<(), Failed> {
    let IntegrationSettings::Whatsapp(settings) = &work.integration.settings else {
        return Err(Failed::Senseless("the connection is none of WhatsApp's".to_owned()));
    };
    // An app has one address for all of its numbers and accounts.
    let is_ours = |number: &str| settings.phone_number_id.as_ref().is_none_or(|own| own.as_str() == number);
    let is_our_account = |id: &str| settings.business_account_id.as_ref().is_none_or(|own| own.as_str() == id);
    let (mut messages, mut reports, mut judged) = (Vec::new(), Vec::new(), Vec::new());
    for event in meta::read(work.body)? {
        match event {
            // What nobody wrote is the system's own.
            Event::Message(message) if is_ours(&message.number) && message.from != Party::default() => {
                messages.push(*message);
            }
            Event::Status(status) if is_ours(&status.number) => reports.extend(of_status(work, status)),
            Event::Template(status) if is_our_account(&status.account) => judged.push(status),
            Event::Failure(code) => tracing::warn!(delivery = %work.delivery.id, code, "WhatsApp tells of a failure"),
            Event::Message(_) | Event::Status(_) | Event::Template(_) | Event::Lead(_) | Event::Other(_) => {}
        }
    }
    if templates::judged(work, &judged, messages.is_empty() && reports.is_empty()).await? {
        return Ok(());
    }
    let last = if reports.is_empty() { messages.pop() } else { None };
    for message in &messages {
        receive(work, settings, message, false).await?;
    }
    match last {
        Some(message) => receive(work, settings, &message, true).await,
        None if reports.is_empty() => work.ignore("nothing_to_do").await,
        None => apply(work, reports, Vec::new()).await,
    }
}

fn of_status(work: &Work<'_>, status: Status) -> Option<(String, DeliveryReport)> {
    let Status { number: _, id, ours: _, state, at, to: _, error, category: _ } = status;
    let failure = error.map(|code| format!("WhatsApp's error {code}"));
    Some((id, report(state, work.time(Some(at)), failure)?))
}

/// Somebody wrote: 1 read whether it is known, 2 for the lead, 1 for the window, and where a stranger becomes a lead what
/// that costs; 1 transaction.
async fn receive(work: &Work<'_>, settings: &Whatsapp, message: &Message, is_last: bool) -> Result<(), Failed> {
    let (platform, organization, now) = (work.platform, work.grant.organization(), work.platform.now());
    let table = platform.table();
    let carried_as = carried(work, &message.id);
    if table.holder::<Communication>(organization, &carried_as.claim()).await?.is_some() {
        return if is_last { work.ignore("known").await } else { Ok(()) };
    }
    let phone = number(message.from.number.as_deref());
    let known = lead(work, phone.as_ref()).await?;
    let captured = match &known {
        Some(_) => None,
        None => {
            let full_name = message.name.as_deref().and_then(|name| name.parse().ok());
            let details = LeadDetails { full_name, phone: phone.clone(), ..LeadDetails::default() };
            stranger(work, &settings.intake, settings.unknown_senders, details).await?
        }
    };
    let lead = known.as_ref().or(captured.as_ref().map(|captured| &captured.lead.after));
    let answers = match &message.answers {
        Some(id) => table.holder::<Communication>(organization, &carried(work, id).claim()).await?,
        None => None,
    };
    let at = work.time(Some(message.at));
    let contact = phone.map(ContactAddress::Phone).map(|address| {
        let id = table.hash_key().reachability_id(organization, &address);
        (address, id)
    });
    let placing = Placing {
        id: CommunicationId::at(now, platform.random()),
        organization,
        branch: lead.map_or(settings.intake.branch_id, |lead| lead.branch_id),
        user: lead.and_then(|lead| lead.assigned_to).unwrap_or(settings.intake.agent),
        lead: lead.map(|lead| lead.id),
        contact: contact.clone(),
        now,
    };
    let change = Communication::receive(details(message), placing, Inbound { carried: carried_as, answers, at });
    let handled = Handled::Done { outcome: change.kind, subject: change.after.id.to_string() };
    let mut transaction = table.transaction();
    if let Some(captured) = captured {
        captured.push(&mut transaction, work.grant)?;
    }
    transaction.push(work.grant, change)?;
    if let Some((_, contact)) = contact
        && let Some(wrote) = wrote(work, contact, at).await?
    {
        transaction.push(work.grant, wrote)?;
    }
    if is_last {
        transaction.push_unseen(work.grant, work.handled(handled))?;
    }
    Ok(transaction.commit().await?)
}

/// A number as Meta writes it: its digits.
fn number(digits: Option<&str>) -> Option<Phone> {
    Phone::parse(&format!("+{}", digits?), Region::default()).ok()
}

/// From now on they may be answered in whatever words; `None` where a later message says so already.
async fn wrote(
    work: &Work<'_>,
    contact: ReachabilityId,
    at: Timestamp,
) -> Result<Option<Change<Reachability>>, Failed> {
    let (organization, now) = (work.grant.organization(), work.platform.now());
    let known: Option<Reachability> = there(work.platform.table().get_to_change(work.grant, contact).await)?;
    let known = known.unwrap_or_else(|| Reachability::new(contact, organization, now));
    Ok((known.wrote_at < Some(at)).then(|| known.wrote(at, now)))
}

fn details(message: &Message) -> CommunicationDetails {
    let sender = message.name.as_deref().or(message.username.as_deref());
    let filename = match &message.content {
        Content::Media { filename, .. } => filename.as_deref(),
        _ => None,
    };
    CommunicationDetails {
        direction: CommunicationDirection::Inbound,
        sender: sender.and_then(|name| name.parse().ok()),
        attachments: filename.and_then(|name| name.parse().ok()).into_iter().collect(),
        files: Vec::new(),
        ..CommunicationDetails::outbound(CommunicationType::Whatsapp, ContactPurpose::Service, said(&message.content))
    }
}

/// What a message says; of what is no text, what it is, in brackets and in Meta's word.
fn said(content: &Content) -> Option<Body> {
    let text = match content {
        Content::Text(text) | Content::Button { text, .. } | Content::Choice { title: text, .. } => text.clone(),
        Content::Media { kind, caption: Some(caption), .. } => format!("[{kind}] {caption}"),
        Content::Media { kind, .. } | Content::Other(kind) => format!("[{kind}]"),
    };
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect();
    clean.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_called_what_it_is() {
        let media = |caption: Option<&str>| Content::Media {
            kind: "image".to_owned(),
            id: "1".to_owned(),
            mime_type: None,
            caption: caption.map(str::to_owned),
            filename: None,
        };
        let said = |content: &Content| said(content).map(|body| body.as_str().to_owned());
        assert_eq!(said(&media(Some("The form"))).as_deref(), Some("[image] The form"));
        assert_eq!(said(&media(None)).as_deref(), Some("[image]"));
        assert_eq!(said(&Content::Other("location".to_owned())).as_deref(), Some("[location]"));
        assert_eq!(said(&Content::Text("a\u{0}\nb".to_owned())).as_deref(), Some("a\nb"));
        assert_eq!(said(&Content::Text(" ".to_owned())), None);
    }
}
