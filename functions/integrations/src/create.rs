//! `POST /integrations`.

use axum::extract::State;
use domain::integration::{CredentialsPatch, IntegrationSettings, MAX_INTEGRATIONS, Provider};
use domain::{BranchId, FieldInvalid, Grant, Integration, IntegrationId, Invalid, Label, Permission};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::room::room_for;
use web::{ApiUrl, App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use crate::body::{READ_ONLY, credentials, refuse_unknown};
use crate::view::IntegrationView;

/// A new connection to a service of others.
#[derive(Deserialize, ToSchema)]
pub(crate) struct IntegrationCreate {
    /// Whose service it is; it stays so.
    #[serde(default)]
    #[schema(value_type = Provider, required)]
    provider: Field<Provider>,
    #[serde(default)]
    #[schema(value_type = Label, required)]
    name: Field<Label>,
    /// `true` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_active: Field<bool>,
    /// By provider; those that a connection cannot do without may be told later, and it rests until then.
    ///
    /// - `telephony`, `twilio`, `whatsapp`, `facebook`, `ses`: `agentId` (whose is what nobody else has; yours where absent),
    ///   `branch_id` (where belongs what is with no lead; yours where absent), `source` (of the leads that people become).
    /// - `telephony`, `twilio`: `agents` (numbers of people and their user ids, 200 at most), `unknown_callers` (`keep` or
    ///   `lead`).
    /// - `twilio`: `account_sid` and `sender` send SMS; `unknown_senders` (`keep` or `lead`) is of those who write.
    /// - `msg91`: `sender`, the registered header where a template names none.
    /// - `whatsapp`: `phone_number_id`, `business_account_id`, `unknown_senders` (`keep` or `lead`).
    /// - `facebook`: `page_id`, `mapping` (questions of forms and the fields of a lead that they answer, as imports have
    ///   them).
    /// - `smtp`: `host`, `port`, `security` (`tls` or `starttls`), `user`, `from`.
    /// - `ses`: `region`, `from`, `topic_arn` (of the SNS topic that tells what becomes of mails, and to which a rule of SES
    ///   publishes those that come), `configuration_set` (that publishes `send` and the rest to that topic; without it,
    ///   where the answer to a mail is lost, marketing is not sent again, and all else may come twice), `unknown_senders` (`keep` or `lead`).
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Field<Map<String, Value>>,
    /// Its secrets by their names, which are never shown again: `signing_secret` of `telephony`; `auth_token` of `twilio`;
    /// `auth_key` and `verify_token` of `msg91`; `access_token`, `app_secret` and `verify_token` of `whatsapp` and
    /// `facebook`; `password` of `smtp`; `access_key_id` and `secret_access_key` of `ses`. A connection does nothing before
    /// it has those that are required.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    credentials: Field<Map<String, Value>>,
}

impl Fields for IntegrationCreate {
    const WRITES: &'static [&'static str] = &["provider", "name", "is_active", "settings", "credentials"];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

struct Wanted {
    provider: Provider,
    name: Label,
    is_active: bool,
    settings: Map<String, Value>,
    credentials: CredentialsPatch,
}

impl IntegrationCreate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let provider = self.provider.required("provider", &mut wrong);
        let name = self.name.required("name", &mut wrong);
        let is_active = self.is_active.optional("is_active", &mut wrong).unwrap_or(true);
        let settings = self.settings.optional("settings", &mut wrong).unwrap_or_default();
        let given = self.credentials.optional("credentials", &mut wrong).unwrap_or_default();
        let credentials = credentials(given, &mut wrong);
        match (provider, name) {
            (Some(provider), Some(name)) if wrong.is_empty() => {
                Ok(Wanted { provider, name, is_active, settings, credentials })
            }
            _ => Err(wrong),
        }
    }
}

/// Connects the organization to a service of others; it may have 50 connections, and several to one provider. Costs 1
/// Query, 2 reads and 1 transaction.
#[utoipa::path(
    post, path = "/integrations", tag = "integrations", request_body = IntegrationCreate,
    responses((status = 201, body = Envelope<IntegrationView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn integration_create(
    State(app): State<App>,
    signed_in: SignedIn,
    api: ApiUrl,
    Body(body): Body<IntegrationCreate>,
) -> Result<Created<IntegrationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsWrite)?;
    let Wanted { provider, name, is_active, settings, credentials } = body.parse()?;
    let usual = IntegrationSettings::of(provider, signed_in.user, home(&signed_in, &settings)?);
    let settings = usual.merged(settings)?;
    refuse_unknown(&app, &grant, &settings).await?;
    room(&app, &grant).await?;
    let now = app.now();
    let id = IntegrationId::at(now, app.platform().random());
    let organization = grant.organization();
    let mut change = Integration::create(id, organization, (provider, name), settings, &credentials, now)?;
    change.after.is_active = is_active;
    let integration = app.table().commit(&grant, change).await?;
    let (version, location) = (integration.meta.version, format!("/integrations/{id}"));
    Ok(Created { data: IntegrationView::new(integration, &api), location, version })
}

/// Refuses one more connection where there are as many as there may be: 1 Query.
pub(crate) async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    room_for::<Integration>(app, grant, MAX_INTEGRATIONS, "too_many_integrations", "connections").await
}

/// Where what is with no lead goes: the branch that is named, else that of who makes the connection.
fn home(signed_in: &SignedIn, settings: &Map<String, Value>) -> Result<BranchId, Problem> {
    let named = settings.get("branch_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    named.or(signed_in.branch).ok_or_else(|| Problem::field("settings.branch_id", Invalid::required()))
}
