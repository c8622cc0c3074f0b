//! WhatsApp messages. Each provider is a [`WhatsApp`].

mod cloud;
mod media;
mod received;
mod templates;

use crate::{Attachment, SendError};

pub use cloud::CloudWhatsApp;
pub use received::CloudMedia;
pub use templates::{CloudTemplates, TemplateStanding};

/// A WhatsApp message.
#[derive(Clone, PartialEq, Eq)]
pub struct WhatsAppMessage {
    /// Our id of it: the same at each try. Providers that can, tell it again with what becomes of the message.
    pub id: String,
    /// Who gets it.
    pub to: WhatsAppRecipient,
    /// What it says.
    pub body: WhatsAppBody,
}

/// Who gets a WhatsApp message.
#[derive(Clone, PartialEq, Eq)]
pub enum WhatsAppRecipient {
    /// A number in the form of E.164. Meta asks for it wherever it is known, and then goes on telling it.
    Number(String),
    /// Somebody who goes by a username, by the id that Meta gives them towards this business: two letters of a country, a
    /// point, letters and digits.
    ///
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids>
    User(String),
}

/// It holds somebody's number and what they are told.
impl std::fmt::Debug for WhatsAppMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhatsAppMessage").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a WhatsApp message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhatsAppBody {
    /// Free text, 1 to 4,096 characters: for those alone who wrote within the last 24 hours.
    Text {
        /// The text.
        text: String,
        /// Whether its first address is shown as a picture of what lies there.
        preview: bool,
    },
    /// A file: likewise for those alone who wrote within the last 24 hours.
    Media(WhatsAppMedia),
    /// A template that WhatsApp approved.
    Template(WhatsAppTemplate),
}

/// A file and the words below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatsAppMedia {
    /// The file: a picture, a film, sound or else a document.
    pub file: Attachment,
    /// The words, 1 to 1,024 characters; sound has none.
    pub caption: Option<String>,
}

/// An approved template and what stands in its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatsAppTemplate {
    /// Its name.
    pub name: String,
    /// Its language, as WhatsApp writes it: `en`, `en_US`, `hi`.
    pub language: String,
    /// What stands in its places; a part without places is not named.
    pub components: Vec<TemplateComponent>,
}

/// What stands in the places of one part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateComponent {
    /// Of its head: a text, a picture or a document.
    Header(TemplateValue),
    /// Of its body, in order.
    Body(Vec<TemplateValue>),
    /// Of a button that opens an address: the end of it.
    UrlButton {
        /// The button's place, from 0.
        index: u8,
        /// What follows the address that is in the template.
        suffix: String,
    },
    /// Of a button that answers.
    ReplyButton {
        /// The button's place, from 0.
        index: u8,
        /// What comes back when it is pressed.
        payload: String,
    },
}

/// What stands in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateValue {
    /// A text.
    Text {
        /// The name of the place, in a template that names its places; the order says it in others.
        name: Option<String>,
        /// The text.
        text: String,
    },
    /// A picture, by its public address.
    Image(String),
    /// A document, by its public address.
    Document {
        /// The address.
        link: String,
        /// What it is called.
        name: String,
    },
}

/// Hands WhatsApp messages to a provider.
#[async_trait::async_trait]
pub trait WhatsApp: std::fmt::Debug + Send + Sync {
    /// Hands one over and returns the provider's id of it.
    async fn send(&self, message: &WhatsAppMessage) -> Result<String, SendError>;
}
