//! `POST /webhooks/{provider}/{integration}`.

use axum::extract::State;
use axum::http::header;
use domain::{IntegrationId, Provider};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Address, ApiUrl, App, Data, Envelope, PathId, Problem, RawRequest, Scope};

use crate::find::open;
use crate::genuine::{Request, genuine};
use crate::keep::{Genuine, keep};
use crate::limits;

/// What a provider is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookReceived {
    /// Always `true`, also for what was received before.
    received: bool,
}

const MAX_CONTENT_TYPE: usize = 120;

/// Takes what a provider tells of an organization's connection, at the address that `GET /integrations` shows. The body is
/// the provider's own, 1 MiB at most, and signed as it signs:
///
/// - `telephony`: [Standard Webhooks](https://www.standardwebhooks.com), `v1`, at most 5 minutes old. The body is
///   `{"type": "call.updated", "timestamp": "2026-11-20T10:00:00Z", "data": {"id", "status", "direction", "from", "to",
///   "duration", "recording_url"}}`: `id` is the telephone system's own id of the call, `status` one of ours (`queued`,
///   `initiated`, `ringing`, `in_progress`, `completed`, `busy`, `failed`, `no_answer`, `canceled`), `direction` `inbound`
///   or `outbound`, `duration` the seconds talked, `recording_url` an `https` address. In any order, late, and more than
///   once, they come to the same call.
/// - `twilio`: `X-Twilio-Signature` over a form, as status callbacks of calls and recordings have it.
///
/// An address that leads nowhere and a signature that is not good are 404 in the same words; 120 of these a minute from
/// one address, then 429. Costs 2 reads and 1 write, and what is done about it follows.
#[utoipa::path(
    post, path = "/webhooks/{provider}/{integration}", tag = "webhooks", security(()),
    params(
        ("provider" = Provider, Path, description = "Whose service it is."),
        ("integration" = IntegrationId, Path, description = "The connection."),
    ),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "It is kept.", body = Envelope<WebhookReceived>)),
)]
pub(crate) async fn webhook_receive(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    ApiUrl(base): ApiUrl,
    PathId((provider, id)): PathId<(Provider, IntegrationId)>,
    RawRequest { headers, query, body }: RawRequest,
) -> Result<Data<WebhookReceived>, Problem> {
    let Some(open) = open(&app, provider, id).await? else {
        limits::count_refused(&app, &address).await?;
        return Err(Problem::not_found());
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{base}/webhooks/{provider}/{id}{query}");
    let request = Request { url: &url, headers: &headers, body: &body, at: app.now() };
    let event_id = match genuine(&open.integration, &request) {
        Ok(event_id) => event_id,
        Err(why) => {
            tracing::info!(integration = %id, %why, "a webhook is refused");
            limits::count_refused(&app, &address).await?;
            return Err(Problem::not_found());
        }
    };
    limits::count_genuine(&app, &scope, &open.integration).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.chars().take(MAX_CONTENT_TYPE).collect();
    keep(&app, &open, Genuine { event_id, content_type, body: &body }).await?;
    Ok(Data(WebhookReceived { received: true }))
}
