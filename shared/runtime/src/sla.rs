//! Service levels: what events, the clock and people have in common.

use std::sync::Arc;

use domain::calendar::Calendar;
use domain::sla::{MAX_POLICIES, TargetKind};
use domain::{BusinessHours, Grant, LeadId, Organization, SlaClockId, SlaPolicy, SlaPolicyId, Slot};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{ListQuery, StoreError, there};

use crate::{BELIEVED, Platform};

impl Platform {
    /// The organization's service levels, as they were within the last 30 seconds: 1 Query, or nothing.
    pub async fn sla_policies(&self, grant: &Grant) -> Result<Arc<Vec<SlaPolicy>>, StoreError> {
        let (organization, now) = (grant.organization(), self.now());
        if let Some(known) = self.policies().get(organization, now) {
            return Ok(known);
        }
        let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", MAX_POLICIES) };
        let policies = Arc::new(self.table().list::<SlaPolicy>(grant, &query, |_| true).await?.records);
        self.policies().put(organization, Arc::clone(&policies), now + BELIEVED);
        Ok(policies)
    }

    /// The id of the clock of these, and of no other: whoever knows them finds it without a look-up.
    pub fn sla_clock_id(&self, policy: SlaPolicyId, target: TargetKind, lead: LeadId) -> SlaClockId {
        let parts = [policy.to_string(), lead.to_string()];
        let bits = self.table().hash_key().id_bits(&["sla_clock", &parts[0], target.as_str(), &parts[1]]);
        // An id begins with milliseconds of the epoch.
        let millis = i64::try_from(lead.uuid().as_u128() >> 80).unwrap_or(0);
        SlaClockId::at(Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH), bits)
    }

    /// When the organization works: 2 reads.
    pub async fn calendar(&self, grant: &Grant) -> Result<Calendar, StoreError> {
        let id = grant.organization();
        let hours: Option<BusinessHours> = there(self.table().get(grant, BusinessHours::id_of(id)).await)?;
        let organization: Option<Organization> = there(self.table().get(grant, id).await)?;
        let zone = organization.map_or(TimeZone::UTC, |organization| organization.time_zone());
        Ok(hours.unwrap_or_else(|| BusinessHours::new(id, self.now())).calendar(&zone))
    }
}
