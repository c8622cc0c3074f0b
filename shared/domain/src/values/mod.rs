//! Values: text becomes one of these at the edge and stays one. Each refuses with an [`Invalid`]
//! that names the rule and never repeats the refused value.
//!
//! [`Invalid`]: crate::Invalid

mod currency;
mod custom_fields;
mod email_address;
mod https_url;
mod money;
mod person_name;
mod phone;
mod priority;
mod tag;
mod text;
mod wire;

pub use currency::Currency;
pub use custom_fields::CustomFields;
pub use email_address::EmailAddress;
pub use https_url::HttpsUrl;
pub use money::{Amount, Money, MoneyError};
pub use person_name::PersonName;
pub use phone::{Phone, Region};
pub use priority::{Priority, PrioritySpelling};
pub use tag::{Tag, Tags};
pub use text::{Label, Line, Note, Prose};
pub(crate) use wire::{wire_enum, wire_text};
