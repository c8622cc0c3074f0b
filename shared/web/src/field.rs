//! A field of a request: absent, null, given, or given wrong. It never fails while the body is read,
//! so that every wrong field of a body is told at once.

use domain::{
    AgentStatus, AnalyticsEventId, ApprovalWorkflowId, BranchId, CallDirection, CallId, CallOutcome, CallStatus,
    CampaignId, CampaignStatus, CampaignType, CommunicationDirection, CommunicationId, CommunicationStatus,
    CommunicationType, ContactChannel, ContactPurpose, CustomFields, EmailAddress, FieldInvalid, FileName, FormId,
    HttpsUrl, Invalid, LeadId, Line, NoteEntity, NoteId, NoteType, NotificationType, OrganizationId, PersonName, Phone,
    Priority, Prose, ReminderId, ReminderStatus, ReminderType, SegmentId, Tag, Tags, TemplateId, UserId,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::__dev::ComposeSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

/// A field of a body that is merged into a record: absent keeps, `null` clears, a value sets.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Field<T> {
    /// Not in the body.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// A value.
    Given(T),
    /// Something that is not a value of this type.
    Wrong(Vec<FieldInvalid>),
}

/// What can be read from a JSON value with a refusal in our words.
pub trait FromWire: Sized {
    /// Reads it. A refusal with an empty field belongs to the value itself.
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>>;
}

fn own(invalid: Invalid) -> Vec<FieldInvalid> {
    vec![FieldInvalid::new("", invalid)]
}

impl<'de, T: FromWire> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => T::from_wire(value).map_or_else(Self::Wrong, Self::Given),
        })
    }
}

impl<T> Field<T> {
    /// The value where it was given; a wrong one is added to `wrong` under `name`.
    pub fn optional(self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
        self.patch(name, wrong).flatten()
    }

    /// The value, which must be given.
    pub fn required(self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
        if matches!(self, Self::Absent | Self::Null) {
            wrong.push(FieldInvalid::new(name, Invalid::required()));
        }
        self.optional(name, wrong)
    }

    /// The new value where it is given, of a field that cannot be cleared: `null` is refused.
    pub fn replaced(self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<T> {
        if matches!(self, Self::Null) {
            wrong.push(FieldInvalid::new(name, Invalid::required()));
        }
        self.optional(name, wrong)
    }

    /// `None` where it is absent, `Some(None)` where it clears, `Some(Some(value))` where it sets.
    pub fn patch(self, name: &str, wrong: &mut Vec<FieldInvalid>) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Given(value) => Some(Some(value)),
            Self::Wrong(errors) => {
                wrong.extend(errors.into_iter().map(|FieldInvalid { field, invalid }| {
                    let field = match field.as_str() {
                        "" => name.to_owned(),
                        inner => format!("{name}.{inner}"),
                    };
                    FieldInvalid { field, invalid }
                }));
                None
            }
        }
    }

    /// Whether the body has it.
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

macro_rules! text_from_wire {
    ($($name:ty),* $(,)?) => {$(
        impl FromWire for $name {
            fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
                match value {
                    Value::String(text) => text.parse().map_err(own),
                    _ => Err(own(Invalid::new("not_text", "must be text"))),
                }
            }
        }
    )*};
}

text_from_wire!(
    AgentStatus,
    AnalyticsEventId,
    ApprovalWorkflowId,
    BranchId,
    CallDirection,
    CallId,
    CallOutcome,
    CallStatus,
    CampaignId,
    CampaignStatus,
    CampaignType,
    CommunicationDirection,
    CommunicationId,
    CommunicationStatus,
    CommunicationType,
    ContactChannel,
    ContactPurpose,
    EmailAddress,
    FileName,
    FormId,
    HttpsUrl,
    LeadId,
    NoteEntity,
    NoteId,
    NoteType,
    NotificationType,
    OrganizationId,
    PersonName,
    Priority,
    ReminderId,
    ReminderStatus,
    ReminderType,
    SegmentId,
    Tag,
    TemplateId,
    UserId,
    domain::ContactAddress,
    domain::Currency,
    domain::PersonalField,
    domain::Plan,
    domain::Role,
    domain::integration::MetaId,
    domain::RoleKey,
    domain::campaign::ScheduleType,
    domain::campaign::WinnerMetric,
    domain::webhook::EventPattern,
    domain::webhook::WebhookUrl,
    domain::integration::Credential,
    domain::integration::Provider,
    domain::integration_log::IntegrationOutcome,
    domain::outreach::ConsentState,
    domain::outreach::DltCategory,
    domain::outreach::SuppressionReason,
    domain::template::TemplateChannel,
    domain::template::VariableType,
);

