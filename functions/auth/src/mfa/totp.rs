//! Codes of authenticators: six digits for each 30 seconds, one step early or late (RFC 6238).

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Builder, Secret};
use web::Problem;

/// What authenticators show beside the address.
const ISSUER: &str = "Sampark";

/// A new secret of 160 bits, in base 32.
pub(crate) fn secret(random: [u8; 20]) -> String {
    Secret::from(random).to_base32()
}

/// What authenticators read, from a QR code or a link.
pub(crate) fn url(secret: &str, account: &str) -> String {
    let account = utf8_percent_encode(account, NON_ALPHANUMERIC);
    format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30")
}

/// The step that a code belongs to, compared in constant time; `None` where it is of none around `now`.
pub(crate) fn step_of(secret: &str, code: &str, now: Timestamp) -> Result<Option<u64>, Problem> {
    let secret = Secret::try_from_base32(secret).map_err(|error| Problem::internal(format!("{error:?}")))?;
    let totp = Builder::new().with_secret(secret).build().map_err(|error| Problem::internal(format!("{error:?}")))?;
    Ok(totp.check(code, u64::try_from(now.as_second()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, cut to six digits.
        let secret = secret(*b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Timestamp::from_second(second).expect("a time");
            let step = u64::try_from(second / 30).expect("a step");
            assert_eq!(step_of(&secret, code, now).ok().flatten(), Some(step));
            let far = Timestamp::from_second(second + 61).expect("a time");
            assert_eq!(step_of(&secret, code, far).ok().flatten(), None);
        }
    }
}
