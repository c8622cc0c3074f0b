//! E-mails that people write, which a rule of SES publishes to the connection's topic.

use domain::communication::{CommunicationDetails, MAX_ATTACHMENTS};
use domain::integration::Ses;
use domain::{
    CommunicationDirection, CommunicationType, ContactAddress, ContactChannel, ContactPurpose, EmailAddress, Line,
};
use providers::inbound::mail::{MailVerdict, ReceivedFile, ReceivedMail};

use crate::failed::Failed;
use crate::files::Came;
use crate::take::Work;
use crate::written::{Desk, Written, clean, receive};

/// The longest text that is kept of a mail, in characters.
const MAX_TEXT: usize = 50_000;

/// Puts a mail on the timeline, at the cost of [`receive`]. What SES takes for spam, harm or a forgery is left, and so is what
/// a machine answered, as that somebody is away.
pub(crate) async fn wrote(work: &Work<'_>, settings: &Ses, mail: ReceivedMail) -> Result<(), Failed> {
    match mail.verdict {
        MailVerdict::Good if mail.is_automatic => return work.ignore("automatic").await,
        MailVerdict::Good => {}
        MailVerdict::Spam => return work.ignore("spam").await,
        MailVerdict::Virus => return work.ignore("virus").await,
        MailVerdict::Forged => return work.ignore("forged").await,
    }
    let Some(intake) = &settings.intake else { return work.ignore("nobodys").await };
    let desk = Desk { intake, strangers: settings.unknown_senders };
    receive(work, desk, written(mail), true).await
}

fn written(mail: ReceivedMail) -> Written {
    let ReceivedMail { id, at, from, name, subject, text, attachments, answers, is_automatic: _, verdict: _ } = mail;
    let address = from.parse::<EmailAddress>().ok();
    let text: String = text.trim().chars().take(MAX_TEXT).collect();
    let name = name.map(|name| line(&name));
    let (mut names, mut files) = (Vec::new(), Vec::new());
    for ReceivedFile { name, bytes } in attachments.into_iter().take(MAX_ATTACHMENTS) {
        let name = line(&name);
        names.extend(name.parse().ok());
        files.extend(name.parse().ok().map(|name| Came { name, bytes }));
    }
    let details = CommunicationDetails {
        direction: CommunicationDirection::Inbound,
        subject: subject.and_then(|subject| line(&subject).parse().ok()),
        sender: name.clone().unwrap_or_else(|| line(&from)).parse().ok(),
        attachments: names,
        ..CommunicationDetails::outbound(CommunicationType::Email, ContactPurpose::Service, clean(&text))
    };
    Written {
        id,
        answers: answers.iter().filter_map(|id| of_ses(id)).collect(),
        at,
        from: address.map(ContactAddress::Email),
        name: name.and_then(|name| name.parse().ok()),
        channel: ContactChannel::Email,
        wish: None,
        details,
        files,
    }
}

/// SES's id of a mail that it sent, by the id that it gives mails in their headers: the same, and its own domain.
fn of_ses(id: &str) -> Option<String> {
    let (id, domain) = id.rsplit_once('@')?;
    domain.ends_with("amazonses.com").then(|| id.to_owned())
}

/// On one line, as far as it fits.
fn line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let whole: Line<255> = match words.join(" ").chars().take(255).collect::<String>().trim().parse() {
        Ok(line) => line,
        Err(_) => return String::new(),
    };
    whole.to_string()
}
