//! Giving a provider the address of an organization's connection, as its panel has a place for it.

use http::{HeaderMap, Method, StatusCode};

use super::Acting;
use super::line::{Answer, NotHeard};

/// What Meta asks an address to say again.
const CHALLENGE: &str = "1158201444";

/// An account at a provider that calls an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// A number at WhatsApp, by Meta's id of it.
    Whatsapp { number: String },
    /// The account at MSG91.
    Msg91,
    /// An account at SES, by its access key, and its topic.
    Ses { key: String },
}

/// Why a provider does not call an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotConnected {
    /// Nobody answers there, or it is not the platform's.
    #[error(transparent)]
    NotHeard(#[from] NotHeard),
    /// It did not prove that it wants to be called.
    #[error("the address did not say that it wants to be called: it answered {0}")]
    Unproved(StatusCode),
    /// The double is broken.
    #[error(transparent)]
    Broken(#[from] standins::Error),
}

impl Acting {
    /// From now on a provider calls an address, once it has proved itself where the provider wants that: to Meta by its
    /// `verify_token`, to SNS by taking its question.
    pub(crate) async fn connect(&self, account: &Account, url: &str, verify_token: &str) -> Result<(), NotConnected> {
        match account {
            Account::Whatsapp { number } => {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("hub.mode", "subscribe")
                    .append_pair("hub.challenge", CHALLENGE)
                    .append_pair("hub.verify_token", verify_token)
                    .finish();
                let asked = format!("{url}?{query}");
                let Answer { status, body } = self.line.ask(Method::GET, &asked, &HeaderMap::new(), "").await?;
                if status != StatusCode::OK || body != CHALLENGE {
                    return Err(NotConnected::Unproved(status));
                }
                self.doubles.whatsapp.call_at(number, url)?;
            }
            // MSG91 asks an address nothing.
            Account::Msg91 => {
                self.line.own(url)?;
                self.doubles.msg91.call_at(url)?;
            }
            Account::Ses { key } => {
                let callback = self.doubles.sns.subscription()?;
                let Answer { status, .. } = self.line.ask(Method::POST, url, &callback.headers, callback.body).await?;
                if status != StatusCode::OK {
                    return Err(NotConnected::Unproved(status));
                }
                self.ses.call_at(key, url)?;
            }
        }
        Ok(())
    }
}
