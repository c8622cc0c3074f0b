//! A key in a file of one machine, in the place of KMS.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use store::{DataKey, KeyWrapper, WrapError};

use crate::Entropy;

/// What a wrapped data key is bound to.
const PURPOSE: &[u8] = b"sampark data key";

/// Wraps data keys with a key that only this machine has: AES-256-GCM, the nonce first.
pub struct KeyFile {
    key: RandomizedNonceKey,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyFile(…)")
    }
}

/// A key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It can neither be read nor made.
    #[error("the key file {0}: {1}")]
    Io(PathBuf, #[source] std::io::Error),
    /// It holds something else.
    #[error("the key file {0} holds no key")]
    NoKey(PathBuf),
}

impl KeyFile {
    /// The key of a file, which is made where it is not there yet. Only its owner may read it.
    pub fn open(path: &Path, entropy: Arc<dyn Entropy>) -> Result<Self, KeyFileError> {
        let io = |error| KeyFileError::Io(path.to_owned(), error);
        if !path.try_exists().map_err(io)? {
            make(path, &random(entropy.as_ref())).map_err(io)?;
        }
        let text = std::fs::read_to_string(path).map_err(io)?;
        let no_key = || KeyFileError::NoKey(path.to_owned());
        let key = STANDARD_NO_PAD.decode(text.trim()).ok().filter(|key| key.len() == 32).ok_or_else(no_key)?;
        Ok(Self { key: RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| no_key())?, entropy })
    }

    /// A key that ends with the process.
    pub fn forgotten(entropy: Arc<dyn Entropy>) -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &random(entropy.as_ref()));
        Self { key: key.expect("32 bytes make a key of AES-256"), entropy }
    }
}

fn random(entropy: &dyn Entropy) -> DataKey {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    bytes
}

/// Makes a file whole or not at all; where another process was first, its file stays.
fn make(path: &Path, key: &DataKey) -> std::io::Result<()> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&beside)?.write_all(STANDARD_NO_PAD.encode(key).as_bytes())?;
    let linked = match std::fs::hard_link(&beside, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    };
    std::fs::remove_file(&beside)?;
    linked
}

#[async_trait]
impl KeyWrapper for KeyFile {
    async fn generate(&self) -> Result<(DataKey, Vec<u8>), WrapError> {
        let key = random(self.entropy.as_ref());
        let mut encrypted = key.to_vec();
        let nonce = self.key.seal_in_place_append_tag(Aad::from(PURPOSE), &mut encrypted);
        let nonce = nonce.map_err(|_| WrapError::Broken("the cipher refuses".to_owned()))?;
        let mut wrapped = nonce.as_ref().to_vec();
        wrapped.extend_from_slice(&encrypted);
        Ok((key, wrapped))
    }

    async fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, WrapError> {
        let other = || WrapError::Broken("the data key was wrapped with another key".to_owned());
        let (nonce, encrypted) = wrapped.split_at_checked(NONCE_LEN).ok_or_else(other)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| other())?;
        let mut encrypted = encrypted.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(PURPOSE), &mut encrypted).map_err(|_| other())?;
        DataKey::try_from(&*opened).map_err(|_| other())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    fn open(path: &Path) -> Result<KeyFile, KeyFileError> {
        KeyFile::open(path, Arc::new(SystemEntropy))
    }

    #[tokio::test]
    async fn a_key_file_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data.key");
        let (key, wrapped) = open(&path).expect("made").generate().await.expect("a data key");
        assert_eq!(open(&path).expect("there").unwrap(&wrapped).await, Ok(key));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn another_key_unwraps_nothing() {
        let forgotten = || KeyFile::forgotten(Arc::new(SystemEntropy));
        let (_, wrapped) = forgotten().generate().await.expect("a data key");
        for wrapped in [wrapped.as_slice(), &wrapped[..20], &[]] {
            assert!(matches!(forgotten().unwrap(wrapped).await, Err(WrapError::Broken(_))));
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data.key");
        std::fs::write(&path, "not a key").expect("written");
        assert!(open(&path).expect_err("refused").to_string().contains("data.key"));
        assert!(open(&folder.path().join("nowhere/data.key")).is_err());
    }
}
