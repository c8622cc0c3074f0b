//! `PUT /forms/{id}`.

use axum::extract::State;
use domain::{BranchId, Change, FieldInvalid, Form, FormId, Grant, Invalid, Label, Permission, UserId};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::{FormView, refuse_out_of_reach};
use web::wire::written;

/// What of a lead form changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FormUpdate {
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    /// The source of the leads it captures.
    #[serde(default)]
    #[schema(value_type = Label)]
    source: Field<Label>,
    /// Where its leads go.
    #[serde(default)]
    #[schema(value_type = BranchId)]
    branch_id: Field<BranchId>,
    /// Whose referral link it is; `null` for nobody's.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    referrer: Field<UserId>,
    #[serde(default)]
    #[schema(value_type = bool)]
    is_active: Field<bool>,
}

impl Fields for FormUpdate {
    const WRITES: &'static [&'static str] = &["name", "source", "branch_id", "referrer", "is_active"];
    const READ_ONLY: &'static [&'static str] = &["id", "created_at", "updated_at"];
}

struct Patch {
    name: Option<Label>,
    source: Option<Label>,
    branch: Option<BranchId>,
    referrer: Option<Option<UserId>>,
    is_active: Option<bool>,
}

impl FormUpdate {
    fn parse(self, grant: &Grant) -> Result<Patch, Problem> {
        let mut wrong = Vec::new();
        let patch = Patch {
            name: self.name.replaced("name", &mut wrong),
            source: self.source.replaced("source", &mut wrong),
            branch: self.branch_id.replaced("branch_id", &mut wrong),
            referrer: self.referrer.patch("referrer", &mut wrong),
            is_active: self.is_active.replaced("is_active", &mut wrong),
        };
        // It would be out of their own reach from then on.
        if patch.referrer == Some(None) && grant.rows().owners().is_some() {
            wrong.push(FieldInvalid::new("referrer", Invalid::new("not_yourself", "must be yourself")));
        }
        if wrong.is_empty() { Ok(patch) } else { Err(wrong.into()) }
    }
}

impl Patch {
    fn apply(&self, form: Form, now: Timestamp) -> Change<Form> {
        let mut after = form.clone();
        if let Some(name) = &self.name {
            after.name = name.to_string();
        }
        if let Some(source) = &self.source {
            after.source = source.to_string();
        }
        after.branch_id = self.branch.unwrap_or(after.branch_id);
        after.referrer = self.referrer.unwrap_or(after.referrer);
        after.is_active = self.is_active.unwrap_or(after.is_active);
        after.meta.updated_at = now;
        Change::update(form, after, "form.updated")
    }
}

/// Changes a lead form: what the body does not name stays, `null` clears.
#[utoipa::path(
    put, path = "/forms/{id}", tag = "organization", params(("id" = FormId, Path)), request_body = FormUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<FormView>)),
)]
pub(crate) async fn form_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<FormId>,
    if_match: IfMatch,
    Body(body): Body<FormUpdate>,
) -> Result<Versioned<FormView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FormsWrite)?;
    let fields = written([
        ("name", body.name.is_present()),
        ("source", body.source.is_present()),
        ("branch_id", body.branch_id.is_present()),
        ("referrer", body.referrer.is_present()),
        ("is_active", body.is_active.is_present()),
    ]);
    let (patch, now) = (body.parse(&grant)?, app.now());
    // Whether the form is there at all comes first: what else is wrong would tell that it is.
    app.table().get::<Form>(&grant, id).await?;
    refuse_out_of_reach(&app, &signed_in, &grant, patch.branch, patch.referrer.flatten()).await?;
    let form = change(&app, &grant, id, if_match, &fields, |form| Ok(patch.apply(form, now))).await?;
    let version = form.meta.version;
    Ok(Versioned(form.into(), version))
}
