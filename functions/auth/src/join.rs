//! `POST /auth/join`: somebody registers themselves as a member, and waits.

use std::num::NonZeroU32;

use axum::extract::State;
use axum::http::StatusCode;
use domain::{
    Branch, Caller, Change, EmailAddress, FieldInvalid, Grant, Invalid, MemberStatus, Membership, Organization,
    OrganizationId, PersonName, Role, Slot, User, UserId,
};
use serde::{Deserialize, Serialize};
use store::{CommitError, ListQuery, Refused, Window};
use utoipa::ToSchema;
use web::password::{self, Password};
use web::{Address, App, Body, Data, Envelope, Field, Fields, Problem, Scope};

/// People who register themselves from one address.
const JOINS: Window = Window { name: "join", limit: 20, seconds: 3_600 };
const ONE: NonZeroU32 = NonZeroU32::MIN;

/// Who wants to be a member.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Joining {
    /// The organization's `join_code`.
    #[serde(default)]
    #[schema(value_type = String, required)]
    organization_code: Field<String>,
    #[serde(default)]
    #[schema(value_type = PersonName, required)]
    first_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<PersonName>,
    /// What they will sign in with.
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    #[serde(default)]
    #[schema(value_type = Password, required)]
    password: Field<Password>,
}

impl Fields for Joining {
    const WRITES: &'static [&'static str] = &["organization_code", "first_name", "last_name", "email", "password"];
}

struct Parsed {
    code: String,
    first_name: PersonName,
    last_name: Option<PersonName>,
    email: EmailAddress,
    password: Password,
}

impl Joining {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let code = self.organization_code.required("organization_code", &mut wrong);
        let first_name = self.first_name.required("first_name", &mut wrong);
        let last_name = self.last_name.optional("last_name", &mut wrong);
        let email = self.email.required("email", &mut wrong);
        let password = self.password.required("password", &mut wrong);
        let mut refuse = |field: &str, invalid| wrong.push(FieldInvalid::new(field, invalid));
        let password = match (password, &email) {
            (Some(password), Some(email)) => password.beside(email).map_err(|invalid| refuse("password", invalid)).ok(),
            (password, _) => password,
        };
        match (code, first_name, email, password) {
            (Some(code), Some(first_name), Some(email), Some(password)) if wrong.is_empty() => {
                Ok(Parsed { code: code.trim().to_lowercase(), first_name, last_name, email, password })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// That it arrived, and nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Joined {
    /// Always `true`.
    received: bool,
}

/// The organization of a code: 1 read.
async fn organization_of(app: &App, code: &str) -> Result<OrganizationId, Problem> {
    let claim = Organization::join_claim(code);
    let holder = app.table().holder::<Organization>(OrganizationId::PLATFORM, &claim).await?;
    holder.ok_or_else(|| Problem::field("organization_code", Invalid::new("unknown_code", "is no organization's code")))
}

/// Where who registers themselves begins: the head office, which every organization has.
async fn head_office(app: &App, grant: &Grant) -> Result<Branch, Problem> {
    let oldest = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", ONE) };
    let found = app.table().list(grant, &oldest, |branch: &Branch| branch.head_office).await?;
    found.records.into_iter().next().ok_or_else(|| Problem::internal("an organization without a head office"))
}

/// Registers oneself as a member of an organization: one waits until somebody there approves it, and is told by e-mail.
/// One begins as a viewer in the head office; whoever approves can give more.
///
/// The answer is the same whether or not the address has an account; where it has, nothing happens: ask for an
/// invitation instead. 20 an hour for an address.
#[utoipa::path(
    post, path = "/auth/join", tag = "auth", security(()), request_body = Joining,
    responses((status = 202, description = "Received.", body = Envelope<Joined>)),
)]
pub(crate) async fn auth_join(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    Body(body): Body<Joining>,
) -> Result<(StatusCode, Data<Joined>), Problem> {
    let parsed = body.parse()?;
    let subject = app.table().hash_key().hash(&["address", &address.0]);
    app.count_use(&scope, OrganizationId::PLATFORM, JOINS, &subject).await?;
    let organization = organization_of(&app, &parsed.code).await?;
    let tenant = Caller::system(organization, "auth").own();
    let branch = head_office(&app, &tenant).await?;

    let (now, platform) = (app.now(), app.platform());
    let last_name = parsed.last_name.map(|name| name.to_string()).unwrap_or_default();
    let id = UserId::at(now, platform.random());
    let user = User {
        password_hash: password::hash(&parsed.password, platform.random()).await?,
        organizations: vec![organization],
        ..User::new(id, parsed.email, parsed.first_name.to_string(), last_name, now)
    };
    // Who waits takes no seat.
    let mut member = Membership::new(organization, &user, Role::Viewer, vec![branch.id], now);
    member.status = MemberStatus::Pending;
    let everyone = Caller::system(OrganizationId::PLATFORM, "auth").own();
    let mut transaction = app.table().transaction();
    transaction.push(&everyone, Change::create(user, "user.created"))?;
    transaction.push(&tenant, Change::create(member, "membership.requested"))?;
    match transaction.commit().await {
        // The address has an account: nobody is told.
        Ok(()) | Err(CommitError::Refused { refused: Refused::Taken { .. }, .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok((StatusCode::ACCEPTED, Data(Joined { received: true })))
}
