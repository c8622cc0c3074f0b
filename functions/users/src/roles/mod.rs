//! Roles: templates, and the organization's own.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod permissions;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use domain::{Authority, CustomRole, Permission, PersonalField, PersonalFields, Role, RoleKey, RowReach};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::Problem;

use crate::beyond::refuse_beyond;
use crate::people::texts;

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleView {
    /// What people's `role` names: a template's name, or the id of one of the organization's own.
    id: RoleKey,
    /// Whether it is a template, which nobody changes.
    template: bool,
    name: String,
    description: String,
    /// What it permits: `module:action`.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<&'static str>,
    /// The rows it reaches.
    reach: RowReach,
    /// The personal fields it sees in the clear; the others are masked.
    clear: Vec<PersonalField>,
    /// `null` for a template.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    created_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    updated_at: Option<Timestamp>,
}

impl From<CustomRole> for RoleView {
    fn from(CustomRole { meta, id, name, description, permissions, reach, clear }: CustomRole) -> Self {
        Self {
            id: RoleKey::Own(id),
            template: false,
            name,
            description,
            permissions: texts(permissions),
            reach,
            clear: clear.into(),
            created_at: Some(meta.created_at),
            updated_at: Some(meta.updated_at),
        }
    }
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            id: role.into(),
            template: true,
            name: role.as_str().to_owned(),
            description: description(role).to_owned(),
            permissions: texts(role.permissions()),
            reach: role.rows(),
            clear: role.clear().into(),
            created_at: None,
            updated_at: None,
        }
    }
}

const fn description(role: Role) -> &'static str {
    match role {
        Role::Admin => "Full access.",
        Role::Manager => "A team's lead: everything but changing settings and people.",
        Role::Agent => "Works the leads assigned to them.",
        Role::Viewer => "Looks, changes nothing.",
        Role::Mfd => "A mutual-fund distributor: an agent with their own forms.",
        Role::Counselor => "An admissions counselor: an agent by another name.",
        Role::PartnerUser => "A partner's user in the cotton trade.",
        Role::Lead => "A lead in their own portal; no access to the back office.",
    }
}

/// Nobody makes, changes or brings back a role that may do more, or reaches further, than they.
fn refuse_role_beyond(own: &Authority, role: &CustomRole) -> Result<(), Problem> {
    let reach = match role.reach {
        RowReach::Branch if role.permissions.has(Permission::BranchesAll) => RowReach::All,
        reach => reach,
    };
    let wanted = Authority { permissions: role.permissions, reach, clear: role.clear, ..own.clone() };
    refuse_beyond(own, &wanted)
}

/// Personal fields that a body names; those that are none are added to `wrong`.
fn clear_fields(names: Option<Vec<String>>, wrong: &mut Vec<domain::FieldInvalid>) -> Option<PersonalFields> {
    let named = names?.into_iter().enumerate();
    let fields = named.filter_map(|(place, name)| web::wire::word(Some(name), &format!("clear.{place}"), wrong));
    Some(PersonalFields::from(fields.collect::<Vec<PersonalField>>()))
}
