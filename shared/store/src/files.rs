//! Files: bytes in the bucket, under their tenant.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use domain::Grant;

use crate::keys;

/// The files bucket.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: String,
}

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("there is no such file")]
    NotFound,
    /// It is larger than the caller takes.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// What the caller takes, in bytes.
        limit: usize,
    },
    /// The bucket did not answer; the same call may go through later.
    #[error("the bucket did not do {operation}: {cause}")]
    Failed {
        /// The call.
        operation: &'static str,
        /// Its words.
        cause: String,
    },
}

impl FileError {
    fn failed(operation: &'static str, error: impl std::error::Error) -> Self {
        Self::Failed { operation, cause: aws_smithy_types::error::display::DisplayErrorContext(&error).to_string() }
    }
}

impl Files {
    /// The bucket of this name.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// Writes a file. `area` is the first part of its key, on which policies and life cycles are set.
    pub async fn put(
        &self,
        grant: &Grant,
        area: &str,
        name: &str,
        content_type: &str,
        bytes: Vec<u8>,
    ) -> Result<(), FileError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(keys::file(grant.organization(), area, name))
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|error| FileError::failed("PutObject", error))?;
        Ok(())
    }

    /// Reads a file of at most `limit` bytes.
    pub async fn get(&self, grant: &Grant, area: &str, name: &str, limit: usize) -> Result<Vec<u8>, FileError> {
        let sent = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(keys::file(grant.organization(), area, name))
            .send()
            .await;
        let mut object = match sent {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Err(FileError::NotFound),
            Err(error) => return Err(FileError::failed("GetObject", error)),
        };
        let mut bytes = Vec::new();
        while let Some(part) = object.body.next().await {
            let part = part.map_err(|error| FileError::failed("GetObject", error))?;
            if bytes.len() + part.len() > limit {
                return Err(FileError::TooLarge { limit });
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }

    /// A link by which a browser puts a file itself, good for `life`.
    pub async fn presign_put(
        &self,
        grant: &Grant,
        area: &str,
        name: &str,
        content_type: &str,
        life: Duration,
    ) -> Result<String, FileError> {
        let config = PresigningConfig::expires_in(life).map_err(|error| FileError::failed("presign", error))?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(keys::file(grant.organization(), area, name))
            .content_type(content_type)
            .presigned(config)
            .await
            .map_err(|error| FileError::failed("presign", error))?;
        Ok(request.uri().to_owned())
    }

    /// A link by which a browser gets a file as a download of this name, good for `life`.
    pub async fn presign_get(
        &self,
        grant: &Grant,
        area: &str,
        name: &str,
        download_as: &str,
        life: Duration,
    ) -> Result<String, FileError> {
        let config = PresigningConfig::expires_in(life).map_err(|error| FileError::failed("presign", error))?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(keys::file(grant.organization(), area, name))
            .response_content_disposition(format!("attachment; filename=\"{download_as}\""))
            .presigned(config)
            .await
            .map_err(|error| FileError::failed("presign", error))?;
        Ok(request.uri().to_owned())
    }
}
