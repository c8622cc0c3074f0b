//! `POST /webhooks/{provider}/{integration}`.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use domain::{IntegrationId, Provider};
use providers::inbound::twilio::sms;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Address, ApiUrl, App, Data, Envelope, PathId, Problem, RawRequest, Scope};

use crate::find::open;
use crate::genuine::{NotGenuine, Request, genuine};
use crate::keep::{Genuine, keep};
use crate::limits;

/// What a provider is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookReceived {
    /// Always `true`, also for what was received before.
    received: bool,
}

const MAX_CONTENT_TYPE: usize = 120;
/// Twilio reads an answer as what it is to do: nothing. It notes one of another kind as an error of ours
/// (<https://www.twilio.com/docs/errors/12300>, <https://www.twilio.com/docs/errors/11750>).
const NO_TWIML: &str = "<Response/>";

/// Takes what a provider tells of an organization's connection, at the address that `GET /integrations` shows. The body is
/// the provider's own, 1 MiB at most, and signed as it signs:
///
/// - `telephony`: [Standard Webhooks](https://www.standardwebhooks.com), `v1`, at most 5 minutes old. The body is
///   `{"type": "call.updated", "timestamp": "2026-11-20T10:00:00Z", "data": {"id", "status", "direction", "from", "to",
///   "duration", "recording_url"}}`: `id` is the telephone system's own id of the call, `status` one of ours (`queued`,
///   `initiated`, `ringing`, `in_progress`, `completed`, `busy`, `failed`, `no_answer`, `canceled`), `direction` `inbound`
///   or `outbound`, `duration` the seconds talked, `recording_url` an `https` address. In any order, late, and more than
///   once, they come to the same call.
/// - `twilio`: `X-Twilio-Signature` over a form, as status callbacks of calls, of recordings and of text messages have it
///   (these with `?message=` and our id behind the address), and the
///   [webhook](https://www.twilio.com/docs/messaging/guides/webhook-request) of text messages that come in. It is answered
///   with an empty `TwiML` document.
/// - `whatsapp`, `facebook`: `X-Hub-Signature-256` under the connection's `app_secret`, as
///   [Meta signs](https://developers.facebook.com/docs/graph-api/webhooks/getting-started): messages, whose files are fetched
///   and kept, and their statuses, and what lead ads bring. The address is proved to Meta by `GET` first.
/// - `msg91`: delivery reports, which MSG91 does not sign; so the address that it is given ends with
///   `?token=` and the connection's `verify_token`, of 16 characters at least.
/// - `ses`: what the connection's `topic_arn`, and no other topic, tells through
///   [SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html) of mails that SES has, deliveries,
///   bounces and complaints. Its question whether the address wants to be told is answered by itself. Without a `topic_arn`
///   nothing is taken.
/// - `smtp`: never; a mail server tells nothing.
///
/// The same request again is kept once: it is known by its provider's id where it has one (`telephony`, `ses`), else by its
/// body.
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
    responses((status = 200, description = "It is kept.", content(
        (Envelope<WebhookReceived> = "application/json"), (String = "text/xml"),
    ))),
)]
pub(crate) async fn webhook_receive(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    ApiUrl(base): ApiUrl,
    PathId((provider, id)): PathId<(Provider, IntegrationId)>,
    RawRequest { headers, query, body }: RawRequest,
) -> Result<Response, Problem> {
    let Some(open) = open(&app, provider, id).await? else {
        limits::count_refused(&app, &address).await?;
        return Err(Problem::not_found());
    };
    let behind = query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{base}/webhooks/{provider}/{id}{behind}");
    let query = query.as_deref().unwrap_or_default();
    let request = Request { url: &url, query, headers: &headers, body: &body, at: app.now() };
    let event_id = match genuine(app.platform(), &open.integration, &request).await {
        Ok(event_id) => event_id,
        Err(NotGenuine::NotWired(error)) => return Err(error.into()),
        // SNS comes again after a failure, and not after a refusal. Each time costs a look at where it says its certificate
        // is, so it counts as one.
        Err(why @ NotGenuine::Unproved) => {
            limits::count_refused(&app, &address).await?;
            return Err(Problem::unavailable(why));
        }
        Err(why @ (NotGenuine::Forged(_) | NotGenuine::Untaken(_))) => {
            tracing::info!(integration = %id, %why, "a webhook is refused");
            limits::count_refused(&app, &address).await?;
            return Err(Problem::not_found());
        }
    };
    limits::count_genuine(&app, &scope, &open.integration).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.chars().take(MAX_CONTENT_TYPE).collect();
    let message = match provider {
        Provider::Twilio => sms::ours(query).and_then(|id| id.parse().ok()),
        _ => None,
    };
    keep(&app, &open, Genuine { event_id, message, content_type, body: &body }).await?;
    Ok(match provider {
        Provider::Twilio => ([(header::CONTENT_TYPE, "text/xml")], NO_TWIML).into_response(),
        _ => Data(WebhookReceived { received: true }).into_response(),
    })
}
