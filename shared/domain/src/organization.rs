//! An organization: a tenant with its zone, its plan's limits and its settings.

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{Change, Currency, FieldInvalid, Invalid, OrganizationId, Plan, SettingsId};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// What every record carries.
    pub meta: Meta,
    /// Its id, also its tenant key.
    pub id: OrganizationId,
    /// Its name, as people write it.
    pub name: String,
    /// Its people's IANA zone.
    pub zone: String,
    /// Its usual currency.
    pub currency: Currency,
    /// Its plan.
    #[serde(default)]
    pub plan: Plan,
    /// How often its people may ask.
    pub limits: Limits,
    /// How its people sign in.
    #[serde(default)]
    pub security: SecurityPolicy,
    /// By which people register themselves as its members, where it lets them; unique on the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_code: Option<String>,
}

/// A join code has so many characters.
pub const JOIN_CODE_LENGTH: usize = 12;

/// How an organization's people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecurityPolicy {
    /// Whether whoever has the admin role must use a second factor.
    pub admin_second_factor: bool,
    /// Days that a new administrator may sign in without one: 0 to 30.
    #[schema(maximum = 30)]
    pub second_factor_grace_days: u8,
}

impl Default for SecurityPolicy {
    fn default() -> Self {
        Self { admin_second_factor: true, second_factor_grace_days: 7 }
    }
}

/// How often one person may ask. The defaults are the four figures of the insurance product's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Limits {
    /// Requests an hour for one person.
    pub requests_per_hour: u32,
    /// Uploads an hour for one person.
    pub uploads_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_per_hour: 1_000, uploads_per_hour: 10 }
    }
}

impl Organization {
    /// A new one, with the defaults of an Indian business.
    pub fn new(id: OrganizationId, name: String, zone: &TimeZone, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(id, now),
            id,
            name,
            zone: zone.iana_name().unwrap_or("Asia/Kolkata").to_owned(),
            currency: Currency::default(),
            plan: Plan::default(),
            limits: Limits::default(),
            security: SecurityPolicy::default(),
            join_code: None,
        }
    }

    /// The claim on a join code.
    pub fn join_claim(code: &str) -> Claim {
        Claim::platform("join_code", code)
    }

    /// Its zone; a name that the zone database has since lost reads as UTC.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }
}

/// A zone by its IANA name.
pub fn zone(name: &str) -> Result<TimeZone, Invalid> {
    TimeZone::get(name).map_err(|_| Invalid::new("unknown_zone", "must be an IANA time zone, such as Asia/Kolkata"))
}

impl Record for Organization {
    const KIND: &'static str = "organization";
    type Id = OrganizationId;

    fn id(&self) -> OrganizationId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
    fn claims(&self) -> Vec<Claim> {
        self.join_code.iter().map(|code| Self::join_claim(code)).collect()
    }
}

/// At most so many settings an organization.
pub const MAX_SETTINGS: usize = 500;
/// At most so many bytes a setting's value, as JSON.
pub const MAX_SETTING_BYTES: usize = 4_096;
const MAX_NAME: usize = 100;

/// An organization's free settings: category → key → value, as the admissions product keeps them.
/// One record an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemSettings {
    /// What every record carries.
    pub meta: Meta,
    /// The values.
    pub values: IndexMap<String, IndexMap<String, Value>>,
}

impl SystemSettings {
    /// The id of an organization's settings.
    pub const fn id_of(organization: OrganizationId) -> SettingsId {
        SettingsId::from_uuid(organization.uuid())
    }

    /// No settings yet.
    pub fn new(organization: OrganizationId, now: Timestamp) -> Self {
        Self { meta: Meta::new(organization, now), values: IndexMap::new() }
    }

    /// Sets one value; `null` removes it.
    pub fn set(
        self,
        category: &str,
        key: &str,
        value: Value,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        for (field, text) in [("category", category), ("key", key)] {
            if text.is_empty() || text.len() > MAX_NAME || text.chars().any(char::is_control) {
                wrong.push(FieldInvalid::new(field, Invalid::new("length", "must have 1 to 100 characters")));
            }
        }
        if value.to_string().len() > MAX_SETTING_BYTES {
            wrong.push(FieldInvalid::new("value", Invalid::new("too_large", "must have at most 4,096 bytes as JSON")));
        }
        let mut after = self.clone();
        let entries = after.values.entry(category.to_owned()).or_default();
        if value.is_null() {
            entries.shift_remove(key);
        } else {
            entries.insert(key.to_owned(), value);
        }
        after.values.retain(|_, entries| !entries.is_empty());
        if after.values.values().map(IndexMap::len).sum::<usize>() > MAX_SETTINGS {
            wrong.push(FieldInvalid::new("key", Invalid::new("too_many", "there are 500 settings already")));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        after.meta.updated_at = now;
        Ok(if self.meta.version == 0 {
            Change::create(after, "settings.updated")
        } else {
            Change::update(self, after, "settings.updated")
        })
    }
}

impl Record for SystemSettings {
    const KIND: &'static str = "settings";
    type Id = SettingsId;

    fn id(&self) -> SettingsId {
        Self::id_of(self.meta.organization)
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
}
