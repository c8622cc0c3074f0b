//! What Meta writes.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The longest id.
const MAX_ID: usize = 256;

#[derive(Deserialize)]
pub(super) struct Body {
    pub(super) entry: Vec<Entry>,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    /// Read where it is needed, as Meta does not count in seconds everywhere.
    #[serde(default)]
    pub(super) id: Value,
    #[serde(default)]
    pub(super) time: Value,
    #[serde(default)]
    pub(super) changes: Vec<Change>,
}

#[derive(Deserialize)]
pub(super) struct Change {
    pub(super) field: String,
    #[serde(default)]
    pub(super) value: Value,
}

#[derive(Deserialize)]
pub(super) struct WhatsAppValue {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) contacts: Vec<Contact>,
    #[serde(default)]
    pub(super) messages: Vec<InMessage>,
    #[serde(default)]
    pub(super) statuses: Vec<InStatus>,
    #[serde(default)]
    pub(super) errors: Vec<InError>,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) phone_number_id: Id,
}

#[derive(Deserialize)]
pub(super) struct Contact {
    pub(super) wa_id: Option<Id>,
    pub(super) user_id: Option<Id>,
    #[serde(default)]
    pub(super) profile: Profile,
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct Profile {
    pub(super) name: Option<String>,
    pub(super) username: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct InMessage {
    pub(super) id: Id,
    pub(super) from: Option<Id>,
    pub(super) from_user_id: Option<Id>,
    pub(super) timestamp: Seconds,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) context: Option<Context>,
    #[serde(flatten)]
    pub(super) rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Context {
    pub(super) id: Option<Id>,
}

#[derive(Deserialize)]
pub(super) struct InText {
    pub(super) body: String,
}

#[derive(Deserialize)]
pub(super) struct InButton {
    #[serde(default)]
    pub(super) payload: String,
    #[serde(default)]
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct InInteractive {
    #[serde(alias = "list_reply")]
    pub(super) button_reply: Option<InChoice>,
}

#[derive(Deserialize)]
pub(super) struct InChoice {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: String,
}

#[derive(Deserialize)]
pub(super) struct InMedia {
    pub(super) id: Id,
    pub(super) mime_type: Option<String>,
    pub(super) caption: Option<String>,
    pub(super) filename: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct InStatus {
    pub(super) id: Id,
    pub(super) status: String,
    pub(super) timestamp: Seconds,
    pub(super) recipient_id: Option<Id>,
    pub(super) recipient_user_id: Option<Id>,
    pub(super) biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<InError>,
    pub(super) pricing: Option<Pricing>,
}

#[derive(Deserialize)]
pub(super) struct Pricing {
    pub(super) category: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct InError {
    pub(super) code: u32,
}

#[derive(Deserialize)]
pub(super) struct InTemplate {
    pub(super) event: String,
    pub(super) message_template_name: String,
    pub(super) message_template_language: String,
    pub(super) reason: Option<String>,
    pub(super) rejection_info: Option<InRejection>,
}

#[derive(Deserialize)]
pub(super) struct InRejection {
    pub(super) reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct InLead {
    pub(super) leadgen_id: Id,
    pub(super) page_id: Id,
    pub(super) form_id: Id,
    pub(super) ad_id: Option<Id>,
    pub(super) adgroup_id: Option<Id>,
    pub(super) created_time: Seconds,
}

/// An id, which Meta writes as a text or as a number.
pub(super) struct Id(pub(super) String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return Err(D::Error::custom("an id is a text or a number")),
        };
        let good = (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if good { Ok(Self(text)) } else { Err(D::Error::custom("it is no id")) }
    }
}

/// Seconds since 1970, which Meta writes as a text or as a number.
pub(super) struct Seconds(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Id(text) = Id::deserialize(deserializer)?;
        let seconds: i64 = text.parse().map_err(D::Error::custom)?;
        Timestamp::from_second(seconds).map(Self).map_err(D::Error::custom)
    }
}
