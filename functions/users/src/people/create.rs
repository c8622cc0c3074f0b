//! `POST /users`.

use axum::extract::State;
use domain::{
    BranchId, Caller, Change, EmailAddress, FieldInvalid, Grant, Membership, OrganizationId, Permission, PersonName,
    Role, RoleKey, RowReach, User, UserId,
};
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::password::{self, Password};
use web::seats::seating;
use web::wire::word;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::UserView;
use crate::TRIES;
use crate::beyond::{check_branches, refuse_beyond, refuse_branches};
use crate::known_role::refuse_unknown_role;

/// A new member: somebody who has no account yet.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewUser {
    /// What they sign in with.
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    #[serde(default)]
    #[schema(value_type = PersonName, required)]
    first_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Password, required)]
    password: Field<Password>,
    /// Whether they must choose a password of their own before anything else; so unless it is said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<bool>, default = true)]
    must_change_password: Field<bool>,
    #[serde(default)]
    #[schema(value_type = RoleKey, required)]
    role: Field<RoleKey>,
    /// Where they work; the first is where their new records go.
    #[serde(default)]
    #[schema(value_type = Vec<BranchId>, required, min_items = 1, max_items = 20)]
    branch_ids: Field<Vec<BranchId>>,
    /// The rows they reach, if not the role's usual ones.
    #[serde(default)]
    #[schema(value_type = Option<RowReach>)]
    reach: Field<String>,
}

impl Fields for NewUser {
    const WRITES: &'static [&'static str] =
        &["email", "first_name", "last_name", "password", "must_change_password", "role", "branch_ids", "reach"];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "membership_id",
        "name",
        "status",
        "status_reason",
        "permissions",
        "manager_id",
        "department",
        "designation",
        "created_at",
        "updated_at",
    ];
}

/// What of a new member is read.
pub(crate) struct Parsed {
    email: EmailAddress,
    first_name: PersonName,
    last_name: Option<PersonName>,
    password: Password,
    must_change_password: bool,
    pub(crate) role: RoleKey,
    branches: Vec<BranchId>,
    reach: Option<RowReach>,
}

impl NewUser {
    /// With this role where the body names none.
    pub(crate) fn or_role(mut self, role: Role) -> Self {
        if matches!(self.role, Field::Absent | Field::Null) {
            self.role = Field::Given(role.into());
        }
        self
    }

    pub(crate) fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let email = self.email.required("email", &mut wrong);
        let first_name = self.first_name.required("first_name", &mut wrong);
        let last_name = self.last_name.optional("last_name", &mut wrong);
        let password = self.password.required("password", &mut wrong);
        let must_change = self.must_change_password.optional("must_change_password", &mut wrong);
        let role = self.role.required("role", &mut wrong);
        let branches = self.branch_ids.required("branch_ids", &mut wrong);
        let reach = self.reach.optional("reach", &mut wrong);
        let reach = word(reach, "reach", &mut wrong);
        check_branches(branches.as_ref(), &mut wrong);
        let mut refuse = |field: &str, invalid| wrong.push(FieldInvalid::new(field, invalid));
        let password = match (password, &email) {
            (Some(password), Some(email)) => password.beside(email).map_err(|invalid| refuse("password", invalid)).ok(),
            (password, _) => password,
        };
        match (email, first_name, password, role, branches) {
            (Some(email), Some(first_name), Some(password), Some(role), Some(branches)) if wrong.is_empty() => {
                Ok(Parsed {
                    email,
                    first_name,
                    last_name,
                    password,
                    must_change_password: must_change.unwrap_or(true),
                    role,
                    branches,
                    reach,
                })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Writes the account, the membership and the seat together.
async fn add(app: &App, grant: &Grant, user: User, member: Membership) -> Result<Membership, Problem> {
    let organization = grant.organization();
    let (everyone, tenant) =
        (Caller::system(OrganizationId::PLATFORM, "users").own(), Caller::system(organization, "users").own());
    for _ in 0..TRIES {
        let seats = seating(app, organization, None, Some(&member)).await?;
        refuse_unknown_role(app, organization, member.role).await?;
        let mut transaction = app.table().transaction();
        transaction.push(&everyone, Change::create(user.clone(), "user.created"))?;
        let after = transaction.push(grant, Change::create(member.clone(), "membership.created"))?;
        if let Some(seats) = seats {
            transaction.push(&tenant, seats)?;
        }
        match transaction.commit().await {
            // Somebody else took or left a seat at the same time.
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            other => return Ok(other.map(|()| after)?),
        }
    }
    Err(Refused::Conflict.into())
}

/// Adds somebody to the organization with an account of their own, whose password they must change when they first
/// sign in. An address that has an account already is 409 `taken`: invite them instead.
///
/// Nobody grants what they lack: 403 `beyond_own` for a permission, 422 for rows and branches. Where the plan has no
/// seat left, 403 `plan_limit`.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = NewUser,
    responses((status = 201, description = "Added.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewUser>,
) -> Result<Created<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let member = admit(&app, &signed_in, &grant, body.parse()?).await?;
    let (location, version) = (format!("/users/{}", member.user), member.meta.version);
    Ok(Created { data: member.into(), location, version })
}

/// Adds somebody: 2 to 5 reads, 1 transaction.
pub(crate) async fn admit(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    parsed: Parsed,
) -> Result<Membership, Problem> {
    let (now, platform, organization) = (app.now(), app.platform(), grant.organization());
    refuse_unknown_role(app, organization, parsed.role).await?;

    let last_name = parsed.last_name.map(|name| name.to_string()).unwrap_or_default();
    let id = UserId::at(now, platform.random());
    let mut user = User {
        must_change_password: parsed.must_change_password,
        organizations: vec![organization],
        ..User::new(id, parsed.email, parsed.first_name.to_string(), last_name, now)
    };
    let mut member = Membership::new(organization, &user, parsed.role, parsed.branches, now);
    member.reach = parsed.reach;
    let wanted = app.authority(grant, &member, signed_in.authority.plan).await?;
    refuse_beyond(&signed_in.authority, &wanted)?;
    refuse_branches(app, signed_in, &member.branches, "branch_ids").await?;

    user.password_hash = password::hash(&parsed.password, platform.random()).await?;
    add(app, grant, user, member).await
}
