//! What WhatsApp tells: what people write, what became of what they were sent, and where its look at templates stands.

use domain::communication::CommunicationDetails;
use domain::integration::IntegrationSettings;
use domain::outreach::Wish;
use domain::template::Body;
use domain::{
    CommunicationDirection, CommunicationType, ContactAddress, ContactChannel, ContactPurpose, Phone, Region,
};
use providers::inbound::meta::{self, Content, Event, Message, Party, Status};

use crate::failed::Failed;
use crate::media;
use crate::reports::{Told, apply, report};
use crate::take::Work;
use crate::templates;
use crate::written::{Desk, Written, clean, receive};

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
    let desk = Desk { intake: &settings.intake, strangers: settings.unknown_senders };
    let with_files: Vec<&Message> =
        messages.iter().filter(|message| matches!(message.content, Content::Media { .. })).collect();
    let last = if reports.is_empty() && with_files.is_empty() { messages.last() } else { None };
    for message in &messages[..messages.len() - usize::from(last.is_some())] {
        receive(work, desk, written(message), false).await?;
    }
    let fetched = if with_files.is_empty() { None } else { media::fetch(work, &with_files).await? };
    match last {
        Some(message) => receive(work, desk, written(message), true).await,
        None if !reports.is_empty() => apply(work, reports, Vec::new()).await,
        None => match fetched {
            Some(handled) => work.note(handled).await,
            None => work.ignore("nothing_to_do").await,
        },
    }
}

fn of_status(work: &Work<'_>, status: Status) -> Option<Told> {
    let Status { number: _, id, ours, state, at, to: _, error, category: _ } = status;
    let failure = error.map(|code| format!("WhatsApp's error {code}"));
    let ours = ours.and_then(|ours| ours.parse().ok());
    Some(Told { id, ours, report: report(state, work.time(Some(at)), failure)? })
}

fn written(message: &Message) -> Written {
    let details = details(message);
    let wish = match &message.content {
        Content::Text(text) => Wish::of(ContactChannel::Whatsapp, text),
        _ => None,
    };
    Written {
        id: message.id.clone(),
        answers: message.answers.iter().cloned().collect(),
        at: Some(message.at),
        from: number(message.from.number.as_deref()).map(ContactAddress::Phone),
        name: message.name.as_deref().and_then(|name| name.parse().ok()),
        channel: ContactChannel::Whatsapp,
        wish,
        details,
        // They are fetched when it stands on the timeline.
        files: Vec::new(),
    }
}

/// A number as Meta writes it: its digits.
fn number(digits: Option<&str>) -> Option<Phone> {
    Phone::parse(&format!("+{}", digits?), Region::default()).ok()
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
    clean(&text)
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
