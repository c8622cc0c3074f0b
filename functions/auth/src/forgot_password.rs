//! `POST /auth/forgot-password`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::challenge::Purpose;
use domain::message::MessageTemplate;
use domain::{EmailAddress, Recipient};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem};

use crate::account::home;
use crate::codes;
use crate::notice::message;
use crate::otp::request::CodeRequested;
use crate::visit::Visit;

/// Whose password is forgotten.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordForgotten {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
}

impl Fields for PasswordForgotten {
    const WRITES: &'static [&'static str] = &["email"];
}

impl PasswordForgotten {
    fn parse(self) -> Result<EmailAddress, Problem> {
        let mut wrong = Vec::new();
        self.email.required("email", &mut wrong).ok_or_else(|| wrong.into())
    }
}

/// Sends a link and a code to choose a new password with: good once, for an hour.
///
/// The answer is the same whether there is such an account or not.
#[utoipa::path(
    post, path = "/auth/forgot-password", tag = "auth", security(()), request_body = PasswordForgotten,
    responses((status = 202, description = "A link is on its way, if there is an account.", body = Envelope<CodeRequested>)),
)]
pub(crate) async fn auth_forgot_password(
    State(app): State<App>,
    visit: Visit,
    Body(body): Body<PasswordForgotten>,
) -> Result<(StatusCode, Data<CodeRequested>), Problem> {
    let email = body.parse()?;
    let purpose = Purpose::PasswordReset;
    codes::send(&app, &visit, purpose, &email, |user, sent| {
        // Without a frontend there is no page to lead to; the code does as well.
        let mut values = json!({"code": sent.code, "minutes": purpose.life().as_mins()});
        if let Some(url) = &app.platform().settings().app_url {
            values["link"] = format!("{url}/reset-password?token={}", sent.token.text()).into();
        }
        let to = Recipient::Email(user.email.clone());
        message(&app, home(Some(user), None), to, MessageTemplate::PasswordReset, values)
    })
    .await?;
    Ok((StatusCode::ACCEPTED, Data(CodeRequested::of(purpose))))
}
