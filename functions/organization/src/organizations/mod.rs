//! The caller's organization.

pub(crate) mod close;
pub(crate) mod open;
pub(crate) mod update;
pub(crate) mod view;

use domain::organization::{Limits, SecurityPolicy};
use domain::{Currency, Organization, OrganizationId, Plan};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationView {
    id: OrganizationId,
    name: String,
    /// Its people's IANA zone.
    zone: String,
    currency: Currency,
    /// Its plan.
    plan: Plan,
    /// How often one person may ask.
    limits: Limits,
    /// How its people sign in.
    security: SecurityPolicy,
    /// By which people register themselves as its members; `null` where it does not let them.
    #[schema(required)]
    join_code: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Organization> for OrganizationView {
    fn from(Organization { meta, id, name, zone, currency, plan, limits, security, join_code }: Organization) -> Self {
        let (created_at, updated_at) = (meta.created_at, meta.updated_at);
        Self { id, name, zone, currency, plan, limits, security, join_code, created_at, updated_at }
    }
}
