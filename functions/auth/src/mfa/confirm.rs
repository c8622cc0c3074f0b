//! `POST /auth/mfa/confirm`.

use axum::extract::State;
use domain::challenge::Purpose;
use domain::{Challenge, Change, SecondFactor, SecurityKind, Session, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{App, Body, Data, Entering, Envelope, Field, Fields, Problem, Secret, SignedIn};

use super::enroll::already_enrolled;
use super::{recovery, totp};
use crate::account::unraced;
use crate::codes::{self, invalid_code, still, typed};
use crate::notice::alert;
use crate::sessions::clear_second_factor_due;
use crate::visit::Visit;

/// The account, the sign-in or the challenge may change at the same time.
const LOOKS: u32 = 8;

/// A code of the authenticator that is being set up.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Confirmation {
    /// The six digits.
    #[serde(default)]
    #[schema(value_type = String, required, example = "012345")]
    code: Field<String>,
}

impl Fields for Confirmation {
    const WRITES: &'static [&'static str] = &["code"];
}

impl Confirmation {
    fn parse(self) -> Result<String, Problem> {
        let mut wrong = Vec::new();
        self.code.required("code", &mut wrong).map(|code| typed(&code)).ok_or_else(|| wrong.into())
    }
}

/// What to keep in a safe place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Ten, each good once in the place of an authenticator's code. They are shown only now.
    recovery_codes: Vec<String>,
}

/// Sets up the second factor with a code of the authenticator; from now on every sign-in asks for one.
#[utoipa::path(
    post, path = "/auth/mfa/confirm", tag = "auth", request_body = Confirmation,
    responses((status = 200, description = "The second factor is set up.", body = Envelope<RecoveryCodes>)),
)]
pub(crate) async fn auth_mfa_confirm(
    State(app): State<App>,
    visit: Visit,
    Entering(signed_in, _): Entering,
    Body(body): Body<Confirmation>,
) -> Result<Secret<Data<RecoveryCodes>>, Problem> {
    signed_in.person()?;
    let code = body.parse()?;
    let now = app.now();
    let step = |challenge: &Challenge| {
        challenge.secret.as_deref().and_then(|secret| totp::step_of(secret, &code, now).ok().flatten())
    };
    let subject = signed_in.user.to_string();
    let right = |challenge: &Challenge| step(challenge).is_some();
    let answered = codes::answered(&app, &visit, Purpose::Enrolment, &subject, right).await?;
    let Some(challenge) = answered else { return Err(invalid_code()) };
    let (Some(secret), Some(last_step)) = (challenge.secret.clone(), step(&challenge)) else {
        return Err(invalid_code());
    };
    let recovery_codes = recovery::codes(&app);
    let recovery = recovery_codes.iter().map(|code| recovery::kept(code)).collect();
    let factor = SecondFactor { secret, confirmed_at: now, last_step: Some(last_step), recovery };
    let user = set_up(&app, &visit, &signed_in, challenge, factor).await?;
    clear_second_factor_due(&app, &visit, user.id, &user.organizations).await?;
    Ok(Secret(Data(RecoveryCodes { recovery_codes })))
}

async fn set_up(
    app: &App,
    visit: &Visit,
    signed_in: &SignedIn,
    mut challenge: Challenge,
    factor: SecondFactor,
) -> Result<User, Problem> {
    let (everyone, grant, id) = (visit.everyone(), signed_in.own(), signed_in.person()?);
    let (organization, now) = (grant.organization(), app.now());
    for _ in 0..LOOKS {
        let user: User = app.table().get_to_change(&everyone, signed_in.user).await?;
        if user.second_factor.is_some() {
            return Err(already_enrolled());
        }
        let session: Session = app.table().get_to_change(&grant, id).await?;
        let mut after = user.clone();
        after.second_factor = Some(factor.clone());
        after.meta.updated_at = now;
        let event = visit.event(app, organization, SecurityKind::SecondFactorEnrolled).about(user.id).of_session(id);
        let told = alert(app, visit, organization, &user, "A second factor was set up.");
        let mut transaction = app.table().transaction();
        transaction.push(&everyone, challenge.clone().answered(now))?;
        let changed = transaction.push(&everyone, Change::update(user, after, "user.second_factor_set_up"))?;
        transaction.push(&grant, session.second_factor_set_up(now))?;
        transaction.push(&grant, event.happened())?;
        transaction.push(&grant, told)?;
        if unraced(transaction.commit().await)?.is_some() {
            app.forget_session(id);
            return Ok(changed);
        }
        challenge = still(app, visit, &challenge).await?.ok_or_else(invalid_code)?;
    }
    Err(store::Refused::Conflict.into())
}
