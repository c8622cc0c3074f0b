//! `PUT /referral-links/{id}`.

use axum::extract::State;
use domain::{Change, FormId, Label, Permission, ReferralLink, ReferralLinkId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::wire::written;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::{Brought, ReferralLinkView, refuse_unknown_form};

/// What of a referral link changes. Its code and whose it is stay: leads follow them.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReferralLinkUpdate {
    #[serde(default)]
    #[schema(value_type = Label)]
    label: Field<Label>,
    /// The form it leads to.
    #[serde(default)]
    #[schema(value_type = Option<FormId>)]
    form_id: Field<FormId>,
}

impl Fields for ReferralLinkUpdate {
    const WRITES: &'static [&'static str] = &["label", "form_id"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "code", "user_id", "branch_id", "clicks", "leads", "created_at", "updated_at"];
}

/// Changes a referral link.
#[utoipa::path(
    put, path = "/referral-links/{id}", tag = "referral links", params(("id" = ReferralLinkId, Path)),
    request_body = ReferralLinkUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<ReferralLinkView>)),
)]
pub(crate) async fn referral_link_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ReferralLinkId>,
    if_match: IfMatch,
    Body(body): Body<ReferralLinkUpdate>,
) -> Result<Versioned<ReferralLinkView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ReferralLinksWrite)?;
    let fields = written([("label", body.label.is_present()), ("form", body.form_id.is_present())]);
    let mut wrong = Vec::new();
    let label = body.label.replaced("label", &mut wrong);
    let form = body.form_id.patch("form_id", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    if let Some(Some(form)) = form {
        refuse_unknown_form(&app, &grant, form).await?;
    }
    let now = app.now();
    let link = change(&app, &grant, id, if_match, &fields, |link: ReferralLink| {
        let mut after = link.clone();
        if let Some(label) = &label {
            after.label = label.to_string();
        }
        after.form = form.unwrap_or(after.form);
        after.meta.updated_at = now;
        Ok(Change::update(link, after, "referral_link.updated"))
    })
    .await?;
    let version = link.meta.version;
    Ok(Versioned(Brought::of(&app, grant.organization()).await?.view(link), version))
}
