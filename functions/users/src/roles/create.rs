//! `POST /roles`.

use axum::extract::State;
use domain::{
    Change, CustomRole, Label, Note, Permission, Permissions, PersonalField, PersonalFields, RoleId, RowReach,
};
use serde::Deserialize;
use utoipa::ToSchema;
use web::wire::word;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::{RoleView, clear_fields, refuse_role_beyond};
use crate::permitted::permitted;

/// A new role.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewRole {
    /// Unique in the organization.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    name: Field<Label>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// `module:action` each.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required, max_items = 200)]
    permissions: Field<Vec<String>>,
    /// The rows it reaches; `own` where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<RowReach>)]
    reach: Field<String>,
    /// The personal fields it sees in the clear; none where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<Vec<PersonalField>>)]
    clear: Field<Vec<String>>,
}

impl Fields for NewRole {
    const WRITES: &'static [&'static str] = &["name", "description", "permissions", "reach", "clear"];
    const READ_ONLY: &'static [&'static str] = &["id", "template", "created_at", "updated_at"];
}

struct Parsed {
    name: Label,
    description: Option<Note>,
    permissions: Permissions,
    reach: Option<RowReach>,
    clear: Option<PersonalFields>,
}

impl NewRole {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.required("name", &mut wrong);
        let description = self.description.optional("description", &mut wrong);
        let permissions = self.permissions.required("permissions", &mut wrong);
        let permissions = permitted(permissions, "permissions", &mut wrong);
        let reach = self.reach.optional("reach", &mut wrong);
        let reach = word(reach, "reach", &mut wrong);
        let clear = self.clear.optional("clear", &mut wrong);
        let clear = clear_fields(clear, &mut wrong);
        match (name, permissions) {
            (Some(name), Some(permissions)) if wrong.is_empty() => {
                Ok(Parsed { name, description, permissions, reach, clear })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Makes a role: a set of what one may do oneself, over no more rows than one's own.
#[utoipa::path(
    post, path = "/roles", tag = "roles", request_body = NewRole,
    responses((status = 201, description = "Made.", body = Envelope<RoleView>)),
)]
pub(crate) async fn role_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewRole>,
) -> Result<Created<RoleView>, Problem> {
    let grant = signed_in.caller.allow(Permission::RolesWrite)?;
    let parsed = body.parse()?;
    let now = app.now();
    let id = RoleId::at(now, app.platform().random());
    let mut role = CustomRole::new(id, grant.organization(), parsed.name.to_string(), now);
    role.description = parsed.description.map(|text| text.to_string()).unwrap_or_default();
    role.permissions = parsed.permissions;
    role.reach = parsed.reach.unwrap_or(role.reach);
    role.clear = parsed.clear.unwrap_or(role.clear);
    refuse_role_beyond(&signed_in.authority, &role)?;
    let role = app.table().commit(&grant, Change::create(role, "role.created")).await?;
    let version = role.meta.version;
    Ok(Created { data: role.into(), location: format!("/roles/{id}"), version })
}
