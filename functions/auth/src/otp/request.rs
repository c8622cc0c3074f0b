//! `POST /auth/otp/request`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::challenge::Purpose;
use domain::message::MessageTemplate;
use domain::{EmailAddress, FieldInvalid, Invalid, Recipient, User};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem};

use crate::account::home;
use crate::codes;
use crate::notice::message;
use crate::visit::Visit;

/// Who wants a code to sign in with.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CodeRequest {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    /// Over what it is sent: `email`, or `sms` to the account's phone; to an account without one by e-mail all the
    /// same.
    #[serde(default)]
    #[schema(value_type = Option<Channel>)]
    channel: Field<String>,
}

impl Fields for CodeRequest {
    const WRITES: &'static [&'static str] = &["email", "channel"];
}

/// Over what a code is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    /// By e-mail.
    #[default]
    Email,
    /// By text message.
    Sms,
}

/// A code may be on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeRequested {
    /// Seconds that the code is good for.
    expires_in: i64,
    /// In words.
    #[schema(value_type = String)]
    message: &'static str,
}

impl CodeRequested {
    /// The same words whether there is an account or not.
    pub(crate) const fn of(purpose: Purpose) -> Self {
        Self {
            expires_in: purpose.life().as_secs(),
            message: "If there is an account of this address, a message is on its way to it.",
        }
    }
}

impl CodeRequest {
    fn parse(self) -> Result<(EmailAddress, Channel), Problem> {
        let mut wrong = Vec::new();
        let email = self.email.required("email", &mut wrong);
        let channel = match self.channel.optional("channel", &mut wrong).as_deref() {
            None => Some(Channel::default()),
            Some("email") => Some(Channel::Email),
            Some("sms") => Some(Channel::Sms),
            Some(_) => {
                wrong.push(FieldInvalid::new("channel", Invalid::new("unknown_value", "must be email or sms")));
                None
            }
        };
        match (email, channel) {
            (Some(email), Some(channel)) if wrong.is_empty() => Ok((email, channel)),
            _ => Err(wrong.into()),
        }
    }
}

/// Sends a code of six digits to sign in with: good once, for five minutes and five tries. Another one takes its
/// place; three in 15 minutes are sent to an account.
///
/// The answer is the same whether there is such an account or not.
#[utoipa::path(
    post, path = "/auth/otp/request", tag = "auth", security(()), request_body = CodeRequest,
    responses((status = 202, description = "A code is on its way, if there is an account.", body = Envelope<CodeRequested>)),
)]
pub(crate) async fn auth_otp_request(
    State(app): State<App>,
    visit: Visit,
    Body(body): Body<CodeRequest>,
) -> Result<(StatusCode, Data<CodeRequested>), Problem> {
    let (email, channel) = body.parse()?;
    let purpose = Purpose::SignIn;
    codes::send(&app, &visit, purpose, &email, |user, sent| {
        let values = json!({"code": sent.code, "minutes": purpose.life().as_mins()});
        message(&app, home(Some(user), None), recipient(user, channel), MessageTemplate::SignInCode, values)
    })
    .await?;
    Ok((StatusCode::ACCEPTED, Data(CodeRequested::of(purpose))))
}

fn recipient(user: &User, channel: Channel) -> Recipient {
    match (channel, &user.phone) {
        (Channel::Sms, Some(phone)) => Recipient::Sms(phone.clone()),
        _ => Recipient::Email(user.email.clone()),
    }
}
