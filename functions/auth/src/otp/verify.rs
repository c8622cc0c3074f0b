//! `POST /auth/otp/verify`.

use axum::extract::State;
use domain::challenge::Purpose;
use domain::session::Proof;
use domain::{EmailAddress, OrganizationId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem, Secret};

use crate::Signer;
use crate::account::account;
use crate::attempts::{Attempt, By, Try};
use crate::codes::{self, invalid_code, is_code_of, still, typed};
use crate::sign_in::{Entered, How, Place};
use crate::visit::Visit;

/// Others may try the same challenge meanwhile, at most as often as it may be tried.
const LOOKS: u32 = 8;

/// A code that was sent.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CodeAnswer {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    /// The six digits.
    #[serde(default)]
    #[schema(value_type = String, required, example = "012345")]
    code: Field<String>,
    /// Whether the sign-in lasts seven days after each use, instead of twelve hours.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    remember_me: Field<bool>,
    /// Which organization, for those who belong to several; otherwise their first.
    #[serde(default)]
    #[schema(value_type = Option<OrganizationId>)]
    organization_id: Field<OrganizationId>,
}

impl Fields for CodeAnswer {
    const WRITES: &'static [&'static str] = &["email", "code", "remember_me", "organization_id"];
}

struct Parsed {
    email: EmailAddress,
    code: String,
    remember: bool,
    organization: Option<OrganizationId>,
}

impl CodeAnswer {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let email = self.email.required("email", &mut wrong);
        let code = self.code.required("code", &mut wrong);
        let organization = self.organization_id.optional("organization_id", &mut wrong);
        let remember = self.remember_me.optional("remember_me", &mut wrong).unwrap_or_default();
        match (email, code) {
            (Some(email), Some(code)) if wrong.is_empty() => {
                Ok(Parsed { email, code: typed(&code), remember, organization })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Signs in with a code that was sent. A wrong one, one that is over or was used, and one of an address without an
/// account get the same 401 `invalid_code`.
#[utoipa::path(
    post, path = "/auth/otp/verify", tag = "auth", security(()), request_body = CodeAnswer,
    responses((status = 200, description = "Signed in, or the second factor is needed.", body = Envelope<Entered>)),
)]
pub(crate) async fn auth_otp_verify(
    State(app): State<App>,
    signer: Signer,
    visit: Visit,
    Body(body): Body<CodeAnswer>,
) -> Result<Secret<Data<Entered>>, Problem> {
    let Parsed { email, code, remember, organization } = body.parse()?;
    let user = account(&app, &visit.everyone(), &email).await?;
    let tried = Try { by: By::Code, email: &email, user: user.as_ref(), wanted: organization };
    let attempt = Attempt::begin(&app, &visit, tried).await?;

    let right = |challenge: &domain::Challenge| is_code_of(&app, challenge, &code);
    let answered = codes::answered(&app, &visit, Purpose::SignIn, &email.normalized(), right).await?;
    let place = match user.filter(|user| answered.as_ref().is_some_and(|answered| answered.user == Some(user.id))) {
        Some(user) => Place::of(&app, user, organization).await?,
        None => None,
    };
    let (Some(mut answered), Some(place)) = (answered, place) else {
        attempt.failed(&app, &visit).await?;
        return Err(invalid_code());
    };
    let how = How { device: visit.device.clone(), remember, proofs: vec![Proof::Code] };
    for _ in 0..LOOKS {
        let spent = answered.clone().answered(app.now());
        let entered = place.clone().enter(&app, &signer, &visit, how.clone(), Some(spent)).await?;
        if let Some(entered) = entered {
            attempt.succeeded(&app, &visit).await?;
            return Ok(Secret(Data(entered)));
        }
        let Some(again) = still(&app, &visit, &answered).await? else { break };
        answered = again;
    }
    attempt.failed(&app, &visit).await?;
    Err(invalid_code())
}
