//! Passwords: what may be one, and the hash that is kept of it.

use std::fmt;
use std::str::FromStr;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use domain::{EmailAddress, FieldInvalid, Invalid};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use unicode_normalization::UnicodeNormalization as _;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema, SchemaFormat};
use zxcvbn::{Score, zxcvbn};

use crate::FromWire;

/// NIST SP 800-63B asks for at least 8 and to take at least 64.
const MIN: usize = 10;
const MAX: usize = 128;
/// Names and addresses shorter than this stand in many a good password by chance.
const MIN_NAME: usize = 4;
/// A hash takes 19 MiB while it is made: so many at once.
static ROOM: Semaphore = Semaphore::const_new(4);

/// A password that somebody chose: 10 to 128 characters of any kind, as NIST SP 800-63B wants it: no rules of
/// composition, but none that everybody tries first. Those are known without a call: 30,000 that leaked most often,
/// names and words, rows of keys, dates and repetitions, also with the usual disguises.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Refuses a password that has the address it belongs to in it, or the part before the `@`.
    pub fn beside(self, email: &EmailAddress) -> Result<Self, Invalid> {
        self.of(email, &[])
    }

    /// The same for one that has any of its owner's names in it.
    pub fn of(self, email: &EmailAddress, names: &[&str]) -> Result<Self, Invalid> {
        let lower = self.0.to_lowercase();
        let personal = [email.local()].into_iter().chain(names.iter().copied()).any(|name| {
            let name = name.trim().to_lowercase();
            name.chars().count() >= MIN_NAME && lower.contains(&name)
        });
        if personal {
            return Err(Invalid::new("too_personal", "must not have your name or your address in it"));
        }
        Ok(self)
    }

    /// Whether it is this text, however it was typed.
    pub fn is(&self, text: &str) -> bool {
        normalized(&self.0) == normalized(text)
    }
}

impl FromStr for Password {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let characters = text.chars().count();
        if characters < MIN {
            return Err(Invalid::new("too_short", "must have at least 10 characters"));
        }
        if characters > MAX {
            return Err(Invalid::new("too_long", "must have at most 128 characters"));
        }
        let mut kinds: Vec<char> = text.to_lowercase().chars().collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() < 4 || zxcvbn(text, &[]).score() <= Score::One {
            return Err(Invalid::new("too_common", "is one of the first that anybody would try"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl FromWire for Password {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        String::from_wire(value)?.parse().map_err(|invalid| vec![FieldInvalid::new("", invalid)])
    }
}

impl utoipa::__dev::ComposeSchema for Password {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("password".to_owned())))
            .min_length(Some(MIN))
            .max_length(Some(MAX))
            .into()
    }
}

impl utoipa::ToSchema for Password {}

/// A password could not be hashed or compared: a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The hash failed, or the kept one cannot be read.
    #[error("the password hash failed: {0}")]
    Hash(String),
    /// The thread that hashed it ended early.
    #[error("the hashing of a password was interrupted")]
    Interrupted,
}

impl From<PasswordError> for crate::Problem {
    fn from(error: PasswordError) -> Self {
        Self::internal(error)
    }
}

/// Hashes a password: a PHC string of Argon2id with 19 MiB, 2 passes and 1 lane (OWASP's password
/// storage cheat sheet), made on a thread that may block.
pub async fn hash(password: &Password, salt: [u8; 16]) -> Result<String, PasswordError> {
    let text = normalized(&password.0);
    blocking(move || {
        argon2()
            .and_then(|argon2| argon2.hash_password_with_salt(text.as_bytes(), &salt).map_err(failed))
            .map(|hash| hash.to_string())
    })
    .await
}

/// Whether a text is the password of a hash. Without one it takes as long and is not: how long an
/// answer takes does not tell whether there is an account.
pub async fn verify(text: &str, hash: Option<&str>) -> Result<bool, PasswordError> {
    let (text, hash) = (normalized(text), hash.map(str::to_owned));
    blocking(move || match hash {
        Some(hash) => {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            Ok(argon2()?.verify_password(text.as_bytes(), &hash).is_ok())
        }
        None => {
            argon2()?.hash_password_with_salt(text.as_bytes(), &[0; 16]).map_err(failed)?;
            Ok(false)
        }
    })
    .await
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl fmt::Display) -> PasswordError {
    PasswordError::Hash(error.to_string())
}

/// NFKC, so that one password typed on two keyboards is one.
fn normalized(text: &str) -> String {
    text.nfkc().collect()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    let _room = ROOM.acquire().await.map_err(|_| PasswordError::Interrupted)?;
    spawn_blocking(work).await.map_err(|_| PasswordError::Interrupted)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        text.parse::<Password>().err().map_or("accepted", |invalid| invalid.code)
    }

    #[test]
    fn what_everybody_tries_first_is_no_password() {
        assert_eq!(code("correct horse battery"), "accepted");
        assert_eq!(code("आशा का पासवर्ड"), "accepted");
        assert_eq!(code("short one"), "too_short");
        assert_eq!(code(&"long ".repeat(26)), "too_long");
        assert_eq!(code("Password123"), "too_common");
        assert_eq!(code("aaaaaaaaabbb"), "too_common");
        let email: EmailAddress = "a_long_name@example.com".parse().expect("address");
        let password: Password = "not A_LONG_NAME but".parse().expect("password");
        assert_eq!(password.beside(&email).map_err(|invalid| invalid.code), Err("too_personal"));
        let password: Password = "an exemplary password".parse().expect("password");
        assert_eq!(
            password.clone().of(&email, &["Asha", "Exemplary"]).map_err(|invalid| invalid.code),
            Err("too_personal")
        );
        assert!(password.of(&email, &["An", ""]).is_ok(), "short names stand in many words");
    }

    #[test]
    fn what_leads_every_list_of_leaked_passwords_is_no_password() {
        for common in [
            "0123456789",
            "0987654321",
            "1234567890",
            "12345678910",
            "1q2w3e4r5t",
            "1qaz2wsx3edc",
            "9876543210",
            "abc1234567",
            "abcdefghij",
            "administrator",
            "admin12345",
            "asdfghjkl1",
            "changeme123",
            "iloveyou123",
            "letmein123",
            "passw0rd123",
            "P@ssw0rd123",
            "password12",
            "password123",
            "Password1234",
            "qwerty12345",
            "qwertyuiop",
            "qwertyuiop123",
            "welcome123",
            "sunshine123",
            "football123",
            "1111122222",
            "asdfasdfasdf",
        ] {
            assert_eq!(code(common), "too_common", "{common}");
        }
    }

    #[tokio::test]
    async fn only_the_password_of_a_hash_verifies() {
        let password: Password = "correct horse ①".parse().expect("password");
        let hash = hash(&password, [7; 16]).await.expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse 1", Some(&hash)).await.expect("verify"), "one password on two keyboards");
        assert!(!verify("correct horse 2", Some(&hash)).await.expect("verify"));
        assert!(!verify("correct horse 1", None).await.expect("verify"));
        assert!(verify("anything", Some("no hash")).await.is_err());
    }
}
