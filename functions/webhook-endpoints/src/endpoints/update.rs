//! `PUT /webhook-endpoints/{id}`.

use axum::extract::State;
use domain::webhook::{EndpointPatch, EventPattern, WebhookUrl};
use domain::{Grant, Line, Permission, WebhookEndpoint, WebhookEndpointId, WebhookHealth};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{CommitError, Refused, there};
use utoipa::ToSchema;
use web::wire::written;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::create::{headers, patterns};
use super::{EndpointView, READ_ONLY, check_reach, shown};
use crate::allowed;

/// Tries against the worker, which notes how the endpoint does.
const TRIES: usize = 4;

/// What of an endpoint changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WebhookEndpointUpdate {
    #[serde(default)]
    #[schema(value_type = WebhookUrl)]
    url: Field<WebhookUrl>,
    #[serde(default)]
    #[schema(value_type = Option<Line<255>>)]
    description: Field<Line<255>>,
    #[serde(default)]
    #[schema(value_type = Vec<EventPattern>, min_items = 1, max_items = 50)]
    events: Field<Vec<EventPattern>>,
    /// All of its headers; those that are not named go. `null` takes all of them away.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    headers: Field<Map<String, Value>>,
    #[serde(default)]
    #[schema(value_type = bool)]
    enabled: Field<bool>,
}

impl Fields for WebhookEndpointUpdate {
    const WRITES: &'static [&'static str] = &["url", "description", "events", "headers", "enabled"];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl WebhookEndpointUpdate {
    fn writing(&self) -> Vec<&'static str> {
        written([
            ("url", self.url.is_present()),
            ("description", self.description.is_present()),
            ("events", self.events.is_present()),
            ("headers_changed_at", self.headers.is_present()),
            ("disabled", self.enabled.is_present()),
        ])
    }

    fn parse(self, app: &App) -> Result<EndpointPatch, Problem> {
        let mut wrong = Vec::new();
        let url = self.url.replaced("url", &mut wrong);
        check_reach(app, url.as_ref(), &mut wrong);
        let description = self.description.patch("description", &mut wrong);
        let events = self.events.replaced("events", &mut wrong);
        let events = patterns(events, &mut wrong);
        let map = self.headers.patch("headers", &mut wrong).map(Option::unwrap_or_default);
        let headers = headers(map, &mut wrong);
        let enabled = self.enabled.replaced("enabled", &mut wrong);
        if wrong.is_empty() {
            Ok(EndpointPatch { url, description, events, headers, enabled })
        } else {
            Err(wrong.into())
        }
    }
}

/// Changes an endpoint, within 10 seconds. Turned on again it begins anew, and what waited for it is sent; what happened
/// meanwhile is sent by `POST /webhook-endpoints/{id}/recover`. It never gets more personal fields in the clear than
/// everybody sees who wrote it.
#[utoipa::path(
    put, path = "/webhook-endpoints/{id}", tag = "webhook endpoints", params(("id" = WebhookEndpointId, Path)),
    request_body = WebhookEndpointUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<EndpointView>)),
)]
pub(crate) async fn webhook_endpoint_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
    if_match: IfMatch,
    Body(body): Body<WebhookEndpointUpdate>,
) -> Result<Versioned<EndpointView>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let fields = body.writing();
    let (patch, now) = (body.parse(&app)?, app.now());
    let endpoint = change(&app, &grant, id, if_match, &fields, |endpoint: WebhookEndpoint| {
        Ok(endpoint.update(patch.clone(), grant.clear(), now))
    })
    .await?;
    if patch.enabled == Some(true) {
        begin_anew(&app, &grant, id).await?;
    }
    let version = endpoint.meta.version;
    Ok(Versioned(shown(&app, &grant, endpoint).await?, version))
}

/// Forgets how the endpoint did, where it did badly. A caller who got no answer asks again, and this with it.
async fn begin_anew(app: &App, grant: &Grant, id: WebhookEndpointId) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let health: Option<WebhookHealth> = there(app.table().get_to_change(grant, WebhookHealth::id_of(id)).await)?;
        let Some(health) = health.filter(|health| health.failing_since.is_some()) else { return Ok(()) };
        match app.table().commit_unseen(grant, health.begins_anew(app.now())).await {
            Ok(_) => return Ok(()),
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}
