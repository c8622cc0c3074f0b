//! A key of KMS, which never leaves it.

use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use store::{DataKey, KeyWrapper, WrapError};

/// What a data key is for. KMS unwraps it only for who says the same, and `CloudTrail` shows it; the template's policies
/// ask for it too.
const PURPOSE: (&str, &str) = ("purpose", "sampark");

/// Wraps data keys with a key of KMS.
#[derive(Debug, Clone)]
pub struct Kms {
    client: Client,
    key: String,
}

impl Kms {
    /// The key of this id or ARN.
    pub fn new(client: Client, key: impl Into<String>) -> Self {
        Self { client, key: key.into() }
    }
}

#[async_trait]
impl KeyWrapper for Kms {
    async fn generate(&self) -> Result<(DataKey, Vec<u8>), WrapError> {
        let asked = self
            .client
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(PURPOSE.0, PURPOSE.1);
        let made = asked.send().await.map_err(|error| refusal(&error))?;
        let wrapped = made.ciphertext_blob.map(Blob::into_inner).unwrap_or_default();
        Ok((data_key(made.plaintext)?, wrapped))
    }

    async fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, WrapError> {
        let asked = self
            .client
            .decrypt()
            .key_id(&self.key)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context(PURPOSE.0, PURPOSE.1);
        data_key(asked.send().await.map_err(|error| refusal(&error))?.plaintext)
    }
}

fn data_key(plaintext: Option<Blob>) -> Result<DataKey, WrapError> {
    let bytes = plaintext.map(Blob::into_inner).unwrap_or_default();
    bytes.try_into().map_err(|_| WrapError::Broken("KMS gave no key of 32 bytes".to_owned()))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html#API_GenerateDataKey_Errors>
fn refusal<E, R>(error: &SdkError<E, R>) -> WrapError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let cause = aws_sdk_kms::error::DisplayErrorContext(error).to_string();
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => WrapError::Busy(cause),
        SdkError::ServiceError(context) => match context.err().code() {
            Some("AccessDeniedException") => WrapError::NotAllowed(cause),
            Some(
                "DependencyTimeoutException"
                | "KMSInternalException"
                | "KeyUnavailableException"
                | "LimitExceededException"
                | "ThrottlingException",
            ) => WrapError::Busy(cause),
            _ => WrapError::Broken(cause),
        },
        _ => WrapError::Broken(cause),
    }
}
