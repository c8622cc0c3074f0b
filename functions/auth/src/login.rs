//! `POST /auth/login`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::session::Proof;
use domain::{EmailAddress, OrganizationId};
use serde::Deserialize;
use store::Refused;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem, Secret, password};

use crate::Signer;
use crate::account::account;
use crate::attempts::{Attempt, By, Try};
use crate::sign_in::{Entered, How, Place};
use crate::visit::Visit;

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    #[serde(default)]
    #[schema(value_type = String, format = Password, required)]
    password: Field<String>,
    /// Whether the sign-in lasts seven days after each use, instead of twelve hours.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    remember_me: Field<bool>,
    /// Which organization, for those who belong to several; otherwise their first.
    #[serde(default)]
    #[schema(value_type = Option<OrganizationId>)]
    organization_id: Field<OrganizationId>,
}

impl Fields for Credentials {
    const WRITES: &'static [&'static str] = &["email", "password", "remember_me", "organization_id"];
}

struct Parsed {
    email: EmailAddress,
    password: String,
    remember: bool,
    organization: Option<OrganizationId>,
}

impl Credentials {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let email = self.email.required("email", &mut wrong);
        let password = self.password.required("password", &mut wrong);
        let organization = self.organization_id.optional("organization_id", &mut wrong);
        let remember = self.remember_me.optional("remember_me", &mut wrong).unwrap_or_default();
        match (email, password) {
            (Some(email), Some(password)) if wrong.is_empty() => Ok(Parsed { email, password, remember, organization }),
            _ => Err(wrong.into()),
        }
    }
}

/// Signs in. Five tries in 15 minutes may fail for an account and for an address; then the next one waits a minute,
/// and twice as long after each further failure, up to an hour. An account's tries are counted apart for each address
/// that its holder signed in from, so that nobody is locked out by who guesses from elsewhere.
///
/// Whether there is no such account, the password is another or the account is not of this organization: the answer
/// is the same 401 `invalid_credentials`. Where the account has a second factor, the answer has `mfa_required` and an
/// `mfa_token` for `POST /auth/mfa/verify` instead of tokens.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", security(()), request_body = Credentials,
    responses((status = 200, description = "Signed in, or the second factor is needed.", body = Envelope<Entered>)),
)]
pub(crate) async fn auth_login(
    State(app): State<App>,
    signer: Signer,
    visit: Visit,
    Body(body): Body<Credentials>,
) -> Result<Secret<Data<Entered>>, Problem> {
    let Parsed { email, password, remember, organization } = body.parse()?;
    let user = account(&app, &visit.everyone(), &email).await?;
    let tried = Try { by: By::Password, email: &email, user: user.as_ref(), wanted: organization };
    let attempt = Attempt::begin(&app, &visit, tried).await?;

    // Who signs in by code only has no hash.
    let hash = user.as_ref().map(|user| user.password_hash.as_str()).filter(|hash| !hash.is_empty());
    let right = password::verify(&password, hash).await?;
    let place = match user.filter(|_| right) {
        Some(user) => Place::of(&app, user, organization).await?,
        None => None,
    };
    let Some(place) = place else {
        attempt.failed(&app, &visit).await?;
        return Err(invalid_credentials());
    };
    let how = How { device: visit.device.clone(), remember, proofs: vec![Proof::Password] };
    let Some(entered) = place.enter(&app, &signer, &visit, how, None).await? else {
        return Err(Refused::Conflict.into());
    };
    attempt.succeeded(&app, &visit).await?;
    Ok(Secret(Data(entered)))
}

fn invalid_credentials() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "invalid_credentials",
        "The e-mail address and the password do not belong together.",
    )
}
