//! What SES tells of e-mails through SNS, by
//! <https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html>, and what its event publishing tells, which names
//! the kind otherwise: <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>.
//!
//! SES adds fields whenever it likes, so what is not known is passed over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Unreadable;

/// The name of the tag that says whose mail it is.
pub(crate) const ORGANIZATION: &str = "organization";
/// The name of the tag that says which of our messages it is.
pub(crate) const MESSAGE: &str = "message";
/// A mail goes to at most 50; more is nothing of SES's.
const MAX_RECIPIENTS: usize = 100;

/// What became of an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEvent {
    /// SES's id of the mail, which [`Mailer`](crate::Mailer) returned.
    pub id: String,
    /// When the mail was sent; `None` where that does not read.
    pub sent_at: Option<Timestamp>,
    /// What the mail was [tagged](crate::RawMail::organization) with.
    pub organization: Option<String>,
    /// Our [id](crate::RawMail::id) of it, with which it was tagged.
    pub message: Option<String>,
    /// What became of it.
    pub kind: MailEventKind,
    /// Whom it is about, by their addresses as SES has them.
    pub recipients: Vec<String>,
}

/// What became of an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEventKind {
    /// SES has it, and tries to bring it there.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// It came back.
    Bounced(Bounce),
    /// The recipient called it unwanted; SES's word for how, if it has one: `abuse`, `not-spam`.
    Complained(Option<String>),
    /// Something else, in SES's word: `Open`, `DeliveryDelay`.
    Other(String),
}

