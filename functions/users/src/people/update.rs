//! `PUT /users/{id}`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::{
    BranchId, Change, FieldInvalid, Grant, Invalid, Label, MAX_TEAM, Membership, Permission, PersonName, Phone,
    RoleKey, RowReach, Slot, User, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use store::{ListQuery, ReadError};
use utoipa::ToSchema;
use web::wire::{word, written};
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::UserView;
use crate::beyond::check_branches;
use crate::editing::Edit;

/// A team has its manager beside so many.
const TEAM: NonZeroU32 = NonZeroU32::MIN.saturating_add(38);
const _: () = assert!(TEAM.get() + 1 == MAX_TEAM);

/// What of somebody's place changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UserUpdate {
    #[serde(default)]
    #[schema(value_type = PersonName)]
    first_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<Phone>)]
    phone: Field<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    department: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    designation: Field<Label>,
    #[serde(default)]
    #[schema(value_type = RoleKey)]
    role: Field<RoleKey>,
    /// The rows they reach, if not the role's usual ones.
    #[serde(default)]
    #[schema(value_type = Option<RowReach>)]
    reach: Field<String>,
    /// Where they work; the first is where their new records go.
    #[serde(default)]
    #[schema(value_type = Vec<BranchId>, min_items = 1, max_items = 20)]
    branch_ids: Field<Vec<BranchId>>,
    /// Whose team they belong to.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    manager_id: Field<UserId>,
}

impl Fields for UserUpdate {
    const WRITES: &'static [&'static str] =
        &["first_name", "last_name", "phone", "department", "designation", "role", "reach", "branch_ids", "manager_id"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "membership_id", "name", "email", "status", "status_reason", "permissions", "created_at", "updated_at"];
}

struct Patch {
    first_name: Option<PersonName>,
    last_name: Option<Option<PersonName>>,
    phone: Option<Option<Phone>>,
    department: Option<Option<Label>>,
    designation: Option<Option<Label>>,
    role: Option<RoleKey>,
    reach: Option<Option<RowReach>>,
    branches: Option<Vec<BranchId>>,
    manager: Option<Option<UserId>>,
}

impl UserUpdate {
    /// The role that it gives, if any.
    pub(crate) const fn role(&self) -> Option<RoleKey> {
        match self.role {
            Field::Given(role) => Some(role),
            Field::Absent | Field::Null | Field::Wrong(_) => None,
        }
    }

    /// The fields it writes, as records name them.
    fn written(&self) -> Vec<&'static str> {
        written([
            ("name", self.first_name.is_present() || self.last_name.is_present()),
            ("department", self.department.is_present()),
            ("designation", self.designation.is_present()),
            ("role", self.role.is_present()),
            ("reach", self.reach.is_present()),
            ("branches", self.branch_ids.is_present()),
            ("manager", self.manager_id.is_present()),
        ])
    }

    fn parse(self) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let reach = self.reach.patch("reach", &mut wrong).map(|text| word(text, "reach", &mut wrong));
        let branches = self.branch_ids.replaced("branch_ids", &mut wrong);
        check_branches(branches.as_ref(), &mut wrong);
        let patch = Patch {
            first_name: self.first_name.replaced("first_name", &mut wrong),
            last_name: self.last_name.patch("last_name", &mut wrong),
            phone: self.phone.patch("phone", &mut wrong),
            department: self.department.patch("department", &mut wrong),
            designation: self.designation.patch("designation", &mut wrong),
            role: self.role.replaced("role", &mut wrong),
            manager: self.manager_id.patch("manager_id", &mut wrong),
            reach,
            branches,
        };
        if wrong.is_empty() { Ok(patch) } else { Err(wrong.into()) }
    }
}

impl Patch {
    fn account(&self, user: &mut User) {
        if let Some(name) = &self.first_name {
            user.first_name = name.to_string();
        }
        if let Some(name) = &self.last_name {
            user.last_name = name.as_ref().map(PersonName::to_string).unwrap_or_default();
        }
        if let Some(phone) = &self.phone {
            user.phone.clone_from(phone);
        }
    }

    fn apply(&self, member: Membership, now: Timestamp) -> Change<Membership> {
        let mut after = member.clone();
        if let Some(department) = &self.department {
            after.department = department.as_ref().map(Label::to_string);
        }
        if let Some(designation) = &self.designation {
            after.designation = designation.as_ref().map(Label::to_string);
        }
        if let Some(role) = self.role
            && role != after.role
        {
            (after.role, after.role_since) = (role, now);
        }
        after.reach = self.reach.unwrap_or(after.reach);
        after.manager = self.manager.unwrap_or(after.manager);
        if let Some(branches) = &self.branches {
            after.branches.clone_from(branches);
        }
        after.meta.updated_at = now;
        Change::update(member, after, "membership.updated")
    }
}

/// Refuses a manager who is not there, is oneself, or whose team is full: 1 read, 1 Query.
async fn refuse_manager(app: &App, grant: &Grant, user: UserId, manager: UserId) -> Result<(), Problem> {
    let refuse = |code, words| Err(vec![FieldInvalid::new("manager_id", Invalid::new(code, words))].into());
    if manager == user {
        return refuse("own_manager", "must not be the same person");
    }
    match app.table().get::<Membership>(grant, Membership::id_of(manager)).await {
        Ok(manager) if manager.is_active() => {}
        Ok(_) | Err(ReadError::NotFound) => return refuse("unknown_user", "is nobody who could lead a team here"),
        Err(ReadError::Store(error)) => return Err(error.into()),
    }
    let query = ListQuery::new(Slot::Two, "manager", manager.to_string(), TEAM);
    let team = app.table().list::<Membership>(grant, &query, |member| member.user != user).await?;
    if team.records.len() >= TEAM.get() as usize {
        return refuse("team_full", "leads a team of 39 already");
    }
    Ok(())
}

/// Changes somebody: what the body does not name stays, `null` clears. Their new authority is felt within 30 seconds,
/// without a new sign-in.
///
/// Nobody changes who is over them or grants what they lack (403 `beyond_own`, 422). The last administrator of all rows
/// stays one: 409 `last_admin`. Name and phone of somebody who belongs to another organization too are theirs alone to
/// change: 403 `shared_account`.
#[utoipa::path(
    put, path = "/users/{id}", tag = "users", params(("id" = UserId, Path)), request_body = UserUpdate,
    responses((status = 200, description = "As they are now.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
    Body(body): Body<UserUpdate>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let member = update(&app, &signed_in, &grant, id, if_match, body).await?;
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}

/// Changes somebody.
pub(crate) async fn update(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    id: UserId,
    if_match: IfMatch,
    body: UserUpdate,
) -> Result<Membership, Problem> {
    let fields = body.written();
    let (patch, now) = (body.parse()?, app.now());
    if let Some(Some(manager)) = patch.manager {
        refuse_manager(app, grant, id, manager).await?;
    }
    let account = |user: &mut User| patch.account(user);
    let mut edit = Edit::of(app, signed_in, grant, id).seen(if_match, &fields);
    if patch.first_name.is_some() || patch.last_name.is_some() || patch.phone.is_some() {
        edit = edit.with_account(&account);
    }
    let member = edit.run(|member| Ok(patch.apply(member, now))).await?;
    app.forget_everybody();
    Ok(member)
}
