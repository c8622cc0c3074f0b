//! What wraps data keys: KMS on AWS, a key file on one machine.

mod file;
mod kms;

use std::path::Path;
use std::sync::Arc;

use store::KeyWrapper;

pub use file::{KeyFile, KeyFileError};
pub use kms::Kms;

use crate::{Entropy, SdkConfig};

/// Begins the setting of a key file.
const FILE: &str = "file:";

/// What `SAMPARK_DATA_KEY` names: a file after `file:`, made where it is not there yet, or a key of KMS.
pub(crate) fn named(
    setting: &str,
    aws: &SdkConfig,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn KeyWrapper>, KeyFileError> {
    Ok(match setting.strip_prefix(FILE) {
        Some(path) => Arc::new(KeyFile::open(Path::new(path), entropy)?),
        None => Arc::new(Kms::new(aws_sdk_kms::Client::new(aws), setting)),
    })
}
