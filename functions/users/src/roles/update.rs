//! `PUT /roles/{id}`.

use axum::extract::State;
use domain::{
    Change, CustomRole, Label, Note, Permission, Permissions, PersonalField, PersonalFields, RoleId, RowReach,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::wire::{word, written};
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::{RoleView, clear_fields, refuse_role_beyond};
use crate::permitted::permitted;

/// What of a role changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RoleUpdate {
    /// Unique in the organization.
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// `module:action` each: all that it permits.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 200)]
    permissions: Field<Vec<String>>,
    /// The rows it reaches.
    #[serde(default)]
    #[schema(value_type = RowReach)]
    reach: Field<String>,
    /// The personal fields it sees in the clear.
    #[serde(default)]
    #[schema(value_type = Vec<PersonalField>)]
    clear: Field<Vec<String>>,
}

impl Fields for RoleUpdate {
    const WRITES: &'static [&'static str] = &["name", "description", "permissions", "reach", "clear"];
    const READ_ONLY: &'static [&'static str] = &["id", "template", "created_at", "updated_at"];
}

struct Patch {
    name: Option<Label>,
    description: Option<Option<Note>>,
    permissions: Option<Permissions>,
    reach: Option<RowReach>,
    clear: Option<PersonalFields>,
}

impl RoleUpdate {
    fn written(&self) -> Vec<&'static str> {
        written([
            ("name", self.name.is_present()),
            ("description", self.description.is_present()),
            ("permissions", self.permissions.is_present()),
            ("reach", self.reach.is_present()),
            ("clear", self.clear.is_present()),
        ])
    }

    fn parse(self) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.replaced("name", &mut wrong);
        let description = self.description.patch("description", &mut wrong);
        let permissions = self.permissions.replaced("permissions", &mut wrong);
        let permissions = permitted(permissions, "permissions", &mut wrong);
        let reach = self.reach.replaced("reach", &mut wrong);
        let reach = word(reach, "reach", &mut wrong);
        let clear = self.clear.replaced("clear", &mut wrong);
        let clear = clear_fields(clear, &mut wrong);
        if wrong.is_empty() { Ok(Patch { name, description, permissions, reach, clear }) } else { Err(wrong.into()) }
    }
}

impl Patch {
    fn apply(&self, role: CustomRole, now: Timestamp) -> Change<CustomRole> {
        let mut after = role.clone();
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(description) = &self.description {
            after.description = description.as_ref().map(Note::to_string).unwrap_or_default();
        }
        after.permissions = self.permissions.unwrap_or(after.permissions);
        after.reach = self.reach.unwrap_or(after.reach);
        after.clear = self.clear.unwrap_or(after.clear);
        after.meta.updated_at = now;
        Change::update(role, after, "role.updated")
    }
}

/// Changes a role; everybody who has it feels it within 30 seconds, without a new sign-in. Neither what it was nor what
/// it becomes may go beyond what one may do oneself: 403 `beyond_own`.
#[utoipa::path(
    put, path = "/roles/{id}", tag = "roles", params(("id" = String, Path, description = "The id of one of the organization's own roles.")), request_body = RoleUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<RoleView>)),
)]
pub(crate) async fn role_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<RoleId>,
    if_match: IfMatch,
    Body(body): Body<RoleUpdate>,
) -> Result<Versioned<RoleView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RolesWrite)?;
    let fields = body.written();
    let (patch, now) = (body.parse()?, app.now());
    let role = change(&app, &grant, id, if_match, &fields, |role: CustomRole| {
        refuse_role_beyond(&signed_in.authority, &role)?;
        let change = patch.apply(role, now);
        refuse_role_beyond(&signed_in.authority, &change.after)?;
        Ok(change)
    })
    .await?;
    app.forget_everybody();
    let version = role.meta.version;
    Ok(Versioned(role.into(), version))
}
