//! `POST /webhook-endpoints/{id}/recover`.

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use domain::webhook::{KEPT, WebhookStep};
use domain::{
    FieldInvalid, Invalid, Permission, WebhookEndpoint, WebhookEndpointId, WebhookRecovery, WebhookRecoveryId,
};
use jiff::Timestamp;
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, SignedIn};

use super::RecoveryView;
use crate::allowed;
use crate::deliveries::told;

/// What is to be sent again.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WebhookRecover {
    /// Events from here on, within the last 30 days.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required)]
    since: Field<Timestamp>,
}

impl Fields for WebhookRecover {
    const WRITES: &'static [&'static str] = &["since"];
}

impl WebhookRecover {
    fn parse(self, now: Timestamp) -> Result<Timestamp, Problem> {
        let mut wrong = Vec::new();
        let since = self.since.required("since", &mut wrong);
        if since.is_some_and(|since| since > now || since < now - KEPT) {
            let invalid = Invalid::new("out_of_range", "must lie within the last 30 days");
            wrong.push(FieldInvalid::new("since", invalid));
        }
        match since {
            Some(since) if wrong.is_empty() => Ok(since),
            _ => Err(wrong.into()),
        }
    }
}

/// Sends an endpoint, in the background, every event since a time that it wants now and did not get: those whose delivery
/// failed, and those that none was made of because it was turned off or did not want them then. 202 with the recovery to
/// watch. An endpoint has one at a time: 409 `recovery_running`. Costs 1 read, 1 transaction and 1 message.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/recover", tag = "webhook endpoints",
    params(("id" = WebhookEndpointId, Path)), request_body = WebhookRecover,
    responses((status = 202, description = "It is on its way.", body = Envelope<RecoveryView>, headers(("Location" = String)))),
)]
pub(crate) async fn webhook_endpoint_recover(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<WebhookEndpointId>,
    Body(body): Body<WebhookRecover>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Data<RecoveryView>), Problem> {
    let grant = allowed(&signed_in, Permission::WebhookEndpointsWrite)?;
    let now = app.now();
    let since = body.parse(now)?;
    let endpoint: WebhookEndpoint = app.table().get(&grant, id).await?;
    told(&endpoint)?;
    let organization = grant.organization();
    let recovery = WebhookRecoveryId::at(now, app.platform().random());
    let change = WebhookRecovery::begin(recovery, organization, id, since, signed_in.user, now);
    let recovery = match app.table().commit(&grant, change).await {
        Err(CommitError::Refused { refused: Refused::Taken { .. }, .. }) => {
            let detail = "What this webhook endpoint missed is being sent again already.";
            return Err(Problem::conflict("recovery_running", detail));
        }
        committed => committed?,
    };
    app.platform().send_webhooks(&[WebhookStep::Recover { organization, recovery: recovery.id }]).await;
    let place = (header::LOCATION, format!("/webhook-endpoints/{id}/recoveries/{}", recovery.id));
    Ok((StatusCode::ACCEPTED, [place], Data(recovery.into())))
}
