//! `POST /auth/mfa/verify`.

use axum::extract::State;
use domain::challenge::Purpose;
use domain::session::Proof;
use domain::{Challenge, Change, SecurityKind};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem, Secret};

use super::{Shown, taken};
use crate::Signer;
use crate::attempts::{Attempt, By, Try};
use crate::codes::{answered_at, invalid_code, led_to, owner, still};
use crate::secret_text::SecretText;
use crate::sign_in::{How, Place, Proven, SignIn};
use crate::visit::Visit;

/// The account or the challenge may change at the same time.
const LOOKS: u32 = 8;

/// A code of the second factor.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SecondFactorAnswer {
    /// From the answer to the first factor.
    #[serde(default)]
    #[schema(value_type = String, required)]
    mfa_token: Field<String>,
    /// The authenticator's six digits; or `recovery_code`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "012345")]
    code: Field<String>,
    /// One of the recovery codes, where the authenticator is lost.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    recovery_code: Field<String>,
}

impl Fields for SecondFactorAnswer {
    const WRITES: &'static [&'static str] = &["mfa_token", "code", "recovery_code"];
}

impl SecondFactorAnswer {
    fn parse(self) -> Result<(String, Shown), Problem> {
        let mut wrong = Vec::new();
        let token = self.mfa_token.required("mfa_token", &mut wrong);
        let shown = Shown::read(self.code, self.recovery_code, &mut wrong);
        token.zip(shown).filter(|_| wrong.is_empty()).ok_or_else(|| wrong.into())
    }
}

/// Completes a sign-in with the second factor: five tries within five minutes. A code is taken once; the next one
/// comes within 30 seconds.
///
/// A token or a code that is not good, whatever the reason, is the same 401 `invalid_code`.
#[utoipa::path(
    post, path = "/auth/mfa/verify", tag = "auth", security(()), request_body = SecondFactorAnswer,
    responses((status = 200, description = "Signed in.", body = Envelope<SignIn>)),
)]
pub(crate) async fn auth_mfa_verify(
    State(app): State<App>,
    signer: Signer,
    visit: Visit,
    Body(body): Body<SecondFactorAnswer>,
) -> Result<Secret<Data<SignIn>>, Problem> {
    let (token, shown) = body.parse()?;
    let token: SecretText = token.parse().map_err(|_| invalid_code())?;
    let challenge = led_to(&app, &visit, Purpose::SecondFactor, &token).await?.ok_or_else(invalid_code)?;
    let user = owner(&app, &visit, &challenge).await?;
    let wanted = challenge.pending.as_ref().map(|pending| pending.organization);
    let tried = Try { by: By::SecondFactor, email: &user.email, user: Some(&user), wanted };
    let attempt = Attempt::begin(&app, &visit, tried).await?;

    // Counted now; compared below with the account as it then is.
    let counted = answered_at(&app, &visit, challenge.id, Purpose::SecondFactor, |_| true).await?;
    let signed_in = match counted {
        Some(challenge) => complete(&app, &signer, &visit, challenge, &shown).await?,
        None => None,
    };
    match signed_in {
        Some(signed_in) => {
            attempt.succeeded(&app, &visit).await?;
            Ok(Secret(Data(signed_in)))
        }
        None => {
            attempt.failed(&app, &visit).await?;
            Err(invalid_code())
        }
    }
}

/// Takes the code and signs in, in one transaction that holds only while neither the account nor the challenge has
/// changed: of two sign-ins with one code at the same time one looks again and finds it used.
async fn complete(
    app: &App,
    signer: &Signer,
    visit: &Visit,
    mut challenge: Challenge,
    shown: &Shown,
) -> Result<Option<SignIn>, Problem> {
    let Some(pending) = challenge.pending.clone() else { return Ok(None) };
    for _ in 0..LOOKS {
        let (user, now) = (owner(app, visit, &challenge).await?, app.now());
        let Some((factor, proof)) = taken(&user, shown, now)? else { return Ok(None) };
        let mut after = user.clone();
        after.second_factor = Some(factor);
        after.meta.updated_at = now;
        let Some(place) = Place::of(app, user.clone(), Some(pending.organization)).await? else { return Ok(None) };
        let mut proofs = pending.proofs.clone();
        proofs.push(proof);
        let session = place.session(app, How { device: visit.device.clone(), remember: pending.remember, proofs });
        let proven = Proven {
            answered: Some(challenge.clone().answered(now)),
            user: Some(Change::update(user, after, "user.second_factor_used")),
            also: (proof == Proof::RecoveryCode).then_some(SecurityKind::RecoveryCodeUsed),
        };
        if let Some(signed_in) = Box::pin(place.open(app, signer, visit, session, proven)).await? {
            return Ok(Some(signed_in));
        }
        let Some(again) = still(app, visit, &challenge).await? else { return Ok(None) };
        challenge = again;
    }
    Err(Problem::unavailable("an account changes all the time"))
}
