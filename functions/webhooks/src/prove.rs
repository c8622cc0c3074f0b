//! `GET /webhooks/{provider}/{integration}`.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use domain::integration::VERIFY_TOKEN;
use domain::{Integration, IntegrationId, Provider};
use providers::inbound::{Forged, meta};
use web::{Address, App, PathId, Problem, RawRequest};

use crate::find::open;
use crate::genuine::secret;
use crate::limits;

/// Proves to Meta that the address is the organization's, as
/// [it asks](https://developers.facebook.com/docs/graph-api/webhooks/getting-started) before it tells anything there: of
/// `whatsapp` and `facebook`, with `hub.mode` `subscribe` and in `hub.verify_token` the connection's own `verify_token`. The
/// answer is `hub.challenge` as it came, as plain text.
///
/// Anything else is 404 in the same words as an address that leads nowhere, and counts as one. Costs 2 reads.
#[utoipa::path(
    get, path = "/webhooks/{provider}/{integration}", tag = "webhooks", security(()),
    params(
        ("provider" = Provider, Path, description = "Whose service it is."),
        ("integration" = IntegrationId, Path, description = "The connection."),
        ("hub.mode" = Option<String>, Query, description = "`subscribe`."),
        ("hub.verify_token" = Option<String>, Query, description = "The connection's `verify_token`."),
        ("hub.challenge" = Option<String>, Query, description = "1 to 128 letters, digits, `-` and `_`."),
    ),
    responses((status = 200, description = "The challenge.", body = String, content_type = "text/plain")),
)]
pub(crate) async fn webhook_prove(
    State(app): State<App>,
    address: Address,
    PathId((provider, id)): PathId<(Provider, IntegrationId)>,
    RawRequest { query, .. }: RawRequest,
) -> Result<Response, Problem> {
    let proved = match open(&app, provider, id).await? {
        Some(open) => challenge(&open.integration, query.as_deref().unwrap_or_default()),
        None => Err(Forged::Unsigned),
    };
    match proved {
        Ok(challenge) => Ok(([(header::CACHE_CONTROL, "no-store")], challenge).into_response()),
        Err(why) => {
            tracing::info!(integration = %id, %why, "an address is not proved");
            limits::count_refused(&app, &address).await?;
            Err(Problem::not_found())
        }
    }
}

fn challenge(integration: &Integration, query: &str) -> Result<String, Forged> {
    match integration.provider {
        Provider::Whatsapp | Provider::Facebook => meta::challenge(secret(integration, VERIFY_TOKEN)?, query),
        Provider::Telephony | Provider::Twilio | Provider::Msg91 | Provider::Ses | Provider::Smtp => {
            Err(Forged::Unsigned)
        }
    }
}
