//! The second factor: codes of an authenticator (RFC 6238), and recovery codes for whoever lost it.

pub(crate) mod confirm;
pub(crate) mod disable;
pub(crate) mod enroll;
mod qr;
mod recovery;
mod totp;
pub(crate) mod verify;

use domain::session::Proof;
use domain::{FieldInvalid, Invalid, SecondFactor, User};
use jiff::Timestamp;
use web::{Field, Problem};

use crate::codes::typed;

/// What somebody shows of their second factor.
pub(crate) enum Shown {
    /// A code of their authenticator.
    Code(String),
    /// A recovery code.
    Recovery(String),
}

impl Shown {
    /// A code of the authenticator, else a recovery code. That there is neither is told where nothing else is wrong.
    fn read(code: Field<String>, recovery_code: Field<String>, wrong: &mut Vec<FieldInvalid>) -> Option<Self> {
        let code = code.optional("code", wrong);
        let recovery = recovery_code.optional("recovery_code", wrong);
        let shown = code.map(|code| Self::Code(typed(&code))).or(recovery.map(Self::Recovery));
        if shown.is_none() && wrong.is_empty() {
            wrong.push(FieldInvalid::new("code", Invalid::required()));
        }
        shown
    }
}

/// The second factor after a code of it was taken, and which kind that was; `None` where it is not good. A code is
/// taken once: its step must be later than the last one.
fn taken(user: &User, shown: &Shown, now: Timestamp) -> Result<Option<(SecondFactor, Proof)>, Problem> {
    let Some(factor) = &user.second_factor else { return Ok(None) };
    let mut after = factor.clone();
    match shown {
        Shown::Code(code) => {
            let step = totp::step_of(&factor.secret, code, now)?;
            let Some(step) = step.filter(|step| factor.last_step.is_none_or(|last| *step > last)) else {
                return Ok(None);
            };
            after.last_step = Some(step);
            Ok(Some((after, Proof::Totp)))
        }
        Shown::Recovery(code) => {
            let Some(place) = recovery::place(&factor.recovery, code) else { return Ok(None) };
            after.recovery.remove(place);
            Ok(Some((after, Proof::RecoveryCode)))
        }
    }
}
