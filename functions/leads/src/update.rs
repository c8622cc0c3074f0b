//! Changing a lead's details.

use axum::extract::State;
use domain::lead::LeadPatch;
use domain::{BranchId, EmailAddress, FieldInvalid, Label, LeadId, Permission, Phone, Priority, Tags};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use views::LeadView;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::create::{Names, READ_ONLY};
use web::members::branch_for;

/// A merge update: a field that is absent stays, `null` clears it. `status` and `assigned_to` have
/// operations of their own.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadUpdate {
    #[serde(flatten)]
    who: Names,
    #[serde(default)]
    #[schema(value_type = Option<EmailAddress>)]
    email: Field<EmailAddress>,
    /// As people write it; read as dialled in India where it has no country code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Field<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    external_id: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    source: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    medium: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    campaign: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    city: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    /// Replaced whole.
    #[serde(default)]
    #[schema(value_type = Option<Tags>)]
    tags: Field<Tags>,
    /// Merged key by key; `null` removes a key.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    custom_fields: Field<Map<String, Value>>,
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
}

impl Fields for LeadUpdate {
    const WRITES: &'static [&'static str] = &[
        "full_name",
        "name",
        "first_name",
        "last_name",
        "email",
        "phone",
        "external_id",
        "source",
        "medium",
        "campaign",
        "city",
        "priority",
        "tags",
        "custom_fields",
        "branch_id",
    ];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl LeadUpdate {
    pub(crate) fn parse(self) -> Result<(LeadPatch, Vec<&'static str>), Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let patch = LeadPatch {
            full_name: self.who.patch(w),
            email: self.email.patch("email", w),
            phone: self.phone.patch("phone", w),
            external_id: self.external_id.patch("external_id", w),
            source: self.source.patch("source", w),
            medium: self.medium.patch("medium", w),
            campaign: self.campaign.patch("campaign", w),
            city: self.city.patch("city", w),
            priority: self.priority.patch("priority", w),
            tags: self.tags.patch("tags", w),
            custom_fields: self.custom_fields.patch("custom_fields", w),
            branch_id: self.branch_id.replaced("branch_id", w),
        };
        if wrong.is_empty() {
            let writing = patch.writing();
            Ok((patch, writing))
        } else {
            Err(wrong)
        }
    }
}

/// Changes a lead's details. With `If-Match`, 412 names the fields that others changed meanwhile.
#[utoipa::path(
    put, path = "/leads/{id}", tag = "leads",
    params(("id" = LeadId, Path)),
    request_body = LeadUpdate,
    responses((status = 200, body = Envelope<LeadView>, headers(("ETag" = String)))),
)]
pub(crate) async fn lead_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    if_match: IfMatch,
    Body(body): Body<LeadUpdate>,
) -> Result<Versioned<LeadView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsWrite)?;
    let (mut patch, writing) = body.parse()?;
    if let Some(branch) = patch.branch_id {
        patch.branch_id = Some(branch_for(&app, &grant, &signed_in, Some(branch)).await?);
    }
    let pipeline = app.pipeline(&grant).await?;
    let now = app.now();
    let lead = change(&app, &grant, id, if_match, &writing, |lead: domain::Lead| {
        Ok(lead.update(patch.clone(), &pipeline.pipeline, now)?)
    })
    .await?;
    let version = lead.meta.version;
    Ok(Versioned(LeadView::seen_by(&grant, lead), version))
}
