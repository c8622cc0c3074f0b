//! `POST /auth/register`: an organization with its owner.

use axum::extract::State;
use domain::organization::zone;
use domain::session::Proof;
use domain::{
    AssignmentPool, Authority, Branch, BranchId, Change, EmailAddress, Label, LeadPipeline, Membership, Organization,
    OrganizationId, PersonName, Phone, Role, Seats, SecurityKind, User, UserId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;
use web::password::{self, Password};
use web::{App, Body, Created, Envelope, Field, Fields, Problem, Secret};

use crate::Signer;
use crate::attempts::{address_hash, count_registration};
use crate::sign_in::{How, Place, SignIn};
use crate::visit::Visit;

/// Where an organization's people are if nobody says otherwise.
const USUAL_ZONE: &str = "Asia/Kolkata";

/// A new organization and its owner.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Registration {
    #[serde(default)]
    #[schema(value_type = Label, required)]
    organization_name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = PersonName, required)]
    first_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<PersonName>,
    /// What the owner signs in with.
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    #[serde(default)]
    #[schema(value_type = Password, required)]
    password: Field<Password>,
    #[serde(default)]
    #[schema(value_type = Option<Phone>)]
    phone: Field<Phone>,
    /// The IANA zone of the organization's people.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Asia/Kolkata")]
    zone: Field<String>,
}

impl Fields for Registration {
    const WRITES: &'static [&'static str] =
        &["organization_name", "first_name", "last_name", "email", "password", "phone", "zone"];
}

struct Parsed {
    organization_name: Label,
    first_name: PersonName,
    last_name: Option<PersonName>,
    email: EmailAddress,
    password: Password,
    phone: Option<Phone>,
    zone: TimeZone,
}

impl Registration {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let organization_name = self.organization_name.required("organization_name", &mut wrong);
        let first_name = self.first_name.required("first_name", &mut wrong);
        let last_name = self.last_name.optional("last_name", &mut wrong);
        let email = self.email.required("email", &mut wrong);
        let password = self.password.required("password", &mut wrong);
        let phone = self.phone.optional("phone", &mut wrong);
        let zone_name = self.zone.optional("zone", &mut wrong);
        let mut refuse = |field: &str, invalid| wrong.push(domain::FieldInvalid::new(field, invalid));
        let zone = zone(zone_name.as_deref().unwrap_or(USUAL_ZONE)).map_err(|invalid| refuse("zone", invalid)).ok();
        let password = match (password, &email) {
            (Some(password), Some(email)) => {
                let names: Vec<String> =
                    [&first_name, &last_name].into_iter().flatten().map(ToString::to_string).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                password.of(email, &names).map_err(|invalid| refuse("password", invalid)).ok()
            }
            (password, _) => password,
        };
        match (organization_name, first_name, email, password, zone) {
            (Some(organization_name), Some(first_name), Some(email), Some(password), Some(zone))
                if wrong.is_empty() =>
            {
                Ok(Parsed { organization_name, first_name, last_name, email, password, phone, zone })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// What a registration creates, beside the session.
struct Founded {
    user: User,
    organization: Organization,
    head_office: Branch,
    pipeline: LeadPipeline,
    pool: AssignmentPool,
    membership: Membership,
}

fn found(parsed: Parsed, ids: (UserId, OrganizationId, BranchId), password_hash: String, now: Timestamp) -> Founded {
    let (user_id, organization_id, branch_id) = ids;
    let last_name = parsed.last_name.map(|name| name.to_string()).unwrap_or_default();
    let user = User {
        phone: parsed.phone,
        password_hash,
        organizations: vec![organization_id],
        ..User::new(user_id, parsed.email, parsed.first_name.to_string(), last_name, now)
    };
    Founded {
        organization: Organization::new(organization_id, parsed.organization_name.to_string(), &parsed.zone, now),
        head_office: Branch::new(branch_id, organization_id, "Head office".to_owned(), true, now),
        pipeline: LeadPipeline::new(organization_id, now),
        pool: AssignmentPool::new(organization_id, now),
        membership: Membership::new(organization_id, &user, Role::Admin, vec![branch_id], now),
        user,
    }
}

/// Registers an organization: its owner, head office, pipeline and first sign-in, together or not at
/// all.
///
/// An address that has an account already is 409 `taken`.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", security(()), request_body = Registration,
    responses((status = 201, description = "Registered and signed in.", body = Envelope<SignIn>)),
)]
pub(crate) async fn auth_register(
    State(app): State<App>,
    signer: Signer,
    visit: Visit,
    Body(body): Body<Registration>,
) -> Result<Secret<Created<SignIn>>, Problem> {
    let parsed = body.parse()?;
    count_registration(&app, &visit).await?;

    let (now, platform) = (app.now(), app.platform());
    let ids = (
        UserId::at(now, platform.random()),
        OrganizationId::at(now, platform.random()),
        BranchId::at(now, platform.random()),
    );
    let password_hash = password::hash(&parsed.password, platform.random()).await?;
    let Founded { mut user, organization, head_office, pipeline, pool, membership } =
        found(parsed, ids, password_hash, now);
    user.known_addresses.push(address_hash(&app, &visit));
    let authority = Authority::of(&membership, None, &[], organization.plan);
    let place = Place { user, membership, organization, authority };
    let seats = Seats::taken_by(place.organization.id, std::slice::from_ref(&place.membership), now);
    let how = How { device: visit.device.clone(), remember: true, proofs: vec![Proof::Password] };
    let session = place.session(&app, how);
    let event = visit.event(&app, place.organization.id, SecurityKind::SignedIn);
    let event = event.about(place.user.id).of_session(session.id).happened();

    let (everyone, tenant) = (visit.everyone(), visit.grant(place.organization.id));
    let mut transaction = app.table().transaction();
    transaction.push(&everyone, Change::create(place.user.clone(), "user.created"))?;
    let founded = Change::create(place.organization.clone(), "organization.registered").with("founder", place.user.id);
    let version = transaction.push(&tenant, founded)?.meta.version;
    transaction.push(&tenant, Change::create(head_office, "branch.created"))?;
    transaction.push(&tenant, Change::create(pipeline, "pipeline.created"))?;
    transaction.push(&tenant, Change::create(pool, "assignment.created"))?;
    transaction.push(&tenant, Change::create(place.membership.clone(), "membership.created"))?;
    transaction.push(&tenant, Change::create(seats, "seats.counted"))?;
    let session = transaction.push(&tenant, Change::create(session, "session.opened"))?;
    transaction.push(&tenant, event)?;
    transaction.commit().await?;

    let data = place.tokens(&app, &signer, &session)?;
    Ok(Secret(Created { data, location: "/organization".to_owned(), version }))
}
