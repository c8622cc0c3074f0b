//! `POST /branches`.

use axum::extract::State;
use domain::{Branch, BranchId, Change, Label, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::BranchView;

/// A new branch.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewBranch {
    /// Unique in the organization.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    city: Field<Label>,
}

impl Fields for NewBranch {
    const WRITES: &'static [&'static str] = &["name", "city"];
    const READ_ONLY: &'static [&'static str] = &["id", "head_office", "created_at", "updated_at"];
}

impl NewBranch {
    fn parse(self) -> Result<(Label, Option<Label>), Problem> {
        let mut wrong = Vec::new();
        let name = self.name.required("name", &mut wrong);
        let city = self.city.optional("city", &mut wrong);
        match name {
            Some(name) if wrong.is_empty() => Ok((name, city)),
            _ => Err(wrong.into()),
        }
    }
}

/// Opens a branch.
#[utoipa::path(
    post, path = "/branches", tag = "organization", request_body = NewBranch,
    responses((status = 201, description = "Opened.", body = Envelope<BranchView>)),
)]
pub(crate) async fn branch_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewBranch>,
) -> Result<Created<BranchView>, Problem> {
    let grant = signed_in.caller.allow(Permission::BranchesWrite)?;
    let (name, city) = body.parse()?;
    let now = app.now();
    let id = BranchId::at(now, app.platform().random());
    let mut branch = Branch::new(id, grant.organization(), name.to_string(), false, now);
    branch.city = city.map(|city| city.to_string());
    let branch = app.table().commit(&grant, Change::create(branch, "branch.created")).await?;
    let version = branch.meta.version;
    Ok(Created { data: branch.into(), location: format!("/branches/{id}"), version })
}
