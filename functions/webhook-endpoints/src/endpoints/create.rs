//! `POST /webhook-endpoints`.

use axum::extract::State;
use domain::webhook::{EndpointDetails, EventPattern, EventPatterns, WebhookHeaders, WebhookSecret, WebhookUrl};
use domain::{FieldInvalid, Line, Permission, WebhookEndpoint, WebhookEndpointId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, Secret, SignedIn};

use super::{EndpointView, READ_ONLY, check_reach, room};
use crate::allowed;

/// A new endpoint.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewWebhookEndpoint {
    /// Where it is: `https`, and of the public internet.
    #[serde(default)]
    #[schema(value_type = WebhookUrl, required)]
    url: Field<WebhookUrl>,
    #[serde(default)]
    #[schema(value_type = Option<Line<255>>)]
    description: Field<Line<255>>,
    /// The types of events that it is told of.
    #[serde(default)]
    #[schema(value_type = Vec<EventPattern>, required, min_items = 1, max_items = 50)]
    events: Field<Vec<EventPattern>>,
    /// Headers that it gets beside ours, at most 20.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    headers: Field<Map<String, Value>>,
    /// Whether it is told from now on; true where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<bool>, default = true)]
    enabled: Field<bool>,
}

impl Fields for NewWebhookEndpoint {
    const WRITES: &'static [&'static str] = &["url", "description", "events", "headers", "enabled"];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// An endpoint with what its calls are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookEndpointMade {
    /// The secret, as libraries of Standard Webhooks take it.
    #[schema(pattern = "^whsec_")]
    secret: String,
    webhook_endpoint: EndpointView,
}

/// Reads headers under their name.
pub(super) fn headers(map: Option<Map<String, Value>>, wrong: &mut Vec<FieldInvalid>) -> Option<WebhookHeaders> {
    let refuse = |errors: Vec<FieldInvalid>| wrong.extend(errors.into_iter().map(|error| error.within("headers")));
    map.and_then(|map| WebhookHeaders::read(map).map_err(refuse).ok())
}

/// Reads types of events under their name.
pub(super) fn patterns(list: Option<Vec<EventPattern>>, wrong: &mut Vec<FieldInvalid>) -> Option<EventPatterns> {
    let refuse = |invalid| wrong.push(FieldInvalid::new("events", invalid));
    list.and_then(|list| EventPatterns::new(list).map_err(refuse).ok())
}

impl NewWebhookEndpoint {
    fn parse(self, app: &App) -> Result<EndpointDetails, Problem> {
        let mut wrong = Vec::new();
        let url = self.url.required("url", &mut wrong);
        check_reach(app, url.as_ref(), &mut wrong);
        let description = self.description.optional("description", &mut wrong);
        let events = self.events.required("events", &mut wrong);
        let events = patterns(events, &mut wrong);
        let map = self.headers.optional("headers", &mut wrong);
        let headers = headers(map, &mut wrong).unwrap_or_default();
        let enabled = self.enabled.optional("enabled", &mut wrong).unwrap_or(true);
        match (url, events) {
            (Some(url), Some(events)) if wrong.is_empty() => {
                Ok(EndpointDetails { url, description, events, headers, enabled })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Names a machine that is told what happens from now on, within 10 seconds: each event as `POST` of
/// `{"type", "timestamp", "data"}`, signed as the Standard Webhooks specification asks. Personal fields that you do not
/// see in the clear are masked. The secret is shown this once; `GET /webhook-endpoints/{id}/secret` shows it again to
/// those who may. Costs 1 Query and 1 transaction.
#[utoipa::path(
    post, path = "/webhook-endpoints", tag = "webhook endpoints", request_body = NewWebhookEndpoint,
    responses((status = 201, description = "Made.", body = Envelope<WebhookEndpointMade>)),
)]
pub(crate) async fn webhook_endpoint_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewWebhookEndpoint>,
) -> Result<Secret<Created<WebhookEndpointMade>>, Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let details = body.parse(&app)?;
    room(&app, &grant).await?;
    let now = app.now();
    let id = WebhookEndpointId::at(now, app.platform().random());
    let secret = WebhookSecret::new(app.platform().random());
    let text = secret.text().to_owned();
    let maker = (signed_in.user, grant.clear());
    let change = WebhookEndpoint::create(id, grant.organization(), details, secret, maker, now);
    let endpoint = app.table().commit(&grant, change).await?;
    let version = endpoint.meta.version;
    let data = WebhookEndpointMade { secret: text, webhook_endpoint: EndpointView::new(endpoint, None) };
    Ok(Secret(Created { data, location: format!("/webhook-endpoints/{id}"), version }))
}
