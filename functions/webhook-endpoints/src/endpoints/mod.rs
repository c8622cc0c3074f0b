//! The machines that are told.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod rotate_secret;
pub(crate) mod secret;
pub(crate) mod test;
pub(crate) mod update;
pub(crate) mod view;

use domain::webhook::{DisabledReason, EventPattern, MAX_ENDPOINTS, WebhookUrl};
use domain::{
    Change, FieldInvalid, Grant, Invalid, Line, Meta, UserId, WebhookEndpoint, WebhookEndpointId, WebhookHealth,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{CommitError, Refused, StoreError, there};
use utoipa::ToSchema;
use web::room::room_for;
use web::{App, Problem};

/// Tries against others who change the same endpoint.
const TRIES: usize = 8;

/// The fields of an endpoint that have no effect in a write.
const READ_ONLY: &[&str] = &[
    "id",
    "header_names",
    "disabled_reason",
    "secret",
    "secret_changed_at",
    "previous_secret_until",
    "health",
    "created_by",
    "created_at",
    "updated_at",
];

/// A machine that is told, without what lets somebody in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub(crate) struct EndpointView {
    id: WebhookEndpointId,
    url: WebhookUrl,
    #[schema(required)]
    description: Option<Line<255>>,
    /// The types of events that it is told of.
    events: Vec<EventPattern>,
    /// The names of the headers that it gets beside ours; their values are not shown.
    header_names: Vec<String>,
    enabled: bool,
    /// Why it is told nothing.
    #[schema(required)]
    disabled_reason: Option<DisabledReason>,
    #[schema(value_type = String, format = DateTime)]
    secret_changed_at: Timestamp,
    /// Until when the secret before the last rotation signs, too.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    previous_secret_until: Option<Timestamp>,
    /// How it does.
    health: HealthView,
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// How an endpoint does.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = WebhookHealth)]
pub(crate) struct HealthView {
    /// When something last got through, to a minute.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_success_at: Option<Timestamp>,
    /// When something last did not.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_failure_at: Option<Timestamp>,
    /// Since when nothing got through; after five days it is turned off.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    failing_since: Option<Timestamp>,
    /// It failed again and again, and is told nothing before this; its deliveries wait.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    rests_until: Option<Timestamp>,
}

impl From<WebhookHealth> for HealthView {
    fn from(health: WebhookHealth) -> Self {
        let WebhookHealth { last_success_at, last_failure_at, failing_since, rests_until, .. } = health;
        Self { last_success_at, last_failure_at, failing_since, rests_until }
    }
}

impl EndpointView {
    fn new(endpoint: WebhookEndpoint, health: Option<WebhookHealth>) -> Self {
        let WebhookEndpoint {
            meta: Meta { created_at, updated_at, .. },
            id,
            url,
            description,
            events,
            headers,
            headers_changed_at: _,
            disabled,
            secret: _,
            secret_changed_at,
            previous,
            created_by,
            clear: _,
        } = endpoint;
        Self {
            id,
            url,
            description,
            events: events.as_slice().to_vec(),
            header_names: headers.names().map(str::to_owned).collect(),
            enabled: disabled.is_none(),
            disabled_reason: disabled,
            secret_changed_at,
            previous_secret_until: previous.map(|previous| previous.until),
            health: health.map(HealthView::from).unwrap_or_default(),
            created_by,
            created_at,
            updated_at,
        }
    }
}

/// The endpoint with how it does: 1 read.
async fn shown(app: &App, grant: &Grant, endpoint: WebhookEndpoint) -> Result<EndpointView, StoreError> {
    let health = there(app.table().get(grant, WebhookHealth::id_of(endpoint.id)).await)?;
    Ok(EndpointView::new(endpoint, health))
}

/// Changes an endpoint in what no history shows, and says so in its history: 1 read, 1 transaction. Other than
/// [`web::change`] it writes what looks the same, too.
async fn commit(
    app: &App,
    grant: &Grant,
    id: WebhookEndpointId,
    decide: impl Fn(WebhookEndpoint) -> Change<WebhookEndpoint>,
) -> Result<WebhookEndpoint, Problem> {
    for _ in 0..TRIES {
        let endpoint = app.table().get_to_change(grant, id).await?;
        match app.table().commit(grant, decide(endpoint)).await {
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            committed => return Ok(committed?),
        }
    }
    Err(Refused::Conflict.into())
}

/// Refuses an address that this platform does not ask.
fn check_reach(app: &App, url: Option<&WebhookUrl>, wrong: &mut Vec<FieldInvalid>) {
    if url.is_some_and(|url| app.platform().reach().check(url.as_str()).is_err()) {
        let invalid = Invalid::new("not_public", "must be an https address of the public internet");
        wrong.push(FieldInvalid::new("url", invalid));
    }
}

/// Refuses one more endpoint where there are as many as there may be: 1 Query.
async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    room_for::<WebhookEndpoint>(app, grant, MAX_ENDPOINTS, "too_many_webhook_endpoints", "webhook endpoints").await
}
