//! What Meta tells, as it is read.

use jiff::Timestamp;

use crate::TemplateStanding;
use crate::inbound::DeliveryState;

/// One thing that Meta tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Somebody wrote to a WhatsApp number.
    Message(Box<Message>),
    /// What became of a WhatsApp message that was sent.
    Status(Status),
    /// Where Meta's look at a WhatsApp template stands.
    Template(TemplateStatus),
    /// Somebody filled in the form of a lead ad.
    Lead(Lead),
    /// A failure that is no message's, by its code.
    Failure(u32),
    /// Something else, by its field.
    Other(String),
}

/// A message that somebody wrote to a WhatsApp number.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Meta's id of the number that it was written to.
    pub number: String,
    /// Meta's id of it (`wamid.…`): the same each time it is told.
    pub id: String,
    /// Who wrote; nobody where the system tells something itself.
    pub from: Party,
    /// What they call themselves.
    pub name: Option<String>,
    /// The username that they go by, if any.
    pub username: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The message that it answers, by Meta's id.
    pub answers: Option<String>,
    /// What it says.
    pub content: Content,
}

/// Somebody on WhatsApp.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// The digits of their number, without a `+`; none where Meta does not show it.
    pub number: Option<String>,
    /// The id that Meta gives them towards this business; none in what Meta tells the old way.
    pub user: Option<String>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A text.
    Text(String),
    /// A button of a template was pressed.
    Button {
        /// What the button stands for.
        payload: String,
        /// What is written on it.
        text: String,
    },
    /// A choice among buttons or of a list.
    Choice {
        /// The id of what was chosen.
        id: String,
        /// What is written on it.
        title: String,
    },
    /// A picture, a recording, a film, a document or a sticker.
    Media {
        /// Which of them, in Meta's word.
        kind: String,
        /// Meta's id, under which it can be fetched.
        id: String,
        /// Its type.
        mime_type: Option<String>,
        /// What is written beneath it.
        caption: Option<String>,
        /// What a document is called.
        filename: Option<String>,
    },
    /// Something else, in Meta's word: `location`, `contacts`, `reaction`, `unsupported`.
    Other(String),
}

/// What became of a WhatsApp message that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Meta's id of the number that it was sent from.
    pub number: String,
    /// Meta's id of the message, which [`CloudWhatsApp`](crate::CloudWhatsApp) returned.
    pub id: String,
    /// Our id of it.
    pub ours: Option<String>,
    /// What became of it.
    pub state: DeliveryState,
    /// When.
    pub at: Timestamp,
    /// Whom it was for.
    pub to: Party,
    /// Why not, by Meta's code: <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/>.
    pub error: Option<u32>,
    /// What it is charged as: `utility`, `marketing`, `authentication`, `service`.
    pub category: Option<String>,
}

/// Where Meta's look at a WhatsApp template stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateStatus {
    /// Meta's id of the account that has the template.
    pub account: String,
    /// What it is called there.
    pub name: String,
    /// Its language, as Meta writes it: `en_US`, `en-US`.
    pub language: String,
    /// Where it stands.
    pub standing: TemplateStanding,
    /// When, in whole seconds; none where Meta does not say.
    pub at: Option<Timestamp>,
}

/// A form of a lead ad was filled in. What is in it must be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Meta's id of it: the same each time it is told.
    pub id: String,
    /// The page that the form belongs to.
    pub page: String,
    /// The form.
    pub form: String,
    /// The ad; none where nobody paid for it.
    pub ad: Option<String>,
    /// The group of ads.
    pub ad_group: Option<String>,
    /// When.
    pub at: Timestamp,
}
