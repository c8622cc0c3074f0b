//! `PUT /organization`.

use axum::extract::State;
use domain::organization::zone;
use domain::{Change, Currency, FieldInvalid, Invalid, Label, Organization, Permission};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, FromWire, IfMatch, Problem, SignedIn, Versioned, change};

use super::OrganizationView;
use web::wire::{fields, written};

/// A new administrator has so many days at most before they must set up a second factor.
const MAX_GRACE_DAYS: u32 = 30;

/// What of the organization changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct OrganizationUpdate {
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    /// An IANA zone.
    #[serde(default)]
    #[schema(value_type = String, example = "Asia/Kolkata")]
    zone: Field<String>,
    #[serde(default)]
    #[schema(value_type = Currency)]
    currency: Field<Currency>,
    /// What is absent stays.
    #[serde(default)]
    #[schema(value_type = SecurityUpdate)]
    security: Field<SecurityUpdate>,
}

/// How its people sign in from now on.
#[derive(Debug, Clone, Copy, ToSchema)]
pub(crate) struct SecurityUpdate {
    /// Whether whoever has the admin role must use a second factor.
    #[schema(value_type = bool, required = false)]
    admin_second_factor: Option<bool>,
    /// Days that a new administrator may sign in without one.
    #[schema(value_type = u8, required = false, maximum = 30)]
    second_factor_grace_days: Option<u8>,
}

#[derive(Deserialize)]
struct SecurityFields {
    #[serde(default)]
    admin_second_factor: Field<bool>,
    #[serde(default)]
    second_factor_grace_days: Field<u32>,
}

impl FromWire for SecurityUpdate {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let given: SecurityFields = fields(value)?;
        let mut wrong = Vec::new();
        let admin_second_factor = given.admin_second_factor.replaced("admin_second_factor", &mut wrong);
        let days = given.second_factor_grace_days.replaced("second_factor_grace_days", &mut wrong);
        if days.is_some_and(|days| days > MAX_GRACE_DAYS) {
            let invalid = Invalid::new("out_of_range", "must be 0 to 30");
            wrong.push(FieldInvalid::new("second_factor_grace_days", invalid));
        }
        let second_factor_grace_days = days.and_then(|days| u8::try_from(days).ok());
        if wrong.is_empty() { Ok(Self { admin_second_factor, second_factor_grace_days }) } else { Err(wrong) }
    }
}

impl Fields for OrganizationUpdate {
    const WRITES: &'static [&'static str] = &["name", "zone", "currency", "security"];
    const READ_ONLY: &'static [&'static str] = &["id", "plan", "limits", "join_code", "created_at", "updated_at"];
}

struct Patch {
    name: Option<Label>,
    zone: Option<String>,
    currency: Option<Currency>,
    security: Option<SecurityUpdate>,
}

impl OrganizationUpdate {
    fn parse(self) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.replaced("name", &mut wrong);
        let zone_name = self.zone.replaced("zone", &mut wrong);
        let currency = self.currency.replaced("currency", &mut wrong);
        let security = self.security.replaced("security", &mut wrong);
        if let Some(Err(invalid)) = zone_name.as_deref().map(zone) {
            wrong.push(FieldInvalid::new("zone", invalid));
        }
        if wrong.is_empty() { Ok(Patch { name, zone: zone_name, currency, security }) } else { Err(wrong.into()) }
    }
}

impl Patch {
    fn apply(&self, organization: Organization, now: Timestamp) -> Change<Organization> {
        let mut after = organization.clone();
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(zone) = &self.zone {
            after.zone.clone_from(zone);
        }
        after.currency = self.currency.unwrap_or(after.currency);
        if let Some(SecurityUpdate { admin_second_factor, second_factor_grace_days }) = self.security {
            let policy = &mut after.security;
            policy.admin_second_factor = admin_second_factor.unwrap_or(policy.admin_second_factor);
            policy.second_factor_grace_days = second_factor_grace_days.unwrap_or(policy.second_factor_grace_days);
        }
        after.meta.updated_at = now;
        Change::update(organization, after, "organization.updated")
    }
}

/// Changes the organization: what the body does not name stays.
#[utoipa::path(
    put, path = "/organization", tag = "organization", request_body = OrganizationUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<OrganizationView>)),
)]
pub(crate) async fn organization_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<OrganizationUpdate>,
) -> Result<Versioned<OrganizationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationWrite)?;
    let writes = written([
        ("name", body.name.is_present()),
        ("zone", body.zone.is_present()),
        ("currency", body.currency.is_present()),
        ("security", body.security.is_present()),
    ]);
    let (patch, now) = (body.parse()?, app.now());
    let organization =
        change(
            &app,
            &grant,
            grant.organization(),
            if_match,
            &writes,
            |organization| Ok(patch.apply(organization, now)),
        )
        .await?;
    app.forget_organization(organization.id);
    let version = organization.meta.version;
    Ok(Versioned(organization.into(), version))
}
