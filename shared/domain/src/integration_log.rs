//! What connections to services of others did: a row for each piece of work that is worth knowing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::integration::{Provider, redacted};
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, IntegrationId, IntegrationLogId, Invalid, Label, Line, OrganizationId, Prose, UserId};

/// A row is kept for so many days.
pub const KEPT_DAYS: i64 = 90;

wire_enum! {
    /// How a piece of work with a service of others went.
    IntegrationOutcome, "unknown_status",
    /// Well.
    Success = "success",
    /// It could not be done.
    Failure = "failure",
    /// It was done, but somebody should look.
    Warning = "warning",
    /// Neither: something worth knowing.
    Info = "info",
}

/// What is told of a piece of work.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegrationWork {
    /// The service, or the part of it: `facebook_leads`.
    pub integration_name: Label,
    /// The connection, where it is one of ours.
    pub integration: Option<IntegrationId>,
    /// What was done: `lead_sync`.
    pub activity_type: Line<80>,
    /// The same for people.
    pub description: Option<Prose<2_000>>,
    /// How it went.
    pub status: IntegrationOutcome,
    /// What was asked.
    pub request_data: Option<Value>,
    /// What was answered.
    pub response_data: Option<Value>,
    /// How long it took, in milliseconds.
    pub execution_time: Option<u32>,
    /// How many records it was about.
    pub records_processed: Option<u32>,
}

/// A row of the log. What was asked and answered is kept [without secrets and cut](redacted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationLog {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: IntegrationLogId,
    /// The service, or the part of it.
    pub integration_name: Label,
    /// The connection, where it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<IntegrationId>,
    /// What was done.
    pub activity_type: Line<80>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose<2_000>>,
    /// How it went.
    pub status: IntegrationOutcome,
    /// What was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_data: Option<Value>,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_data: Option<Value>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time: Option<u32>,
    /// How many records it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_processed: Option<u32>,
    /// Who told it; nobody where a worker did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
}

impl IntegrationWork {
    /// Work over a connection of ours, with nothing told of it but what was done and how it went. Refused where that does not
    /// read.
    pub fn over(
        (integration, provider): (IntegrationId, Provider),
        activity: &str,
        status: IntegrationOutcome,
    ) -> Result<Self, Invalid> {
        Ok(Self {
            integration_name: provider.as_str().parse()?,
            integration: Some(integration),
            activity_type: activity.parse()?,
            description: None,
            status,
            request_data: None,
            response_data: None,
            execution_time: None,
            records_processed: None,
        })
    }
}

impl IntegrationLog {
    /// A row is written.
    pub fn write(
        id: IntegrationLogId,
        organization: OrganizationId,
        work: IntegrationWork,
        created_by: Option<UserId>,
        now: Timestamp,
    ) -> Change<Self> {
        let IntegrationWork {
            integration_name,
            integration,
            activity_type,
            description,
            status,
            request_data,
            response_data,
            execution_time,
            records_processed,
        } = work;
        let log = Self {
            meta: Meta::new(organization, now),
            id,
            integration_name,
            integration_id: integration,
            activity_type,
            description,
            status,
            request_data: request_data.map(redacted),
            response_data: response_data.map(redacted),
            execution_time,
            records_processed,
            created_by,
        };
        Change::create(log, "integration_log.written")
    }

    /// The value of the list of a service's rows: the first word of its name, so that `facebook` finds those of
    /// `facebook_leads`, too.
    pub fn name_value(name: &str) -> String {
        let lower = name.trim().to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default().to_owned()
    }

    /// Whether it is of the service that somebody asks for: by its name or how that begins, in any case.
    pub fn is_of(&self, name: &str) -> bool {
        self.integration_name.as_str().to_lowercase().starts_with(&name.trim().to_lowercase())
    }
}

impl Record for IntegrationLog {
    const KIND: &'static str = "integration_log";
    type Id = IntegrationLogId;

    fn id(&self) -> IntegrationLogId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![
            List::new(Slot::One, "all", ""),
            List::new(Slot::Two, "name", Self::name_value(self.integration_name.as_str())),
            List::new(Slot::Three, "status", self.status),
        ]
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.meta.created_at + SignedDuration::from_hours(24 * KEPT_DAYS))
    }
    /// Services of others are told of people.
    const SEALED: &'static [&'static str] = &["description", "request_data", "response_data"];
    /// It is an account of what happened itself, and never changes.
    const REMEMBERED: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_by_how_its_name_begins() {
        for (name, value) in [("facebook_leads", "facebook"), ("Facebook Ads", "facebook"), (" SES ", "ses"), ("_", "")]
        {
            assert_eq!(IntegrationLog::name_value(name), value, "{name}");
        }
    }
}
