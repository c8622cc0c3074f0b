//! `POST /forms`.

use axum::extract::State;
use domain::{BranchId, Change, Form, FormId, Label, Permission, Rows, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::{FormView, refuse_out_of_reach};

/// A new lead form.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewForm {
    #[serde(default)]
    #[schema(value_type = Label, required)]
    name: Field<Label>,
    /// The source of the leads it captures.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    source: Field<Label>,
    /// Where its leads go.
    #[serde(default)]
    #[schema(value_type = BranchId, required)]
    branch_id: Field<BranchId>,
    /// Whose referral link it is; oneself, for those who reach only their own records.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    referrer: Field<UserId>,
    #[serde(default)]
    #[schema(value_type = Option<bool>, default = true)]
    is_active: Field<bool>,
}

impl Fields for NewForm {
    const WRITES: &'static [&'static str] = &["name", "source", "branch_id", "referrer", "is_active"];
    const READ_ONLY: &'static [&'static str] = &["id", "created_at", "updated_at"];
}

struct Parsed {
    name: Label,
    source: Label,
    branch: BranchId,
    referrer: Option<UserId>,
    is_active: bool,
}

impl NewForm {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.required("name", &mut wrong);
        let source = self.source.required("source", &mut wrong);
        let branch = self.branch_id.required("branch_id", &mut wrong);
        let referrer = self.referrer.optional("referrer", &mut wrong);
        let is_active = self.is_active.optional("is_active", &mut wrong).unwrap_or(true);
        match (name, source, branch) {
            (Some(name), Some(source), Some(branch)) if wrong.is_empty() => {
                Ok(Parsed { name, source, branch, referrer, is_active })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Makes a lead form.
#[utoipa::path(
    post, path = "/forms", tag = "organization", request_body = NewForm,
    responses((status = 201, description = "Made.", body = Envelope<FormView>)),
)]
pub(crate) async fn form_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewForm>,
) -> Result<Created<FormView>, Problem> {
    let grant = signed_in.caller.allow(Permission::FormsWrite)?;
    let Parsed { name, source, branch, referrer, is_active } = body.parse()?;
    refuse_out_of_reach(&app, &signed_in, &grant, Some(branch), referrer).await?;

    let now = app.now();
    let id = FormId::at(now, app.platform().random());
    let mut form = Form::new(id, grant.organization(), branch, name.to_string(), source.to_string(), now);
    form.is_active = is_active;
    form.referrer = match grant.rows() {
        Rows::Own { .. } | Rows::Team { .. } => referrer.or(Some(signed_in.user)),
        Rows::All | Rows::Branches { .. } => referrer,
    };
    let form = app.table().commit(&grant, Change::create(form, "form.created")).await?;
    let version = form.meta.version;
    Ok(Created { data: form.into(), location: format!("/forms/{id}"), version })
}
