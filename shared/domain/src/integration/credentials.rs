//! Secrets of a connection: written, never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Provider;
use crate::{FieldInvalid, Invalid};

const MAX_CHARS: usize = 512;

/// A secret of a connection: 8 to 512 visible ASCII characters. It shows itself to nobody who does not ask by name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credential(String);

impl Credential {
    /// The secret itself, for whoever signs or checks with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Credential {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required());
        }
        if !(8..=MAX_CHARS).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::new("malformed_credential", "must have 8 to 512 visible ASCII characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// The secrets of a connection, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credentials(BTreeMap<String, Credential>);

/// A merge update of secrets: a name sets, or with `None` clears.
pub type CredentialsPatch = BTreeMap<String, Option<Credential>>;

impl Credentials {
    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Credential> {
        self.0.get(name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Credential)> {
        self.0.iter().map(|(name, credential)| (name.as_str(), credential))
    }

    /// With those of a patch. A name that the provider does not know is refused.
    pub fn merged(&self, provider: Provider, patch: &CredentialsPatch) -> Result<Self, Vec<FieldInvalid>> {
        let mut merged = self.0.clone();
        let mut wrong = Vec::new();
        for (name, credential) in patch {
            if !provider.credentials().iter().any(|kind| kind.name == name) {
                let known: Vec<&str> = provider.credentials().iter().map(|kind| kind.name).collect();
                let why = format!("is none of {}", known.join(", "));
                let field: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                wrong.push(FieldInvalid::new(field, Invalid::new("unknown_credential", why)).under("", "credentials."));
                continue;
            }
            match credential {
                Some(credential) => drop(merged.insert(name.clone(), credential.clone())),
                None => drop(merged.remove(name)),
            }
        }
        if wrong.is_empty() { Ok(Self(merged)) } else { Err(wrong) }
    }

    /// The first that the provider cannot do without and that is not set.
    pub fn missing(&self, provider: Provider) -> Option<&'static str> {
        let mut needed = provider.credentials().iter().filter(|kind| kind.required);
        needed.find(|kind| !self.0.contains_key(kind.name)).map(|kind| kind.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_to_nobody_who_does_not_ask() {
        let credential: Credential = "not-a-real-token".parse().expect("a secret");
        let patch = CredentialsPatch::from([("auth_token".to_owned(), Some(credential.clone()))]);
        let set = Credentials::default().merged(Provider::Twilio, &patch).expect("a known name");
        assert!(!format!("{credential:?} {set:?} {patch:?}").contains("real"));
        assert_eq!(set.get("auth_token").map(Credential::expose), Some("not-a-real-token"));
    }

    #[test]
    fn what_a_provider_does_not_know_is_refused_and_what_it_needs_is_missed() {
        let patch = CredentialsPatch::from([("password".to_owned(), None)]);
        let refused = Credentials::default().merged(Provider::Twilio, &patch).expect_err("it is unknown");
        assert_eq!(
            (refused[0].field.as_str(), refused[0].invalid.code),
            ("credentials.password", "unknown_credential")
        );
        assert_eq!(Credentials::default().missing(Provider::Telephony), Some("signing_secret"));
        for text in ["", "short", "with a space in it", "tab\there-and-there"] {
            assert!(text.parse::<Credential>().is_err(), "{text:?}");
        }
    }
}
