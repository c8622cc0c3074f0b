//! What automations are about.

use domain::automation::{Seen, Subject};
use domain::{Grant, Lead, LeadId};

use crate::error::{StoreError, there};
use crate::table::Table;

impl Table {
    /// A subject of automations as it is now, with the lead that it belongs to; `None` where it is not there, or not in the
    /// grant's rows. 1 read unit, 1 more for the lead of another record.
    pub async fn seen(&self, grant: &Grant, subject: &Subject) -> Result<Option<Seen>, StoreError> {
        let seen = match subject {
            Subject::Lead(id) => there::<Lead>(self.get_to_change(grant, *id).await)?.map(Seen::of_lead),
            Subject::Call(id) => match there::<domain::Call>(self.get_to_change(grant, *id).await)? {
                Some(call) => {
                    let lead = self.lead_of(grant, call.lead_id).await?;
                    Some(Seen { lead, call: Some(call), reminder: None })
                }
                None => None,
            },
            Subject::Reminder(id) => match there::<domain::Reminder>(self.get_to_change(grant, *id).await)? {
                Some(reminder) => {
                    let lead = self.lead_of(grant, reminder.lead_id).await?;
                    Some(Seen { lead, call: None, reminder: Some(reminder) })
                }
                None => None,
            },
        };
        Ok(seen)
    }

    async fn lead_of(&self, grant: &Grant, lead: Option<LeadId>) -> Result<Option<Lead>, StoreError> {
        match lead {
            Some(lead) => there(self.get_to_change(grant, lead).await),
            None => Ok(None),
        }
    }
}
