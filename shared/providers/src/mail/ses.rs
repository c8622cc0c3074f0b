//! Amazon SES.

use aws_sdk_ses::Client;
use aws_sdk_ses::config::interceptors::InterceptorContext;
use aws_sdk_ses::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_ses::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_ses::operation::send_raw_email::SendRawEmailError;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage};

use super::{MailCarrier, RawMail};
use crate::SendError;
use crate::api::is_of_a_gateway;
use crate::inbound::ses::{MESSAGE, ORGANIZATION};

/// Carries e-mails by SES.
#[derive(Debug, Clone)]
pub(super) struct Ses {
    client: Client,
    /// The configuration set that says where SES tells what becomes of mails.
    events: Option<String>,
}

impl Ses {
    pub(super) fn new(client: &Client, events: Option<String>) -> Self {
        let config = client.config().to_builder().retry_classifier(WhatWasAnswered).build();
        Self { client: Client::from_conf(config), events }
    }
}

/// The SDK asks again where SES answers that it did not take a mail, and nowhere else: where its answer is lost, it may have
/// taken it.
#[derive(Debug)]
struct WhatWasAnswered;

impl ClassifyRetry for WhatWasAnswered {
    fn classify_retry(&self, asked: &InterceptorContext) -> RetryAction {
        let status = asked.response().map(|answer| answer.status().as_u16());
        if status.is_some_and(|status| !is_of_a_gateway(status)) {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "what was answered"
    }
}

#[async_trait::async_trait]
impl MailCarrier for Ses {
    /// 1 `SendRawEmail`. Where it comes back to is the `From` of its headers.
    async fn carry(&self, mail: RawMail<'_>) -> Result<String, SendError> {
        let RawMail { id, from: _, to, message, organization } = mail;
        let raw = RawMessage::builder()
            .data(Blob::new(message))
            .build()
            .map_err(|error| SendError::Refused(error.to_string()))?;
        let mut request = self.client.send_raw_email().destinations(to).raw_message(raw);
        // What nobody wants to hear of is sent without a word of it.
        if let (Some(events), Some(organization)) = (&self.events, organization) {
            request = request.configuration_set_name(events);
            for (name, value) in [(ORGANIZATION, organization), (MESSAGE, id)] {
                let tag = MessageTag::builder().name(name).value(value).build();
                request = request.tags(tag.map_err(|error| SendError::Refused(error.to_string()))?);
            }
        }
        match request.send().await {
            Ok(sent) => Ok(sent.message_id),
            Err(error) => {
                tracing::warn!(mail = id, cause = %DisplayErrorContext(&error), "SES did not take a mail");
                Err(named(&error))
            }
        }
    }

    /// It [writes its own](https://docs.aws.amazon.com/ses/latest/dg/header-fields.html) `Message-ID`.
    fn knows_repeats(&self) -> bool {
        self.events.is_some()
    }
}

/// What SES said. A message it rejects, or cannot read, it will not take the next time either; a sender who is not
/// verified yet or is paused may be by then. SES's own words stay out: they name addresses.
///
/// <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendRawEmail.html#API_SendRawEmail_Errors>
fn named<R>(error: &SdkError<SendRawEmailError, R>) -> SendError {
    let Some(refusal) = error.as_service_error() else {
        let unknown = |why: &str| SendError::Unknown(why.to_owned());
        return match error {
            SdkError::TimeoutError(_) => unknown("SES did not answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => unknown("SES did not answer in time"),
            SdkError::DispatchFailure(failure) if !failure.is_user() => {
                unknown("SES could not be reached, or broke off")
            }
            SdkError::ResponseError(_) => unknown("the answer of SES cannot be read"),
            _ => SendError::not_taken("SES could not be asked"),
        };
    };
    let code = refusal.code().unwrap_or("no code");
    let words = format!("SES: {code}");
    let refused = refusal.is_message_rejected() || matches!(code, "InvalidParameterValue" | "ValidationError");
    if refused { SendError::Refused(words) } else { SendError::not_taken(words) }
}
