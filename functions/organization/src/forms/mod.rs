//! Public lead forms.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use domain::{BranchId, FieldInvalid, Form, FormId, Grant, Invalid, Permission, Rows, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::ReadError;
use utoipa::ToSchema;
use web::{App, Problem, SignedIn};

use crate::assignment::is_member;
use crate::branches::Visible;

/// A public lead form.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormView {
    /// Also its public key, which a page embeds.
    id: FormId,
    name: String,
    /// The source of the leads it captures.
    source: String,
    /// Where its leads go.
    branch_id: BranchId,
    /// Whose referral link it is.
    #[schema(required)]
    referrer: Option<UserId>,
    /// A closed form answers as if it did not exist.
    is_active: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Form> for FormView {
    fn from(Form { meta, id, name, source, branch_id, referrer, is_active }: Form) -> Self {
        Self {
            id,
            name,
            source,
            branch_id,
            referrer,
            is_active,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }
}

/// Refuses a branch that the caller does not see and a referrer who is no member, or who is somebody
/// else where the caller reaches only their own: 1 read each.
async fn refuse_out_of_reach(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    branch: Option<BranchId>,
    referrer: Option<UserId>,
) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    if let Some(id) = branch {
        let visible = Visible::to(app, signed_in, Permission::FormsWrite).await?;
        match app.table().get::<domain::Branch>(visible.grant(), id).await {
            Ok(_) if visible.shows(id) => {}
            Ok(_) | Err(ReadError::NotFound) => wrong
                .push(FieldInvalid::new("branch_id", Invalid::new("unknown_branch", "is not a branch in your reach"))),
            Err(ReadError::Store(error)) => return Err(error.into()),
        }
    }
    match (grant.rows(), referrer) {
        (_, None) => {}
        (Rows::Own { .. } | Rows::Team { .. }, Some(referrer)) => {
            if !grant.rows().owners().is_some_and(|owners| owners.contains(&referrer)) {
                let invalid = Invalid::new("not_yourself", "must be yourself or somebody of your team");
                wrong.push(FieldInvalid::new("referrer", invalid));
            }
        }
        (Rows::All | Rows::Branches { .. }, Some(referrer)) => {
            if !is_member(app, grant, referrer).await? {
                let invalid = Invalid::new("not_a_member", "does not belong to the organization");
                wrong.push(FieldInvalid::new("referrer", invalid));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}
