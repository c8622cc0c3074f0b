//! `POST /referral-links`.

use axum::extract::State;
use domain::{
    BranchId, Change, FormId, Grant, Invalid, Label, Membership, Permission, ReferralLink, ReferralLinkId, Rows, UserId,
};
use serde::Deserialize;
use store::{CommitError, ReadError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::{Brought, ReferralLinkView, refuse_unknown_form};
use crate::TRIES;

/// A new referral link.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewReferralLink {
    /// What people call it.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    label: Field<Label>,
    /// Whose leads it brings; one's own where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Field<UserId>,
    /// The form it leads to.
    #[serde(default)]
    #[schema(value_type = Option<FormId>)]
    form_id: Field<FormId>,
}

impl Fields for NewReferralLink {
    const WRITES: &'static [&'static str] = &["label", "user_id", "form_id"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "code", "branch_id", "clicks", "leads", "created_at", "updated_at"];
}

struct Parsed {
    label: Label,
    user: Option<UserId>,
    form: Option<FormId>,
}

impl NewReferralLink {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let label = self.label.required("label", &mut wrong);
        let user = self.user_id.optional("user_id", &mut wrong);
        let form = self.form_id.optional("form_id", &mut wrong);
        match label {
            Some(label) if wrong.is_empty() => Ok(Parsed { label, user, form }),
            _ => Err(wrong.into()),
        }
    }
}

/// Where somebody in reach works; 422 for whoever is not there or not in reach: 1 read.
async fn branch_of(app: &App, grant: &Grant, user: UserId) -> Result<BranchId, Problem> {
    let nobody = || Problem::field("user_id", Invalid::new("unknown_user", "is nobody who could have a link here"));
    let member: Membership = match app.table().get(grant, Membership::id_of(user)).await {
        Err(ReadError::NotFound) => return Err(nobody()),
        read => read?,
    };
    let reached = match grant.rows() {
        Rows::All => true,
        Rows::Branches { branches } => member.branches.first().is_some_and(|branch| branches.contains(branch)),
        Rows::Team { users } => users.contains(&user),
        Rows::Own { user: own } => *own == user,
    };
    let branch = member.branches.first().copied().filter(|_| reached && member.is_active());
    branch.ok_or_else(nobody)
}

/// Makes a link with a code of its own that brings leads to somebody.
#[utoipa::path(
    post, path = "/referral-links", tag = "referral links", request_body = NewReferralLink,
    responses((status = 201, description = "Made.", body = Envelope<ReferralLinkView>)),
)]
pub(crate) async fn referral_link_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewReferralLink>,
) -> Result<Created<ReferralLinkView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ReferralLinksWrite)?;
    let Parsed { label, user, form } = body.parse()?;
    let (now, platform, organization) = (app.now(), app.platform(), grant.organization());
    let user = user.unwrap_or(signed_in.user);
    let branch = branch_of(&app, &grant, user).await?;
    if let Some(form) = form {
        refuse_unknown_form(&app, &grant, form).await?;
    }
    let id = ReferralLinkId::at(now, platform.random());
    for _ in 0..TRIES {
        let code = ReferralLink::code(platform.random());
        let mut link = ReferralLink::new(id, organization, (user, branch), label.to_string(), code, now);
        link.form = form;
        match app.table().commit(&grant, Change::create(link, "referral_link.created")).await {
            // Another link has this code.
            Err(CommitError::Refused { refused: Refused::Taken { .. }, .. }) => {}
            committed => {
                let link = committed?;
                let version = link.meta.version;
                let data = Brought::of(&app, organization).await?.view(link);
                return Ok(Created { data, location: format!("/referral-links/{id}"), version });
            }
        }
    }
    Err(Problem::unavailable("no free code was found"))
}
