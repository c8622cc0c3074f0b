//! How a connection looks from outside: without its secrets.

use domain::integration::{CredentialKind, Provider};
use domain::{Integration, IntegrationId, Label, Meta};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::ApiUrl;

/// A secret of a connection, which is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CredentialState {
    /// Its name in `credentials`.
    name: &'static str,
    /// Whether the connection takes nothing without it.
    required: bool,
    /// When it was set; `null` where it is not.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    set_at: Option<Timestamp>,
}

/// A connection to a service of others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Integration)]
pub(crate) struct IntegrationView {
    id: IntegrationId,
    /// Whose service it is.
    provider: Provider,
    name: Label,
    /// Whether it takes what its provider tells.
    is_active: bool,
    /// Whether it has the secrets that it cannot do without.
    configured: bool,
    /// By provider, as they are told.
    #[schema(value_type = Object)]
    settings: Value,
    /// Its secrets: which are set, and since when.
    credentials: Vec<CredentialState>,
    /// The address to give to the provider; `null` for one that calls none.
    #[schema(required)]
    webhook_url: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl IntegrationView {
    /// As callers of this API see it.
    pub(crate) fn new(integration: Integration, api: &ApiUrl) -> Self {
        let configured = integration.is_configured();
        let Integration {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            provider,
            name,
            is_active,
            settings,
            credentials: _,
            credentials_set_at,
        } = integration;
        let state = |kind: &CredentialKind| CredentialState {
            name: kind.name,
            required: kind.required,
            set_at: credentials_set_at.get(kind.name).copied(),
        };
        Self {
            id,
            provider,
            name,
            is_active,
            configured,
            settings: settings.shown(),
            credentials: provider.credentials().iter().map(state).collect(),
            webhook_url: provider.tells().then(|| format!("{}/webhooks/{provider}/{id}", api.0)),
            created_at,
            updated_at,
            version,
        }
    }
}
