//! Meta's webhooks (WhatsApp, lead ads): `X-Hub-Signature-256`, HMAC-SHA-256 under the app's secret over the body as it came,
//! by <https://developers.facebook.com/docs/graph-api/webhooks/getting-started>.
//!
//! The scheme has no time and no id, so a request may be replayed by whoever has seen it; who takes it must do nothing twice.

mod event;
mod read;
mod wire;

use aws_lc_rs::digest::SHA256_OUTPUT_LEN;
use aws_lc_rs::{constant_time, hmac};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use http::HeaderMap;

use super::{Forged, header};

pub use event::{Content, Event, Lead, Message, Party, Status, TemplateStatus};
pub use read::{MAX_EVENTS, read};

const SIGNATURE: &str = "x-hub-signature-256";
const SCHEME: &str = "sha256=";
/// The longest challenge that is told back.
const MAX_CHALLENGE: usize = 128;

/// Whether a request is Meta's, for the app of this secret.
pub fn verify(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Forged> {
    let key = key(secret)?;
    let tag = header(headers, SIGNATURE)?.strip_prefix(SCHEME).ok_or(Forged::Unsigned)?;
    let tag = HEXLOWER_PERMISSIVE.decode(tag.as_bytes()).ok().filter(|tag| tag.len() == SHA256_OUTPUT_LEN);
    let tag = tag.ok_or(Forged::Unsigned)?;
    hmac::verify(&key, body, &tag).map_err(|_| Forged::Mismatch)
}

/// The signature of a request, as Meta writes it.
pub fn sign(secret: &str, body: &[u8]) -> Result<String, Forged> {
    Ok(SCHEME.to_owned() + &HEXLOWER.encode(hmac::sign(&key(secret)?, body).as_ref()))
}

/// What the request that proves an address to Meta is answered with, as plain text: its `hub.challenge`, if its
/// `hub.verify_token` is the one that Meta was given.
pub fn challenge(token: &str, query: &str) -> Result<String, Forged> {
    if token.is_empty() {
        return Err(Forged::Secret);
    }
    let one = |name: &str| {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.into_owned()).ok_or(Forged::Unsigned)?;
        if values.next().is_some() { Err(Forged::Unsigned) } else { Ok(value) }
    };
    let challenge = one("hub.challenge")?;
    // Nothing that a browser could take for more than text.
    let good = (1..=MAX_CHALLENGE).contains(&challenge.len())
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if one("hub.mode")? != "subscribe" || !good {
        return Err(Forged::Unsigned);
    }
    constant_time::verify_slices_are_equal(one("hub.verify_token")?.as_bytes(), token.as_bytes())
        .map_err(|_| Forged::Mismatch)?;
    Ok(challenge)
}

/// An empty secret would let everybody in.
fn key(secret: &str) -> Result<hmac::Key, Forged> {
    if secret.is_empty() { Err(Forged::Secret) } else { Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn signed(signature: &str) -> HeaderMap {
        HeaderMap::from_iter([(SIGNATURE.parse().expect("a name"), HeaderValue::from_str(signature).expect("a value"))])
    }

    #[test]
    fn what_the_app_s_secret_signs_is_taken_and_nothing_else() {
        // openssl dgst -sha256 -hmac example
        let (body, good) = (
            br#"{"object":"page","entry":[]}"#,
            "sha256=22192b372009ee9db665e37be4f14b0801bba63d827c401c87a0cd25b8ea4394",
        );
        assert_eq!(sign("example", body).as_deref(), Ok(good));
        assert_eq!(verify("example", &signed(good), body), Ok(()));
        assert_eq!(verify("example", &signed(&good.to_uppercase().replace("SHA", "sha")), body), Ok(()));
        assert_eq!(verify("another", &signed(good), body), Err(Forged::Mismatch));
        assert_eq!(verify("example", &signed(good), br#"{"object":"page","entry":[ ]}"#), Err(Forged::Mismatch));
        assert_eq!(verify("", &signed(good), body), Err(Forged::Secret));
        assert_eq!(sign("", body), Err(Forged::Secret));
        for unsigned in ["", "sha256=", "sha1=00", &good[..70], &good[7..], &format!("{good}00"), "sha256=ß"] {
            let headers = HeaderMap::from_iter([(
                SIGNATURE.parse().expect("a name"),
                HeaderValue::from_bytes(unsigned.as_bytes()).expect("a value"),
            )]);
            assert_eq!(verify("example", &headers, body), Err(Forged::Unsigned), "{unsigned}");
        }
        let mut twice = signed(good);
        twice.append(SIGNATURE, HeaderValue::from_static("sha256=00"));
        assert_eq!(verify("example", &twice, body), Err(Forged::Unsigned));
        assert_eq!(verify("example", &HeaderMap::new(), body), Err(Forged::Unsigned));
    }

    #[test]
    fn an_address_is_proved_to_who_knows_the_token() {
        // The request that Meta documents.
        let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock";
        assert_eq!(challenge("meatyhamhock", query).as_deref(), Ok("1158201444"));
        assert_eq!(challenge("another", query), Err(Forged::Mismatch));
        assert_eq!(challenge("", "hub.mode=subscribe&hub.challenge=1&hub.verify_token="), Err(Forged::Secret));
        for wrong in [
            "",
            "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=meatyhamhock",
            "hub.mode=subscribe&hub.verify_token=meatyhamhock",
            "hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=meatyhamhock",
            "hub.mode=subscribe&hub.challenge=1&hub.challenge=2&hub.verify_token=meatyhamhock",
            "hub.mode=subscribe&hub.challenge=1&hub.verify_token=x&hub.verify_token=meatyhamhock",
        ] {
            assert_eq!(challenge("meatyhamhock", wrong), Err(Forged::Unsigned), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_and_any_changed_byte_does_not(
            body in prop::collection::vec(any::<u8>(), 1..200), place in any::<prop::sample::Index>(), bit in 0_u8..8,
        ) {
            let good = signed(&sign("example", &body).expect("it is signed"));
            prop_assert_eq!(verify("example", &good, &body), Ok(()));
            let mut changed = body.clone();
            changed[place.index(body.len())] ^= 1 << bit;
            prop_assert_eq!(verify("example", &good, &changed), Err(Forged::Mismatch));
        }

        #[test]
        fn no_header_and_no_query_break_it_or_pass(text in "(sha256=)?[ -~]{0,80}", token in "[ -~]{1,20}") {
            prop_assert!(verify("example", &signed(&text), b"body").is_err());
            prop_assert!(challenge(&token, &text).is_err());
        }
    }
}
