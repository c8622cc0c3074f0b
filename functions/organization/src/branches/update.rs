//! `PUT /branches/{id}`.

use axum::extract::State;
use domain::{Branch, BranchId, Change, Label, Permission};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::BranchView;
use web::wire::written;

/// What of a branch changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct BranchUpdate {
    /// Unique in the organization.
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    city: Field<Label>,
}

impl Fields for BranchUpdate {
    const WRITES: &'static [&'static str] = &["name", "city"];
    const READ_ONLY: &'static [&'static str] = &["id", "head_office", "created_at", "updated_at"];
}

struct Patch {
    name: Option<Label>,
    city: Option<Option<Label>>,
}

impl BranchUpdate {
    fn parse(self) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.replaced("name", &mut wrong);
        let city = self.city.patch("city", &mut wrong);
        if wrong.is_empty() { Ok(Patch { name, city }) } else { Err(wrong.into()) }
    }
}

impl Patch {
    fn apply(&self, branch: Branch, now: Timestamp) -> Change<Branch> {
        let mut after = branch.clone();
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(city) = &self.city {
            after.city = city.as_ref().map(Label::to_string);
        }
        after.meta.updated_at = now;
        Change::update(branch, after, "branch.updated")
    }
}

/// Changes a branch: what the body does not name stays, `null` clears.
#[utoipa::path(
    put, path = "/branches/{id}", tag = "organization", params(("id" = BranchId, Path)), request_body = BranchUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<BranchView>)),
)]
pub(crate) async fn branch_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<BranchId>,
    if_match: IfMatch,
    Body(body): Body<BranchUpdate>,
) -> Result<Versioned<BranchView>, Problem> {
    let grant = signed_in.caller.allow(Permission::BranchesWrite)?;
    let fields = written([("name", body.name.is_present()), ("city", body.city.is_present())]);
    let (patch, now) = (body.parse()?, app.now());
    let branch = change(&app, &grant, id, if_match, &fields, |branch| Ok(patch.apply(branch, now))).await?;
    let version = branch.meta.version;
    Ok(Versioned(branch.into(), version))
}
