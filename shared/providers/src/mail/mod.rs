//! E-mail. Every header is ours: a message is written here as MIME, whoever carries it.

mod ses;
mod smtp;

use std::sync::Arc;

use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

use crate::{Attachment, SendError};
use ses::Ses;

pub use smtp::{Smtp, SmtpInvalid, SmtpSecurity};

/// Sends e-mail.
#[derive(Debug, Clone)]
pub struct Mailer {
    carrier: Arc<dyn MailCarrier>,
    from: Sender,
}

/// Who e-mails come from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sender {
    name: String,
    address: String,
}

/// What people read where the setting tells an address alone.
const NAME: &str = "Sampark";

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Our id of it: the same at each try, so that a mailbox can tell a repeat, where its carrier leaves the `Message-ID` as it
    /// is; [SES writes its own](https://docs.aws.amazon.com/ses/latest/dg/header-fields.html).
    pub id: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who gets it: a bare address.
    pub to: String,
    /// Its subject, on one line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// What people read as its sender; the mailer's own name where it is absent.
    pub from_name: Option<String>,
    /// How its receiver objects, where it is one that they may object to: an `https:` address that takes a bare `POST`.
    pub unsubscribe: Option<String>,
    /// What goes with it.
    pub attachments: Vec<Attachment>,
    /// The organization that is to hear what becomes of it, where the carrier tells that; `None` where nobody is.
    pub organization: Option<String>,
}

/// An e-mail as it goes out.
#[derive(Clone, PartialEq, Eq)]
pub struct RawMail<'a> {
    /// Our id of it, for the log; told again with what becomes of it, where the carrier tells that. Letters, digits, `-` and
    /// `_`.
    pub id: &'a str,
    /// Who sends it: the envelope's address, where it comes back to.
    pub from: &'a str,
    /// Who gets it, whatever the headers look like to a parser: the envelope's address.
    pub to: &'a str,
    /// Headers and body, as MIME.
    pub message: Vec<u8>,
    /// Whose it is: likewise.
    pub organization: Option<&'a str>,
}

/// It holds somebody's address and what they are told.
impl std::fmt::Debug for RawMail<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawMail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Takes e-mails as they are, and brings them on their way.
#[async_trait::async_trait]
pub trait MailCarrier: std::fmt::Debug + Send + Sync {
    /// Takes one over and returns the carrier's id of it.
    async fn carry(&self, mail: RawMail<'_>) -> Result<String, SendError>;

    /// Whether a mail may be handed over again where nobody knows whether it was taken: its carrier tells which of ours it has,
    /// or leaves the `Message-ID`, by which mailboxes know it again.
    fn knows_repeats(&self) -> bool;
}

impl Mailer {
    /// A mailer that sends through SES as `from`: `no-reply@example.com`, or with a name, `Example <no-reply@example.com>`.
    pub fn new(client: &aws_sdk_ses::Client, from: &str) -> Self {
        Self::over(Arc::new(Ses::new(client, None)), from)
    }

    /// The same, with SES telling what becomes of mails as this configuration set of the account says.
    pub fn telling(client: &aws_sdk_ses::Client, from: &str, configuration_set: &str) -> Self {
        Self::over(Arc::new(Ses::new(client, Some(configuration_set.to_owned()))), from)
    }

    /// A mailer that sends through any carrier.
    pub fn over(carrier: Arc<dyn MailCarrier>, from: &str) -> Self {
        Self { carrier, from: Sender::read(from) }
    }

    /// Hands one e-mail over, and returns the id that its carrier gave it.
    ///
    /// No carrier knows a key of idempotency, so a mail whose answer is lost is [unknown](SendError::Unknown); but a carrier may
    /// tell later that it has it ([`MailEventKind::Sent`](crate::inbound::ses::MailEventKind::Sent)).
    pub async fn send(&self, mail: &Mail) -> Result<String, SendError> {
        let message = self.write(mail)?;
        let organization = mail.organization.as_deref();
        self.carrier
            .carry(RawMail { id: &mail.id, from: &self.from.address, to: &mail.to, message, organization })
            .await
    }

