//! Against what the providers' own libraries sign: `tests/signatures/recipe.py`.

use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use super::{Forged, TOLERANCE, standard, twilio};

fn signatures(scheme: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../tests/signatures/signatures.json")).expect("signatures are JSON");
    all[scheme].as_array().expect("a list").clone()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_str(value).expect("a value")))
        .collect()
}

fn twilios(signature: &str) -> HeaderMap {
    headers(&[("x-twilio-signature", signature)])
}

fn standards(id: &str, at: &str, signature: &str) -> HeaderMap {
    headers(&[("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signature)])
}

#[test]
fn what_twilios_own_library_signs_is_taken_and_nothing_else() {
    for one in signatures("twilio") {
        let (token, url, body) = (text(&one, "token"), text(&one, "url"), text(&one, "body").as_bytes());
        let good = twilios(text(&one, "signature"));
        assert_eq!(twilio::verify(token, url, &good, body), Ok(()), "{one}");
        if one["json"].is_null() {
            assert_eq!(twilio::sign(token, url, body), text(&one, "signature"));
        }
        assert_eq!(twilio::verify("54321", url, &good, body), Err(Forged::Mismatch));
        assert_eq!(twilio::verify(token, &format!("{url}x"), &good, body), Err(Forged::Mismatch));
        assert_eq!(twilio::verify(token, url, &good, &[body, b"&a=b"].concat()), Err(Forged::Mismatch));
        assert_eq!(twilio::verify(token, url, &HeaderMap::new(), body), Err(Forged::Unsigned));
        let mut twice = good.clone();
        twice.append("x-twilio-signature", HeaderValue::from_static("AAAA"));
        assert_eq!(twilio::verify(token, url, &twice, body), Err(Forged::Unsigned));
    }
}

#[test]
fn the_default_port_is_no_part_of_twilios_address() {
    let documented = &signatures("twilio")[0];
    let (token, body) = (text(documented, "token"), text(documented, "body").as_bytes());
    let good = twilios(text(documented, "signature"));
    let other = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
    assert_eq!(twilio::verify(token, other, &good, body), Ok(()));
    assert_eq!(
        twilio::verify(token, "https://mycompany.com:444/myapp.php?foo=1&bar=2", &good, body),
        Err(Forged::Mismatch)
    );
}

#[test]
fn what_the_reference_library_signs_is_taken_within_five_minutes() {
    for one in signatures("standard") {
        let (secret, id, body) = (text(&one, "secret"), text(&one, "id"), text(&one, "body").as_bytes());
        let seconds = one["timestamp"].as_i64().expect("seconds");
        let at = |apart: i64| Timestamp::from_second(seconds + apart).expect("a time");
        let good = standards(id, &seconds.to_string(), text(&one, "signature"));
        assert_eq!(standard::sign(secret, id, at(0), body).as_deref(), Ok(text(&one, "signature")));
        for apart in [-TOLERANCE, 0, TOLERANCE] {
            assert_eq!(standard::verify(secret, &good, body, at(apart)).as_deref(), Ok(id), "{apart}");
        }
        for apart in [-TOLERANCE - 1, TOLERANCE + 1] {
            assert_eq!(standard::verify(secret, &good, body, at(apart)), Err(Forged::Stale), "{apart}");
        }
        let other = standards("other", &seconds.to_string(), text(&one, "signature"));
        assert_eq!(standard::verify(secret, &other, body, at(0)), Err(Forged::Mismatch));
        let later = standards(id, &(seconds + 1).to_string(), text(&one, "signature"));
        assert_eq!(standard::verify(secret, &later, body, at(0)), Err(Forged::Mismatch));
        assert_eq!(standard::verify(secret, &good, &[body, b" "].concat(), at(0)), Err(Forged::Mismatch));
        // While a secret is replaced, the other one's signature stands first.
        let both = format!("v1,AAAA v1a,BBBB {}", text(&one, "signature"));
        assert!(standard::verify(secret, &standards(id, &seconds.to_string(), &both), body, at(0)).is_ok());
    }
}

#[test]
fn what_is_no_secret_verifies_nothing() {
    for secret in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwé"] {
        assert!(!standard::is_secret(secret), "{secret}");
        let headers = standards("1", "0", "v1,AAAA");
        assert_eq!(standard::verify(secret, &headers, b"", Timestamp::UNIX_EPOCH), Err(Forged::Secret));
    }
}

proptest! {
    #[test]
    fn no_headers_or_body_break_a_scheme_or_pass_for_a_signature(
        id in "[ -~]{0,40}", at in "[ -~]{0,24}", signature in "(v1,)?[ -~]{0,80}", body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let headers = standards(&id, &at, &signature);
        prop_assert!(standard::verify(secret, &headers, &body, Timestamp::UNIX_EPOCH).is_err());
        let url = format!("https://{id}");
        prop_assert!(twilio::verify("12345", &url, &twilios(&signature), &body).is_err());
    }

    #[test]
    fn what_is_signed_verifies_and_any_changed_byte_does_not(body in prop::collection::vec(any::<u8>(), 1..200), place in any::<prop::sample::Index>()) {
        let (secret, now) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Timestamp::UNIX_EPOCH);
        let good = standards("1", "0", &standard::sign(secret, "1", now, &body).expect("it is signed"));
        prop_assert!(standard::verify(secret, &good, &body, now).is_ok());
        let mut changed = body.clone();
        changed[place.index(body.len())] ^= 1;
        prop_assert_eq!(standard::verify(secret, &good, &changed, now), Err(Forged::Mismatch));
        prop_assert_eq!(standard::verify(secret, &good, &body[..body.len() - 1], now), Err(Forged::Mismatch));
    }
}