impl<const MAX: usize> FromWire for Line<MAX> {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        match value {
            Value::String(text) => text.parse().map_err(own),
            _ => Err(own(Invalid::new("not_text", "must be text"))),
        }
    }
}

impl<const MAX: usize> FromWire for Prose<MAX> {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        match value {
            Value::String(text) => text.parse().map_err(own),
            _ => Err(own(Invalid::new("not_text", "must be text"))),
        }
    }
}

/// As people write it; without a country code it is read as dialled in India.
impl FromWire for Phone {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        match value {
            Value::String(text) => Self::parse(&text, domain::Region::default()).map_err(own),
            _ => Err(own(Invalid::new("not_text", "must be text"))),
        }
    }
}

/// Text as it is, for what is checked elsewhere (a password, a stage's key).
impl FromWire for String {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        match value {
            Value::String(text) if text.len() <= 4_096 => Ok(text),
            Value::String(_) => Err(own(Invalid::new("too_long", "must have at most 4,096 bytes"))),
            _ => Err(own(Invalid::new("not_text", "must be text"))),
        }
    }
}

/// RFC 3339, in any zone.
impl FromWire for Timestamp {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let invalid = || own(Invalid::new("not_a_time", "must be a time in RFC 3339, as in 2026-01-31T10:00:00Z"));
        value.as_str().and_then(|text| text.trim().parse().ok()).ok_or_else(invalid)
    }
}

impl FromWire for bool {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        value.as_bool().ok_or_else(|| own(Invalid::new("not_boolean", "must be true or false")))
    }
}

/// No more than the document's `int32` holds.
impl FromWire for u32 {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        value
            .as_u64()
            .and_then(|number| i32::try_from(number).ok())
            .map(i32::unsigned_abs)
            .ok_or_else(|| own(Invalid::new("not_whole_number", "must be a whole number from 0 to 2,147,483,647")))
    }
}

/// Anything, within the bounds of the body.
impl FromWire for Value {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        Ok(value)
    }
}

/// An object, checked by whoever merges it.
impl FromWire for Map<String, Value> {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        match value {
            Value::Object(map) => Ok(map),
            _ => Err(own(Invalid::new("not_object", "must be an object"))),
        }
    }
}

impl FromWire for CustomFields {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        Self::new(Map::from_wire(value)?)
    }
}

/// At most so many elements in a list of a body.
const MAX_ELEMENTS: usize = 1_000;

impl<T: FromWire> FromWire for Vec<T> {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let Value::Array(values) = value else { return Err(own(Invalid::new("not_list", "must be a list"))) };
        if values.len() > MAX_ELEMENTS {
            return Err(own(Invalid::new("too_many", "must have at most 1,000 elements")));
        }
        let mut wrong = Vec::new();
        let mut elements = Self::with_capacity(values.len());
        for (place, value) in values.into_iter().enumerate() {
            match T::from_wire(value) {
                Ok(element) => elements.push(element),
                Err(errors) => wrong.extend(errors.into_iter().map(|FieldInvalid { field, invalid }| {
                    let field = if field.is_empty() { place.to_string() } else { format!("{place}.{field}") };
                    FieldInvalid { field, invalid }
                })),
            }
        }
        if wrong.is_empty() { Ok(elements) } else { Err(wrong) }
    }
}

impl FromWire for Tags {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        Self::new(Vec::<Tag>::from_wire(value)?).map_err(own)
    }
}

/// The schema of a field is its value's, or null. (`ComposeSchema` is what utoipa's own derive
/// implements; a type that implements `PartialSchema` alone cannot stand inside `Option` or `Vec`.)
impl<T: ComposeSchema> ComposeSchema for Field<T> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let value = generics.into_iter().next().unwrap_or_else(|| T::compose(Vec::new()));
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(value).item(null).into()
    }
}

impl<T: ComposeSchema> utoipa::ToSchema for Field<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Field".into()
    }
}
