//! Secrets Manager: secrets are made once and kept.

use std::collections::BTreeMap;
use std::path::Path;

use runtime::Entropy;

use crate::files;
use crate::template::Secret;

/// How a template has a secret put in its place at deployment.
const OPENING: &str = "{{resolve:secretsmanager:";
const CLOSING: &str = "}}";

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The secrets of one platform, by name.
#[derive(Default)]
pub(crate) struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// The secrets of these descriptions. Those that `folder` does not hold yet are made, and kept there in a
    /// file that only its owner may read; without a folder they end with the process.
    pub(crate) fn open(wanted: &[Secret], folder: Option<&Path>, entropy: &dyn Entropy) -> std::io::Result<Self> {
        let file = folder.map(|folder| folder.join("secrets.json"));
        let kept = file.as_deref().map(files::read).transpose()?.flatten();
        let mut secrets: BTreeMap<String, String> =
            kept.map_or(Ok(BTreeMap::new()), |text| serde_json::from_str(&text))?;
        let before = secrets.len();
        for Secret { name, length } in wanted {
            secrets.entry(name.clone()).or_insert_with(|| generate(*length, entropy));
        }
        if let Some(file) = file.filter(|_| secrets.len() > before) {
            files::replace(&file, &serde_json::to_vec_pretty(&secrets)?)?;
        }
        Ok(Self(secrets))
    }

    /// A text with secrets in the place of their references; the name of a secret that is not there otherwise.
    pub(crate) fn resolve(&self, text: &str) -> Result<String, String> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, reference)) = rest.split_once(OPENING) {
            let (name, after) = reference.split_once(CLOSING).ok_or_else(|| reference.to_owned())?;
            resolved.push_str(before);
            resolved.push_str(self.0.get(name).ok_or_else(|| name.to_owned())?);
            rest = after;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }
}

/// Letters and figures, each as likely as the other.
fn generate(length: usize, entropy: &dyn Entropy) -> String {
    let fair = |byte: &u8| usize::from(*byte) < 256 - 256 % LETTERS.len();
    let mut secret = String::with_capacity(length);
    while secret.len() < length {
        let mut bytes = [0; 64];
        entropy.fill(&mut bytes);
        let letters =
            bytes.iter().filter(|byte| fair(byte)).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
        secret.extend(letters.take(length - secret.len()));
    }
    secret
}

#[cfg(test)]
mod tests {
    use runtime::SystemEntropy;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let wanted = [Secret { name: "pepper".to_owned(), length: 64 }];
        let open = || Secrets::open(&wanted, Some(folder.path()), &SystemEntropy).expect("opens");
        let first = open().resolve("{{resolve:secretsmanager:pepper}}").expect("known");
        assert_eq!(first.len(), 64);
        assert_eq!(open().resolve("<{{resolve:secretsmanager:pepper}}>").expect("known"), format!("<{first}>"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = folder.path().join("secrets.json").metadata().expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn an_unknown_secret_is_named() {
        assert_eq!(Secrets::default().resolve("{{resolve:secretsmanager:other}}"), Err("other".to_owned()));
    }
}
