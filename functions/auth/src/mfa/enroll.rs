//! `POST /auth/mfa/enroll`.

use axum::extract::State;
use domain::challenge::Purpose;
use domain::{Challenge, User};
use serde::Serialize;
use store::there;
use utoipa::ToSchema;
use web::{App, Data, Entering, Envelope, Problem, Secret};

use super::{qr, totp};
use crate::account::unraced;
use crate::codes::challenge_id;
use crate::visit::Visit;

/// Two enrolments at once are settled at the second look.
const LOOKS: u32 = 4;

/// An authenticator to be set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// For typing in, in base 32.
    secret: String,
    /// For opening an authenticator on the same device.
    otpauth_url: String,
    /// For scanning: the URL as a QR code, an SVG image in a `data:` URL.
    qr: String,
    /// Seconds in which it must be confirmed.
    expires_in: i64,
}

/// Begins to set up a second factor, also where that is all one may do yet. It counts once a code of the authenticator
/// was confirmed; asking again begins anew.
#[utoipa::path(
    post, path = "/auth/mfa/enroll", tag = "auth",
    responses((status = 200, description = "The authenticator's secret.", body = Envelope<Enrolment>)),
)]
pub(crate) async fn auth_mfa_enroll(
    State(app): State<App>,
    visit: Visit,
    Entering(signed_in, _): Entering,
) -> Result<Secret<Data<Enrolment>>, Problem> {
    signed_in.person()?;
    let everyone = visit.everyone();
    let user: User = app.table().get(&everyone, signed_in.user).await?;
    if user.second_factor.is_some() {
        return Err(already_enrolled());
    }
    let secret = totp::secret(app.platform().random());
    let id = challenge_id(&app, Purpose::Enrolment, &user.id.to_string());
    let challenge =
        Challenge { secret: Some(secret.clone()), ..Challenge::new(id, Purpose::Enrolment, Some(user.id), app.now()) };
    let otpauth_url = totp::url(&secret, user.email.as_str());
    for _ in 0..LOOKS {
        let earlier: Option<Challenge> = there(app.table().get_to_change(&everyone, id).await)?;
        if unraced(app.table().commit(&everyone, challenge.clone().put(earlier)).await)?.is_some() {
            let qr = qr::data_url(&otpauth_url)?;
            let expires_in = Purpose::Enrolment.life().as_secs();
            return Ok(Secret(Data(Enrolment { secret, otpauth_url, qr, expires_in })));
        }
    }
    Err(store::Refused::Conflict.into())
}

pub(crate) fn already_enrolled() -> Problem {
    Problem::conflict("already_enrolled", "There is a second factor already. Give it up first.")
}
