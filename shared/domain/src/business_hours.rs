//! When an organization works, as a record: one an organization.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Holiday, Week};
use crate::organization::zone;
use crate::record::{Meta, Record};
use crate::{BusinessHoursId, Change, FieldInvalid, Invalid, OrganizationId};

/// When an organization works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessHours {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the organization's UUID, as there is one an organization.
    pub id: BusinessHoursId,
    /// The IANA zone of its windows; the organization's where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The windows of a week.
    pub week: Week,
    /// The days on which nobody works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
}

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct BusinessHoursPatch {
    /// The zone.
    pub zone: Option<Option<String>>,
    /// The windows of a week.
    pub week: Option<Week>,
    /// The days on which nobody works.
    pub holidays: Option<Vec<Holiday>>,
}

impl BusinessHours {
    /// The id of an organization's.
    pub const fn id_of(organization: OrganizationId) -> BusinessHoursId {
        BusinessHoursId::from_uuid(organization.uuid())
    }

    /// What an organization has that has not told any: Monday to Friday, nine to six.
    pub fn new(organization: OrganizationId, now: Timestamp) -> Self {
        let (meta, id) = (Meta::new(organization, now), Self::id_of(organization));
        Self { meta, id, zone: None, week: Week::usual(), holidays: Vec::new() }
    }

    /// Changes them. Refused where the zone is unknown, or where no window opens within a year: what waits for working time
    /// would wait for ever. `usual` is the organization's zone.
    pub fn update(
        self,
        patch: BusinessHoursPatch,
        usual: &TimeZone,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let BusinessHoursPatch { zone: named, week, holidays } = patch;
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.zone = named.unwrap_or(after.zone);
        after.week = week.unwrap_or(after.week);
        after.holidays = holidays.unwrap_or(after.holidays);
        if let Some(invalid) = after.zone.as_deref().and_then(|name| zone(name).err()) {
            return Err(vec![FieldInvalid::new("zone", invalid)]);
        }
        if !after.calendar(usual).opens(now) {
            let invalid = Invalid::new("never_open", "must have a window that opens within a year");
            return Err(vec![FieldInvalid::new("week", invalid)]);
        }
        // Only a record that is there has a version to be changed.
        let kind = "business_hours.updated";
        Ok(if self.meta.version == 0 { Change::create(after, kind) } else { Change::update(self, after, kind) })
    }

    /// As a calendar; `usual` is the organization's zone.
    pub fn calendar(&self, usual: &TimeZone) -> Calendar {
        let own = self.zone.as_deref().and_then(|name| zone(name).ok());
        Calendar::new(own.unwrap_or_else(|| usual.clone()), self.week.clone(), self.holidays.clone())
    }
}

impl Record for BusinessHours {
    const KIND: &'static str = "business_hours";
    type Id = BusinessHoursId;

    fn id(&self) -> BusinessHoursId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
}
