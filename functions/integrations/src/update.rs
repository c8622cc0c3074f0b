//! `PUT /integrations/{id}`.

use axum::extract::State;
use domain::integration::{CredentialsPatch, IntegrationPatch};
use domain::{FieldInvalid, Integration, IntegrationId, Label, Permission};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::wire::written;
use web::{ApiUrl, App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use crate::body::{READ_ONLY, credentials, refuse_unknown, settings_of};
use crate::view::IntegrationView;

/// What of a connection changes.
#[derive(Deserialize, ToSchema)]
pub(crate) struct IntegrationUpdate {
    #[serde(default)]
    #[schema(value_type = Label)]
    name: Field<Label>,
    /// One that is paused takes nothing.
    #[serde(default)]
    #[schema(value_type = bool)]
    is_active: Field<bool>,
    /// The settings that change; `agents` whole.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Field<Map<String, Value>>,
    /// Secrets that are set; `null` clears one.
    #[serde(default)]
    #[schema(value_type = Object)]
    credentials: Field<Map<String, Value>>,
}

impl Fields for IntegrationUpdate {
    const WRITES: &'static [&'static str] = &["name", "is_active", "settings", "credentials"];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

struct Wanted {
    name: Option<Label>,
    is_active: Option<bool>,
    settings: Option<Map<String, Value>>,
    credentials: CredentialsPatch,
}

impl IntegrationUpdate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let given = self.credentials.replaced("credentials", &mut wrong).unwrap_or_default();
        let wanted = Wanted {
            name: self.name.replaced("name", &mut wrong),
            is_active: self.is_active.replaced("is_active", &mut wrong),
            settings: self.settings.replaced("settings", &mut wrong),
            credentials: credentials(given, &mut wrong),
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
    }
}

/// Changes a connection: what the body does not name stays, of its settings and secrets too. Its provider stays.
#[utoipa::path(
    put, path = "/integrations/{id}", tag = "integrations", params(("id" = IntegrationId, Path)),
    request_body = IntegrationUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<IntegrationView>)),
)]
pub(crate) async fn integration_update(
    State(app): State<App>,
    signed_in: SignedIn,
    api: ApiUrl,
    PathId(id): PathId<IntegrationId>,
    if_match: IfMatch,
    Body(body): Body<IntegrationUpdate>,
) -> Result<Versioned<IntegrationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsWrite)?;
    let fields = written([
        ("name", body.name.is_present()),
        ("is_active", body.is_active.is_present()),
        ("settings", body.settings.is_present()),
        ("credentials_set_at", body.credentials.is_present()),
    ]);
    let (wanted, now) = (body.parse()?, app.now());
    // Whether it is there at all comes first: what else is wrong would tell that it is.
    let known: Integration = app.table().get(&grant, id).await?;
    if let Some(settings) = settings_of(&known, wanted.settings.clone())? {
        refuse_unknown(&app, &grant, &settings).await?;
    }
    let decide = |integration: Integration| {
        let patch = IntegrationPatch {
            name: wanted.name.clone(),
            is_active: wanted.is_active,
            settings: settings_of(&integration, wanted.settings.clone())?,
            credentials: wanted.credentials.clone(),
        };
        Ok(integration.update(&patch, now)?)
    };
    let integration = change(&app, &grant, id, if_match, &fields, decide).await?;
    let version = integration.meta.version;
    Ok(Versioned(IntegrationView::new(integration, &api), version))
}
