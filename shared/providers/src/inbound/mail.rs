//! E-mails that people write, as SES receives them and publishes them through SNS:
//! <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>. One of more than 150 KB SES does
//! not take on that way, and sends back.
//!
//! SES adds fields whenever it likes, so what is not known is passed over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mail_parser::{HeaderValue, MessageParser, MimeHeaders as _};
use serde::Deserialize;

use super::Unreadable;

/// More of what goes with a mail is not told.
const MAX_ATTACHMENTS: usize = 20;
/// A mail that answers more is told to answer the last of them.
const MAX_ANSWERED: usize = 10;
/// The longest id of a message.
const MAX_ID: usize = 256;

/// An e-mail that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// SES's id of it.
    pub id: String,
    /// When SES received it; `None` where that does not read.
    pub at: Option<Timestamp>,
    /// Who wrote it: the bare address of its `From`.
    pub from: String,
    /// What they call themselves.
    pub name: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its text; that of its HTML where it has none.
    pub text: String,
    /// Its attachments that have names.
    pub attachments: Vec<ReceivedFile>,
    /// The ids of the messages that it answers, the last one first: without `<` and `>`.
    pub answers: Vec<String>,
    /// Whether a machine wrote it, as one that tells that somebody is away (RFC 3834).
    pub is_automatic: bool,
    /// What SES thinks of it.
    pub verdict: MailVerdict,
}

/// A file that came with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFile {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What SES thinks of a mail that it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailVerdict {
    /// Nothing bad.
    Good,
    /// That nobody wants it.
    Spam,
    /// That it does harm.
    Virus,
    /// That whoever it says wrote it did not: the domain's owner disowns it (DMARC).
    Forged,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    mail: ToldMail,
    receipt: Receipt,
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldMail {
    message_id: String,
    timestamp: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Receipt {
    spam_verdict: Verdict,
    virus_verdict: Verdict,
    dmarc_verdict: Verdict,
    action: Action,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Verdict {
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Action {
    encoding: String,
}

/// Whether what was published is a mail that came.
pub fn is_received(message: &str) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "notificationType")]
        kind: String,
    }
    serde_json::from_str::<Kind>(message).is_ok_and(|told| told.kind == "Received")
}

/// Reads what was published of a mail that came.
pub fn read(message: &str) -> Result<ReceivedMail, Unreadable> {
    let Told { mail: ToldMail { message_id: id, timestamp }, receipt, content } = serde_json::from_str(message)?;
    let content = content.ok_or_else(|| Unreadable("it lacks what was written".to_owned()))?;
    let raw = if receipt.action.encoding.eq_ignore_ascii_case("base64") {
        STANDARD.decode(content).map_err(|_| Unreadable("what was written is not base64".to_owned()))?
    } else {
        content.into_bytes()
    };
    let mail = MessageParser::default().parse(&raw).ok_or_else(|| Unreadable("it is no mail".to_owned()))?;
    let from = mail.from().and_then(|from| from.first());
    let address = from.and_then(|from| from.address()).ok_or_else(|| Unreadable("it is from nobody".to_owned()))?;
    let mut answers: Vec<String> = Vec::new();
    for id in ids(mail.in_reply_to()).into_iter().chain(ids(mail.references()).into_iter().rev()) {
        if (1..=MAX_ID).contains(&id.len()) && !answers.contains(&id) && answers.len() < MAX_ANSWERED {
            answers.push(id);
        }
    }
    let submitted = mail.header_raw("Auto-Submitted").map_or("no", str::trim);
    let named = mail.attachments().filter_map(|part| {
        Some(ReceivedFile { name: part.attachment_name()?.to_owned(), bytes: part.contents().to_vec() })
    });
    Ok(ReceivedMail {
        id,
        at: timestamp.and_then(|text| text.parse().ok()),
        from: address.to_owned(),
        name: from.and_then(|from| from.name()).map(str::to_owned),
        subject: mail.subject().map(str::to_owned),
        text: mail.body_text(0).map(std::borrow::Cow::into_owned).unwrap_or_default(),
        attachments: named.take(MAX_ATTACHMENTS).collect(),
        answers,
        is_automatic: !submitted.eq_ignore_ascii_case("no"),
        verdict: verdict(&receipt),
    })
}

fn verdict(receipt: &Receipt) -> MailVerdict {
    let failed = |verdict: &Verdict| verdict.status == "FAIL";
    match receipt {
        Receipt { virus_verdict, .. } if failed(virus_verdict) => MailVerdict::Virus,
        Receipt { spam_verdict, .. } if failed(spam_verdict) => MailVerdict::Spam,
        Receipt { dmarc_verdict, .. } if failed(dmarc_verdict) => MailVerdict::Forged,
        _ => MailVerdict::Good,
    }
}

