//! Whether a request is its provider's.

use domain::integration::{
    APP_SECRET, AUTH_TOKEN, Credential, IntegrationSettings, SIGNING_SECRET, TopicArn, VERIFY_TOKEN,
};
use domain::{Integration, Provider};
use http::HeaderMap;
use jiff::Timestamp;
use providers::inbound::sns::{self, Untaken};
use providers::inbound::{Forged, meta, msg91, standard, twilio};
use runtime::{NotWired, Platform};

/// A request as it came.
pub(crate) struct Request<'a> {
    /// The address as its provider was given it, query and all.
    pub(crate) url: &'a str,
    /// What stands behind its question mark.
    pub(crate) query: &'a str,
    /// Its headers.
    pub(crate) headers: &'a HeaderMap,
    /// Its body.
    pub(crate) body: &'a [u8],
    /// When it came.
    pub(crate) at: Timestamp,
}

/// Why a request is not taken. For the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotGenuine {
    /// It is not its provider's.
    #[error(transparent)]
    Forged(#[from] Forged),
    /// It is none that SNS signed for the connection's topic.
    #[error(transparent)]
    Untaken(Untaken),
    /// What proves it could not be fetched; later it may be.
    #[error("its certificate could not be fetched")]
    Unproved,
    /// A fault of ours.
    #[error(transparent)]
    NotWired(#[from] NotWired),
}

/// The provider's own id of a genuine request, where it has one. One of SES's costs a `GET` where SNS's certificate is not
/// known yet.
pub(crate) async fn genuine(
    platform: &Platform,
    integration: &Integration,
    request: &Request<'_>,
) -> Result<Option<String>, NotGenuine> {
    let Request { url, query, headers, body, at } = *request;
    let own = |name| secret(integration, name);
    Ok(match integration.provider {
        Provider::Telephony => Some(standard::verify(own(SIGNING_SECRET)?, headers, body, at)?),
        Provider::Twilio => twilio::verify(own(AUTH_TOKEN)?, url, headers, body).map(|()| None)?,
        Provider::Whatsapp | Provider::Facebook => meta::verify(own(APP_SECRET)?, headers, body).map(|()| None)?,
        Provider::Msg91 => msg91::verify(own(VERIFY_TOKEN)?, query).map(|()| None)?,
        Provider::Ses => {
            // Without a topic of its own a connection is told nothing: anybody may have a topic.
            let topic = topic(integration).ok_or(Forged::Secret)?;
            let notice = sns::verify(topic.as_str(), body, platform.sns()?).await;
            Some(
                notice
                    .map_err(|untaken| match untaken {
                        Untaken::Unfetched(_) => NotGenuine::Unproved,
                        untaken => NotGenuine::Untaken(untaken),
                    })?
                    .id,
            )
        }
        Provider::Smtp => return Err(Forged::Unsigned.into()),
    })
}

/// A secret of the connection.
pub(crate) fn secret<'a>(integration: &'a Integration, name: &str) -> Result<&'a str, Forged> {
    integration.credentials.get(name).map(Credential::expose).ok_or(Forged::Secret)
}

fn topic(integration: &Integration) -> Option<&TopicArn> {
    match &integration.settings {
        IntegrationSettings::Ses(ses) => ses.topic_arn.as_ref(),
        _ => None,
    }
}
