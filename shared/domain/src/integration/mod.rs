//! An organization's connection to a service of others: what it is set to, its secrets, how it fares.

mod credentials;
mod health;
mod provider;
mod redact;
mod settings;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use credentials::{Credential, Credentials, CredentialsPatch};
pub use health::{Circuit, IntegrationHealth};
pub use provider::{
    ACCESS_KEY_ID, ACCESS_TOKEN, APP_SECRET, AUTH_KEY, AUTH_TOKEN, CredentialKind, PASSWORD, Provider,
    SECRET_ACCESS_KEY, SIGNING_SECRET, VERIFY_TOKEN,
};
pub use redact::{MAX_KEPT, redacted};
pub use settings::{
    AwsRegion, ConfigurationSet, Facebook, Intake, IntegrationSettings, MailSecurity, MetaId, Msg91, Ses,
    SettingsNames, SmsHeader, Smtp, Strangers, Telephony, TopicArn, Twilio, TwilioAccount, Whatsapp,
};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{Change, FieldInvalid, IntegrationId, Label, OrganizationId};

/// An organization has at most so many connections.
pub const MAX_INTEGRATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(50 - 1);

/// A connection to a service of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    /// What every record carries.
    pub meta: Meta,
    /// Its id, which the address that the provider calls ends with.
    pub id: IntegrationId,
    /// Whose service it is.
    pub provider: Provider,
    /// What people call it.
    pub name: Label,
    /// Whether what the provider tells is taken. One that is paused answers as if it did not exist.
    pub is_active: bool,
    /// What its provider's handler needs to know.
    pub settings: IntegrationSettings,
    /// Its secrets.
    #[serde(default)]
    pub credentials: Credentials,
    /// When each of them was set.
    #[serde(default)]
    pub credentials_set_at: BTreeMap<String, Timestamp>,
}

/// A merge update: `None` keeps.
#[derive(Debug, Clone, Default)]
pub struct IntegrationPatch {
    /// What people call it.
    pub name: Option<Label>,
    /// Whether it takes what is told.
    pub is_active: Option<bool>,
    /// What the handler needs to know, whole.
    pub settings: Option<IntegrationSettings>,
    /// Secrets that are set or cleared.
    pub credentials: CredentialsPatch,
}

impl Integration {
    /// A new connection.
    pub fn create(
        id: IntegrationId,
        organization: OrganizationId,
        (provider, name): (Provider, Label),
        settings: IntegrationSettings,
        credentials: &CredentialsPatch,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let mut integration = Self {
            meta: Meta::new(organization, now),
            id,
            provider,
            name,
            is_active: true,
            settings,
            credentials: Credentials::default(),
            credentials_set_at: BTreeMap::new(),
        };
        integration.set(credentials, now)?;
        Ok(Change::create(integration, "integration.created").with("provider", provider))
    }

    /// Changes what the patch names.
    pub fn update(self, patch: &IntegrationPatch, now: Timestamp) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let IntegrationPatch { name, is_active, settings, credentials } = patch.clone();
        let mut after = self.clone();
        after.name = name.unwrap_or(after.name);
        after.is_active = is_active.unwrap_or(after.is_active);
        after.settings = settings.unwrap_or(after.settings);
        after.set(&credentials, now)?;
        after.meta.updated_at = now;
        Ok(Change::update(self, after, "integration.updated"))
    }

    fn set(&mut self, credentials: &CredentialsPatch, now: Timestamp) -> Result<(), Vec<FieldInvalid>> {
        self.credentials = self.credentials.merged(self.provider, credentials)?;
        for (name, credential) in credentials {
            match credential {
                Some(_) => drop(self.credentials_set_at.insert(name.clone(), now)),
                None => drop(self.credentials_set_at.remove(name)),
            }
        }
        Ok(())
    }

    /// Whether it has all that its provider cannot do without.
    pub fn is_configured(&self) -> bool {
        self.credentials.missing(self.provider).is_none()
    }

    /// Whether it sends messages: it is not paused, and has all that it takes.
    pub fn sends(&self) -> bool {
        self.is_active && self.is_configured() && self.settings.sends()
    }

    /// The claim that leads from the address that a provider calls to the organization.
    pub fn address_claim(id: IntegrationId) -> Claim {
        Claim::platform("address", id.to_string())
    }
}

impl Record for Integration {
    const KIND: &'static str = "integration";
    type Id = IntegrationId;

    fn id(&self) -> IntegrationId {
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
        vec![Self::address_claim(self.id)]
    }
    /// Numbers of people stand in the settings.
    const SEALED: &'static [&'static str] = &["credentials", "settings"];
    /// No history holds a secret; that one was set stands in `credentials_set_at`.
    const DERIVED: &'static [&'static str] = &["credentials"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BranchId, UserId};

    fn a_connection(now: Timestamp) -> Change<Integration> {
        let credentials =
            CredentialsPatch::from([(AUTH_TOKEN.to_owned(), Some("not-a-real-token".parse().expect("a secret")))]);
        let settings = IntegrationSettings::of(Provider::Twilio, UserId::at(now, [1; 10]), BranchId::at(now, [2; 10]));
        let name = "Main line".parse().expect("a label");
        Integration::create(
            IntegrationId::at(now, [3; 10]),
            OrganizationId::PLATFORM,
            (Provider::Twilio, name),
            settings,
            &credentials,
            now,
        )
        .expect("a connection")
    }

    #[test]
    fn a_changed_secret_is_a_change_that_does_not_show_it() {
        let now = Timestamp::UNIX_EPOCH;
        let before = a_connection(now).after;
        assert!(before.is_configured());
        let credentials =
            CredentialsPatch::from([(AUTH_TOKEN.to_owned(), Some("another-not-real".parse().expect("a secret")))]);
        let patch = IntegrationPatch { credentials, ..IntegrationPatch::default() };
        let change = before.update(&patch, now + jiff::SignedDuration::from_secs(1)).expect("a change");
        let told = serde_json::to_string(&change.changes()).expect("JSON");
        assert!(told.contains("credentials_set_at") && !told.contains("real"), "{told}");
        let cleared = CredentialsPatch::from([(AUTH_TOKEN.to_owned(), None)]);
        let patch = IntegrationPatch { credentials: cleared, ..IntegrationPatch::default() };
        let cleared = change.after.update(&patch, now).expect("a change").after;
        assert!(!cleared.is_configured() && cleared.credentials_set_at.is_empty());
    }
}
