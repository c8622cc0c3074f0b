//! What of a template people write.

use std::collections::BTreeMap;

use domain::outreach::{Dlt, DltCategory};
use domain::template::{
    Body, Content, HeldName, Registration, Subject, TemplateChannel, TemplateDetails, TemplatePatch, Variable,
    VariableType,
};
use domain::{FieldInvalid, Label, Note};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::wire::written;
use web::{Field, Fields, FromWire};

/// A template; of an update, what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TemplateBody {
    /// What people call it; unique.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    /// It stays.
    #[serde(default)]
    #[schema(value_type = Option<TemplateChannel>)]
    channel: Field<TemplateChannel>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    category: Field<Label>,
    /// `en` where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    language: Field<String>,
    /// One line, for e-mail, push and in-app.
    #[serde(default)]
    #[schema(value_type = Option<Subject>)]
    subject: Field<Subject>,
    /// The text. Places are written `{{ lead.name }}`; there are `if`, `for` and comparisons, and the filters `upper`,
    /// `lower`, `trim` and `default`. What has no value is empty.
    #[serde(default)]
    #[schema(value_type = Option<Body>)]
    body: Field<Body>,
    /// The same as HTML, for e-mail. What is put in is escaped.
    #[serde(default)]
    #[schema(value_type = Option<Body>)]
    html: Field<Body>,
    /// What whoever sends it hands in, by name; 50 at most.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, VariableBody>>)]
    variables: Field<Map<String, Value>>,
    /// The registration of an SMS with the operators of India.
    #[serde(default)]
    #[schema(value_type = Option<DltBody>)]
    dlt: Field<DltBody>,
    /// The name or id under which the provider holds the text, for SMS and WhatsApp: MSG91 sends nothing else, and WhatsApp
    /// nothing else to those who did not write within the last 24 hours. The places of the body are handed to it in order.
    #[serde(default)]
    #[schema(value_type = Option<HeldName>)]
    provider_template: Field<HeldName>,
}

impl Fields for TemplateBody {
    const WRITES: &'static [&'static str] = &[
        "name",
        "channel",
        "category",
        "language",
        "subject",
        "body",
        "html",
        "variables",
        "dlt",
        "provider_template",
    ];
    const READ_ONLY: &'static [&'static str] =
        &["id", "approval", "revision", "author", "created_at", "updated_at", "version"];
}

/// A variable of a template.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewTemplateVariable)]
pub(crate) struct VariableBody {
    /// `text` where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<VariableType>)]
    r#type: Field<VariableType>,
    /// What stands for it where nothing is handed in.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    default: Field<Value>,
    /// Whether something must be handed in; `false` where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    required: Field<bool>,
}

/// The registration of an SMS with the operators of India.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewTemplateDlt)]
pub(crate) struct DltBody {
    /// Whose text it is: 19 digits; the organization's own where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    entity_id: Field<String>,
    /// 19 digits.
    #[serde(default)]
    #[schema(value_type = String)]
    template_id: Field<String>,
    /// 3 to 6 letters or digits; the organization's own where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    header: Field<String>,
    #[serde(default)]
    #[schema(value_type = DltCategory)]
    category: Field<DltCategory>,
    /// The text as it was registered, with `{#var#}` in its places: the body is held against it.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    text: Field<Note>,
}

/// Reads an object of the body.
macro_rules! object {
    ($($name:ident),*) => {$(
        impl FromWire for $name {
            fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
                web::wire::fields(value)
            }
        }
    )*};
}

object!(VariableBody, DltBody);

impl VariableBody {
    fn parse(self) -> Result<Variable, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let kind = self.r#type.optional("type", &mut wrong).unwrap_or(VariableType::Text);
        let default = self.default.optional("default", &mut wrong);
        let required = self.required.optional("required", &mut wrong).unwrap_or(false);
        if wrong.is_empty() { Ok(Variable { kind, default, required }) } else { Err(wrong) }
    }
}

fn variables(map: Map<String, Value>, wrong: &mut Vec<FieldInvalid>) -> BTreeMap<String, Variable> {
    let mut variables = BTreeMap::new();
    for (name, value) in map {
        match VariableBody::from_wire(value).and_then(VariableBody::parse) {
            Ok(variable) => {
                variables.insert(name, variable);
            }
            Err(errors) => wrong.extend(errors.into_iter().map(|error| error.within(&name).within("variables"))),
        }
    }
    variables
}

impl DltBody {
    fn parse(self, wrong: &mut Vec<FieldInvalid>) -> Option<Registration> {
        let entity_id = self.entity_id.optional("dlt.entity_id", wrong);
        let template_id = self.template_id.required("dlt.template_id", wrong);
        let header = self.header.optional("dlt.header", wrong);
        let category = self.category.required("dlt.category", wrong);
        let text = self.text.optional("dlt.text", wrong);
        let dlt = Dlt { entity_id, template_id: template_id?, header, category: category? };
        Some(Registration { dlt, text })
    }
}

impl TemplateBody {
    /// A new template. Every wrong field is named.
    pub(crate) fn details(self) -> Result<TemplateDetails, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.required("name", w);
        let channel = self.channel.required("channel", w);
        let category = self.category.optional("category", w);
        let language = self.language.optional("language", w);
        let subject = self.subject.optional("subject", w);
        let body = self.body.required("body", w);
        let html = self.html.optional("html", w);
        let variables = self.variables.optional("variables", w).map(|map| variables(map, w)).unwrap_or_default();
        let registration = self.dlt.optional("dlt", w).and_then(|dlt| dlt.parse(w));
        let held = self.provider_template.optional("provider_template", w);
        match (name, channel, body) {
            (Some(name), Some(channel), Some(body)) if wrong.is_empty() => {
                let content = Content { subject, body, html, variables, registration, held };
                Ok(TemplateDetails { name, channel, category, language, content })
            }
            _ => Err(wrong),
        }
    }

    /// What changes, and the names of the fields that do, as the record has them.
    pub(crate) fn patch(self) -> Result<(TemplatePatch, Vec<&'static str>), Vec<FieldInvalid>> {
        let says = self.subject.is_present()
            || self.body.is_present()
            || self.html.is_present()
            || self.variables.is_present()
            || self.dlt.is_present()
            || self.provider_template.is_present();
        let fields = written([
            ("name", self.name.is_present()),
            ("category", self.category.is_present()),
            ("language", self.language.is_present()),
            ("revision", says),
        ]);
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let patch = TemplatePatch {
            name: self.name.replaced("name", w),
            channel: self.channel.replaced("channel", w),
            category: self.category.patch("category", w),
            language: self.language.replaced("language", w),
            subject: self.subject.patch("subject", w),
            body: self.body.replaced("body", w),
            html: self.html.patch("html", w),
            variables: self.variables.replaced("variables", w).map(|map| variables(map, w)),
            registration: match self.dlt.patch("dlt", w) {
                Some(Some(dlt)) => dlt.parse(w).map(Some),
                Some(None) => Some(None),
                None => None,
            },
            held: self.provider_template.patch("provider_template", w),
        };
        if wrong.is_empty() { Ok((patch, fields)) } else { Err(wrong) }
    }
}