    /// [Whether](MailCarrier::knows_repeats) a mail may be handed over again where nobody knows whether it was taken.
    pub fn knows_repeats(&self) -> bool {
        self.carrier.knows_repeats()
    }

    /// The mail as MIME. With HTML it is `multipart/alternative`; with attachments that, or its text, is the first part of a
    /// `multipart/mixed`.
    fn write(&self, mail: &Mail) -> Result<Vec<u8>, SendError> {
        let Mail { id, at, to, subject, text, html, from_name, unsubscribe, attachments, organization: _ } = mail;
        let names = attachments.iter().map(|attachment| &attachment.name);
        if [to, subject].into_iter().chain(from_name).chain(names).any(|header| header.chars().any(char::is_control)) {
            return Err(SendError::Refused(
                "the address, the subject, the sender or an attachment's name holds control characters".to_owned(),
            ));
        }
        let Sender { name, address } = &self.from;
        let name = from_name.as_ref().unwrap_or(name);
        let domain = address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let mut message = MessageBuilder::new()
            .message_id(format!("{id}@{domain}"))
            .date(Date::new(at.as_second()))
            .from(Address::new_address(Some(name.as_str()), address.as_str()))
            .to(to.as_str())
            .subject(subject.as_str())
            // RFC 3834: an absent reader's machine does not answer it.
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .text_body(text.as_str());
        if let Some(link) = unsubscribe {
            if link.chars().any(|char| char.is_control() || char.is_whitespace() || matches!(char, '<' | '>' | ',')) {
                return Err(SendError::Refused("the link by which its receiver objects is none".to_owned()));
            }
            // RFC 8058: mail programs object by one POST, with nobody asked.
            message = message
                .header("List-Unsubscribe", Raw::new(format!("<{link}>")))
                .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"));
        }
        if let Some(html) = html {
            message = message.html_body(html.as_str());
        }
        if !attachments.is_empty() {
            message.attachments = Some(attachments.iter().map(attached).collect());
        }
        message.write_to_vec().map_err(|error| SendError::Refused(format!("it cannot be written: {error}")))
    }
}

/// An attachment in base 64, also where it is text: every byte of it arrives, whatever ends its lines.
fn attached(attachment: &Attachment) -> MimePart<'_> {
    let Attachment { name, content_type, bytes } = attachment;
    // A header that is no `ContentType` to the builder tells it nothing of text, which it would write in another way.
    MimePart::raw(bytes.as_slice()).header("Content-Type", Raw::new(*content_type)).attachment(name.as_str())
}