/// Why an e-mail came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounce {
    /// There is no such mailbox, and nobody should write to it again.
    Permanent,
    /// The mailbox is full, the mail too long: later, or another one, may get there.
    Transient,
    /// SES cannot tell.
    Undetermined,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(alias = "eventType")]
    notification_type: String,
    mail: ToldMail,
    bounce: Option<ToldBounce>,
    complaint: Option<ToldComplaint>,
    delivery: Option<ToldDelivery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldMail {
    message_id: String,
    #[serde(default)]
    destination: Vec<String>,
    timestamp: Option<String>,
    /// What it was tagged with, where events are published of it.
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldBounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldComplaint {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
}

#[derive(Deserialize)]
struct ToldDelivery {
    recipients: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Reads what was published.
pub fn read(message: &str) -> Result<MailEvent, Unreadable> {
    let Told { notification_type, mail, bounce, complaint, delivery } = serde_json::from_str(message)?;
    let addresses = |all: Vec<Recipient>| all.into_iter().map(|one| one.email_address).collect();
    let (kind, recipients): (_, Vec<String>) = match (notification_type.as_str(), bounce, complaint, delivery) {
        ("Bounce", Some(bounce), ..) => {
            let kind = match bounce.bounce_type.as_str() {
                "Permanent" => Bounce::Permanent,
                "Transient" => Bounce::Transient,
                _ => Bounce::Undetermined,
            };
            (MailEventKind::Bounced(kind), addresses(bounce.bounced_recipients))
        }
        ("Complaint", _, Some(complaint), _) => {
            (MailEventKind::Complained(complaint.complaint_feedback_type), addresses(complaint.complained_recipients))
        }
        ("Delivery", .., Some(delivery)) => (MailEventKind::Delivered, delivery.recipients),
        ("Send", ..) => (MailEventKind::Sent, mail.destination.clone()),
        ("Bounce" | "Complaint" | "Delivery", ..) => {
            return Err(Unreadable("it lacks what it is about".to_owned()));
        }
        (other, ..) => {
            let word = other.chars().filter(|c| !c.is_control()).take(60).collect();
            (MailEventKind::Other(word), mail.destination.clone())
        }
    };
    if recipients.len() > MAX_RECIPIENTS {
        return Err(Unreadable(format!("it is about more than {MAX_RECIPIENTS} people")));
    }
    let ToldMail { message_id: id, destination: _, timestamp, mut tags } = mail;
    let sent_at = timestamp.and_then(|text| text.parse().ok());
    let mut tag = |name| tags.remove(name).and_then(|values| values.into_iter().next());
    let (organization, message) = (tag(ORGANIZATION), tag(MESSAGE));
    Ok(MailEvent { id, sent_at, organization, message, kind, recipients })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa0680-000000";

    fn told(kind: &str, more: &Value) -> Result<MailEvent, Unreadable> {
        let mut told = json!({
            "notificationType": kind,
            "mail": {"timestamp": "2016-01-27T14:59:38.237Z", "source": "john@example.com", "messageId": ID,
                "destination": ["jane@example.com", "mary@example.com"], "headersTruncated": false},
        });
        told.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        read(&told.to_string())
    }

    #[test]
    fn the_documented_notifications_read() {
        let bounce = |kind: &str| {
            json!({"bounce": {"bounceType": kind, "bounceSubType": "General", "reportingMTA": "dns; email.example.com",
                "bouncedRecipients": [{"emailAddress": "jane@example.com", "status": "5.1.1", "action": "failed",
                    "diagnosticCode": "smtp; 550 5.1.1 <jane@example.com>... User"}],
                "timestamp": "2016-01-27T14:59:38.237Z", "feedbackId": "1", "remoteMtaIp": "127.0.2.0"}})
        };
        for (word, kind) in
            [("Permanent", Bounce::Permanent), ("Transient", Bounce::Transient), ("Undetermined", Bounce::Undetermined)]
        {
            let event = told("Bounce", &bounce(word)).expect("it reads");
            assert_eq!((event.id.as_str(), event.kind), (ID, MailEventKind::Bounced(kind)));
            assert_eq!(event.recipients, ["jane@example.com"]);
        }
        let complaint = json!({"complaint": {"complainedRecipients": [{"emailAddress": "richard@example.com"}],
            "complaintFeedbackType": "abuse", "userAgent": "AnyCompany Feedback Loop (V0.01)"}});
        let event = told("Complaint", &complaint).expect("it reads");
        assert_eq!(event.kind, MailEventKind::Complained(Some("abuse".to_owned())));
        assert_eq!(event.recipients, ["richard@example.com"]);
        let delivery = json!({"delivery": {"recipients": ["jane@example.com"], "smtpResponse": "250 ok: Message 64111812 accepted",
            "processingTimeMillis": 546}});
        assert_eq!(told("Delivery", &delivery).expect("it reads").kind, MailEventKind::Delivered);
    }

    #[test]
    fn events_name_their_kind_otherwise_and_others_are_told_apart() {
        let tags = json!({"ses:configuration-set": ["ConfigSet"], "organization": ["org_1"], "message": ["msg_1"]});
        let mail = json!({"timestamp": "2017-08-05T00:40:02.012Z", "messageId": ID, "destination": ["a@example.com"],
            "tags": tags});
        let event = read(&json!({"eventType": "Open", "mail": mail, "open": {}}).to_string()).expect("it reads");
        assert_eq!((event.kind, event.recipients.len()), (MailEventKind::Other("Open".to_owned()), 1));
        assert_eq!(event.organization.as_deref(), Some("org_1"));
        assert_eq!(event.sent_at.map(Timestamp::as_second), Some(1_501_893_602));
        let event = read(&json!({"eventType": "Send", "mail": mail, "send": {}}).to_string()).expect("it reads");
        assert_eq!((event.kind, event.message.as_deref()), (MailEventKind::Sent, Some("msg_1")));
    }

    #[test]
    fn what_lacks_what_it_is_about_is_refused_without_being_told() {
        assert!(told("Bounce", &json!({})).is_err());
        let many = vec!["jane@example.com"; MAX_RECIPIENTS + 1];
        assert!(told("Delivery", &json!({"delivery": {"recipients": many}})).is_err());
        let why =
            told("Delivery", &json!({"delivery": {"recipients": "jane@example.com"}})).expect_err("it does not read");
        assert!(!why.to_string().contains("jane"), "{why}");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,200}", kind in "[A-Za-z]{0,12}") {
            let _ = read(&text);
            let _ = told(&kind, &json!({"bounce": {"bounceType": text, "bouncedRecipients": []}}));
        }
    }
}
