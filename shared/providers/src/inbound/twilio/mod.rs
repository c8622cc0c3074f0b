//! Twilio's [request validation](https://www.twilio.com/docs/usage/security#validating-requests): HMAC-SHA-1 under the
//! account's auth token over the address as Twilio was given it, query and all, and behind it each field of the form by
//! name. Of a body that is no form, the address carries the digest (`bodySHA256`).
//!
//! The scheme has no time and no id, so a request may be replayed by whoever has seen it; who takes it must do nothing
//! twice.

pub mod sms;

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use http::HeaderMap;

use super::{Forged, header};

const SIGNATURE: &str = "x-twilio-signature";
const BODY_DIGEST: &str = "bodySHA256";
const SCHEME: &str = "https://";
const PORT: &str = ":443";

/// Whether a request to this address is Twilio's: with the default port in it or without, as Twilio writes both.
pub fn verify(token: &str, url: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Forged> {
    let tag = STANDARD.decode(header(headers, SIGNATURE)?).map_err(|_| Forged::Unsigned)?;
    let fields = match body_digest(url) {
        Some(told) => {
            let own = HEXLOWER.encode(digest::digest(&digest::SHA256, body).as_ref());
            constant_time::verify_slices_are_equal(own.as_bytes(), told.to_ascii_lowercase().as_bytes())
                .map_err(|_| Forged::Mismatch)?;
            String::new()
        }
        None => fields(body),
    };
    let key = key(token);
    let good = [without_port(url), with_port(url)]
        .into_iter()
        .any(|url| hmac::verify(&key, format!("{url}{fields}").as_bytes(), &tag).is_ok());
    if good { Ok(()) } else { Err(Forged::Mismatch) }
}

/// The signature of a request with a form, as Twilio writes it.
pub fn sign(token: &str, url: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac::sign(&key(token), format!("{url}{}", fields(body)).as_bytes()))
}

fn key(token: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes())
}

/// Names and values without anything between them, in the order of names, each value once.
fn fields(body: &[u8]) -> String {
    let mut sorted: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = String::with_capacity(body.len());
    for (name, values) in sorted {
        for value in values {
            text.push_str(&name);
            text.push_str(&value);
        }
    }
    text
}

fn body_digest(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == BODY_DIGEST).map(|(_, value)| value.into_owned())
}

/// The host of an address, and what stands around it.
fn parts(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix(SCHEME)?;
    Some(rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

fn without_port(url: &str) -> String {
    match parts(url) {
        Some((host, rest)) => format!("{SCHEME}{}{rest}", host.strip_suffix(PORT).unwrap_or(host)),
        None => url.to_owned(),
    }
}

fn with_port(url: &str) -> String {
    match parts(url) {
        Some((host, rest)) if !host.contains(':') => format!("{SCHEME}{host}{PORT}{rest}"),
        _ => url.to_owned(),
    }
}
