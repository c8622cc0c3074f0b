//! A template as it is shown; `GET /templates/{id}`.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::outreach::{Dlt, DltCategory};
use domain::template::{
    ApprovalReason, Content, HeldName, Registration, TemplateApproval, TemplateChannel, Variable, VariableType,
};
use domain::{Label, Meta, Permission, Template, TemplateId, TemplateVersion, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// A variable of a template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateVariable)]
pub(crate) struct VariableView {
    r#type: VariableType,
    /// What stands for it where nothing is handed in.
    #[schema(value_type = Value, required)]
    default: Option<Value>,
    /// Whether something must be.
    required: bool,
}

/// The registration of an SMS with the operators of India.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateDlt)]
pub(crate) struct DltView {
    /// Whose text it is: 19 digits; the organization's own where it is `null`.
    #[schema(required)]
    entity_id: Option<String>,
    /// 19 digits.
    template_id: String,
    /// The organization's own where it is `null`.
    #[schema(required)]
    header: Option<String>,
    category: DltCategory,
    /// The text as it was registered, with `{#var#}` in its places.
    #[schema(required)]
    text: Option<String>,
}

/// A template, as it is now or as it was once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Template)]
pub(crate) struct TemplateView {
    id: TemplateId,
    name: Label,
    channel: TemplateChannel,
    #[schema(required)]
    category: Option<Label>,
    language: String,
    #[schema(required)]
    subject: Option<String>,
    body: String,
    #[schema(required)]
    html: Option<String>,
    variables: BTreeMap<String, VariableView>,
    #[schema(required)]
    dlt: Option<DltView>,
    /// The name or id under which the provider holds the text.
    #[schema(required)]
    provider_template: Option<HeldName>,
    /// Where the provider's look at it stands; for WhatsApp alone, and of the latest version.
    #[schema(required)]
    approval: Option<TemplateApproval>,
    /// Why the provider does not send it, in its words, where it was rejected: `INVALID_FORMAT`, `PAUSED`.
    #[schema(required)]
    approval_reason: Option<ApprovalReason>,
    /// The number of what it says, from 1; it grows with each change of that.
    revision: u32,
    /// Who wrote that.
    author: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// The number in its entity tag.
    version: u64,
}

impl From<Variable> for VariableView {
    fn from(Variable { kind, default, required }: Variable) -> Self {
        Self { r#type: kind, default, required }
    }
}

impl From<Registration> for DltView {
    fn from(Registration { dlt, text }: Registration) -> Self {
        let Dlt { entity_id, template_id, header, category } = dlt;
        Self { entity_id, template_id, header, category, text: text.map(|text| text.to_string()) }
    }
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        let Template {
            meta,
            id,
            name,
            channel,
            category,
            language,
            content,
            revision,
            author,
            approval,
            approval_reason,
            approval_at: _,
        } = template;
        let Meta { version, created_at, updated_at, organization: _, deleted_at: _ } = meta;
        let Content { subject, body, html, variables, registration, held } = content;
        Self {
            id,
            name,
            channel,
            category,
            language,
            subject: subject.map(|subject| subject.to_string()),
            body: body.to_string(),
            html: html.map(|html| html.to_string()),
            variables: variables.into_iter().map(|(name, variable)| (name, variable.into())).collect(),
            dlt: registration.map(DltView::from),
            provider_template: held,
            approval,
            approval_reason,
            revision,
            author,
            created_at,
            updated_at,
            version,
        }
    }
}

impl TemplateView {
    /// A template as one of its versions had it.
    pub(super) fn as_of(template: &Template, version: TemplateVersion) -> Self {
        let TemplateVersion { meta, id: _, template: _, revision, content, author } = version;
        let is_latest = revision == template.revision;
        let approval = template.approval.filter(|_| is_latest);
        let approval_reason = template.approval_reason.clone().filter(|_| is_latest);
        let meta = Meta { updated_at: meta.created_at, ..template.meta.clone() };
        Template { meta, content, revision, author, approval, approval_reason, ..template.clone() }.into()
    }
}

/// One template: 1 read.
#[utoipa::path(
    get, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template.", body = Envelope<TemplateView>, headers(("ETag" = String)))),
)]
pub(crate) async fn template_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
) -> Result<Versioned<TemplateView>, Problem> {
    let grant = signed_in.caller.allow(Permission::TemplatesRead)?;
    let template: Template = app.table().get(&grant, id).await?;
    let version = template.meta.version;
    Ok(Versioned(template.into(), version))
}