fn ids(header: &HeaderValue<'_>) -> Vec<String> {
    match header {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(ids) => ids.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const RAW: &str = "From: Asha Example <asha@example.com>\r\nTo: desk@example.org\r\nSubject: Re: Your question\r\n\
        References: <one@eu-west-1.amazonses.com> <two@eu-west-1.amazonses.com>\r\n\
        In-Reply-To: <two@eu-west-1.amazonses.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYes, please.\r\n";

    /// The shape that is documented.
    fn told(content: &str, encoding: &str, receipt: &Value) -> String {
        let mut known = json!({"recipients": ["desk@example.org"], "spamVerdict": {"status": "PASS"},
            "virusVerdict": {"status": "PASS"}, "spfVerdict": {"status": "PASS"}, "dmarcVerdict": {"status": "GRAY"},
            "action": {"type": "SNS", "topicArn": "arn:aws:sns:us-east-1:012345678912:mail", "encoding": encoding}});
        known.as_object_mut().expect("an object").extend(receipt.as_object().cloned().expect("an object"));
        let mail = json!({"timestamp": "2015-09-11T20:32:33.936Z", "source": "asha@example.com",
            "messageId": "d6iitobk75ur44p8kdnnp7g2n800", "destination": ["desk@example.org"]});
        json!({"notificationType": "Received", "receipt": known, "mail": mail, "content": content}).to_string()
    }

    #[test]
    fn the_documented_notification_reads() {
        for (content, encoding) in [(RAW.to_owned(), "UTF8"), (STANDARD.encode(RAW), "BASE64")] {
            let message = told(&content, encoding, &json!({}));
            assert!(is_received(&message));
            let mail = read(&message).expect("it reads");
            assert_eq!((mail.from.as_str(), mail.name.as_deref()), ("asha@example.com", Some("Asha Example")));
            assert_eq!((mail.subject.as_deref(), mail.text.trim()), (Some("Re: Your question"), "Yes, please."));
            assert_eq!(mail.answers, ["two@eu-west-1.amazonses.com", "one@eu-west-1.amazonses.com"]);
            assert_eq!((mail.is_automatic, mail.verdict), (false, MailVerdict::Good));
            assert_eq!(mail.at.map(Timestamp::as_second), Some(1_442_003_553));
        }
    }

    #[test]
    fn files_come_with_their_names_and_bytes() {
        let raw = "From: asha@example.com\r\nSubject: The form\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n\
            --b\r\nContent-Type: application/pdf; name=\"form.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename=\"form.pdf\"\r\n\r\nJVBERi0xLjcK\r\n\
            --b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment\r\n\r\nof no name\r\n--b--\r\n";
        let mail = read(&told(raw, "UTF8", &json!({}))).expect("it reads");
        assert_eq!(mail.text.trim(), "Here it is.");
        let form = ReceivedFile { name: "form.pdf".to_owned(), bytes: b"%PDF-1.7\n".to_vec() };
        assert_eq!(mail.attachments, [form]);
    }

    #[test]
    fn what_harms_is_called_so_and_machines_are_told_from_people() {
        for (name, verdict) in [
            ("virusVerdict", MailVerdict::Virus),
            ("spamVerdict", MailVerdict::Spam),
            ("dmarcVerdict", MailVerdict::Forged),
        ] {
            let mail = read(&told(RAW, "UTF8", &json!({name: {"status": "FAIL"}}))).expect("it reads");
            assert_eq!(mail.verdict, verdict);
        }
        let away = format!("Auto-Submitted: auto-replied\r\n{RAW}");
        assert!(read(&told(&away, "UTF8", &json!({}))).expect("it reads").is_automatic);
    }

    #[test]
    fn what_lacks_what_it_says_is_refused_without_being_told() {
        let mut lacks: Value = serde_json::from_str(&told(RAW, "UTF8", &json!({}))).expect("JSON");
        lacks["content"] = Value::Null;
        assert!(read(&lacks.to_string()).is_err());
        let why = read(&told("Subject: asha@example.com\r\n\r\nHello", "UTF8", &json!({}))).expect_err("from nobody");
        assert!(!why.to_string().contains("asha"), "{why}");
        assert!(read(&told("***", "BASE64", &json!({}))).is_err());
    }

    proptest! {
        #[test]
        fn no_mail_breaks_it(text in ".{0,300}", raw in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&text);
            let _ = read(&told(&text, "UTF8", &json!({})));
            let _ = read(&told(&STANDARD.encode(raw), "BASE64", &json!({})));
        }
    }
}