impl Sender {
    fn read(text: &str) -> Self {
        let parts = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
        let (name, address) = parts.unwrap_or((NAME, text));
        let (name, address) = (name.trim().trim_matches('"'), address.trim());
        Self { name: if name.is_empty() { NAME } else { name }.to_owned(), address: address.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mailer(from: &str) -> Mailer {
        let config = aws_sdk_ses::Config::builder().behavior_version_latest().build();
        Mailer::new(&aws_sdk_ses::Client::from_conf(config), from)
    }

    fn mail() -> Mail {
        Mail {
            id: "msg_1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            to: "asha@example.com".to_owned(),
            subject: "Grüße".to_owned(),
            text: "Hello".to_owned(),
            html: Some("<p>Hello</p>".to_owned()),
            from_name: None,
            unsubscribe: None,
            attachments: Vec::new(),
            organization: None,
        }
    }

    fn written(from: &str, mail: &Mail) -> String {
        String::from_utf8(mailer(from).write(mail).expect("MIME")).expect("text")
    }

    #[test]
    fn every_header_is_ours() {
        let text = written("no-reply@example.com", &mail());
        for header in [
            "Message-ID: <msg_1@example.com>\r\n",
            "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n",
            "From: \"Sampark\" <no-reply@example.com>\r\n",
            "To: <asha@example.com>\r\n",
            "Subject: =?utf-8?",
            "Auto-Submitted: auto-generated\r\n",
            "multipart/alternative",
        ] {
            assert!(text.contains(header), "{header}\n{text}");
        }
        assert!(text.find("text/plain") < text.find("text/html"), "the last part is the preferred one");
        assert!(written("Example <a@example.com>", &mail()).contains("From: \"Example\" <a@example.com>\r\n"));
    }

    #[test]
    fn a_receiver_objects_by_one_post() {
        let link = format!("https://api.example.com/v1/public/unsubscribe/{}", "x".repeat(88));
        let mail = Mail { unsubscribe: Some(link.clone()), from_name: Some("Example Ltd".to_owned()), ..mail() };
        let text = written("no-reply@example.com", &mail);
        for header in [
            "From: \"Example Ltd\" <no-reply@example.com>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            &format!("<{link}>\r\n"),
        ] {
            assert!(text.contains(header), "{header}\n{text}");
        }
        let broken = Mail { unsubscribe: Some("https://a>\r\nBcc: other@example.com".to_owned()), ..mail };
        assert!(matches!(mailer("a@example.com").write(&broken), Err(SendError::Refused(_))));
    }

    fn attachment(name: &str) -> Attachment {
        Attachment { name: name.to_owned(), content_type: "text/csv; charset=utf-8", bytes: b"a\n.\n".to_vec() }
    }

    #[test]
    fn attachments_stand_behind_what_is_said() {
        let with = |html: Option<&str>| {
            let html = html.map(str::to_owned);
            written("no-reply@example.com", &Mail { html, attachments: vec![attachment("fees.csv")], ..mail() })
        };
        let text = with(Some("<p>Hello</p>"));
        let places = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv"];
        let places = places.map(|part| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}")));
        assert!(places.is_sorted(), "{text}");
        for part in [
            "Content-Type: text/csv; charset=utf-8\r\n",
            "Content-Disposition: attachment; filename=\"fees.csv\"\r\n",
            "Content-Transfer-Encoding: base64\r\n",
            "YQouCg==",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(with(None).contains("multipart/mixed"));
    }

    #[test]
    fn no_header_is_smuggled_in() {
        for mail in [
            Mail { attachments: vec![attachment("a.csv\r\nBcc: other@example.com")], ..mail() },
            Mail { from_name: Some("Example\r\nBcc: other@example.com".to_owned()), ..mail() },
            Mail { subject: "Hello\r\nBcc: other@example.com".to_owned(), ..mail() },
            Mail { to: "asha@example.com\nBcc: other@example.com".to_owned(), ..mail() },
        ] {
            assert!(matches!(mailer("a@example.com").write(&mail), Err(SendError::Refused(_))));
        }
    }

    proptest! {
        #[test]
        fn a_name_never_leaves_its_place(name in "\\PC{1,255}|[ -~]{1,255}|(\r|\n|;|\"|\\\\|=|a){1,40}") {
            let mail = Mail { attachments: vec![attachment(&name)], ..mail() };
            let Ok(message) = mailer("a@example.com").write(&mail) else {
                prop_assert!(name.chars().any(char::is_control), "{name:?}");
                return Ok(());
            };
            let text = String::from_utf8(message).expect("text");
            let (_, part) = text.split_once("charset=utf-8\r\nContent-Disposition: ").expect("the attachment's part");
            let (headers, _) = part.split_once("\r\n\r\n").expect("it ends");
            let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
            let lines: Vec<&str> = unfolded.split("\r\n").collect();
            prop_assert_eq!(lines.len(), 2, "{}", headers);
            prop_assert!(lines[0].starts_with("attachment; filename"), "{}", headers);
            prop_assert_eq!(lines[1], "Content-Transfer-Encoding: base64");
        }
    }
}
