//! Files: bytes in the bucket, under their tenant.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use domain::file::{AREA, Contents};
use domain::{FileId, Grant};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

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

    /// Keeps the bytes of somebody's file, where what was seen in them says: 1 `PutObject`.
    pub async fn keep(&self, grant: &Grant, id: FileId, contents: &Contents, bytes: Vec<u8>) -> Result<(), FileError> {
        self.put(grant, AREA, &contents.place(id), contents.content_type.header(), bytes).await
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

    /// Removes the files of one folder, whatever they are called: 1 call, and 1 for each file. Where there is none, nothing
    /// happens.
    pub async fn remove_all(&self, grant: &Grant, area: &str, folder: &str) -> Result<(), FileError> {
        let prefix = keys::file(grant.organization(), area, &format!("{folder}/"));
        loop {
            let found = self.client.list_objects_v2().bucket(&self.bucket).prefix(&prefix).send().await;
            let found = found.map_err(|error| FileError::failed("ListObjectsV2", error))?.contents.unwrap_or_default();
            if found.is_empty() {
                return Ok(());
            }
            for key in found.into_iter().filter_map(|object| object.key) {
                let gone = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
                gone.map_err(|error| FileError::failed("DeleteObject", error))?;
            }
        }
    }

    /// A link by which a browser puts a file itself, good for `life`. Where it is told how many `bytes` it has, the bucket takes
    /// no others.
    pub async fn presign_put(
        &self,
        grant: &Grant,
        area: &str,
        name: &str,
        (content_type, bytes): (&str, Option<u32>),
        life: Duration,
    ) -> Result<String, FileError> {
        let config = PresigningConfig::expires_in(life).map_err(|error| FileError::failed("presign", error))?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(keys::file(grant.organization(), area, name))
            .content_type(content_type)
            .set_content_length(bytes.map(i64::from))
            .presigned(config)
            .await
            .map_err(|error| FileError::failed("presign", error))?;
        Ok(request.uri().to_owned())
    }

    /// A link by which a browser gets a file as a download of this name and type, good for `life`.
    pub async fn presign_get(
        &self,
        grant: &Grant,
        area: &str,
        name: &str,
        (download_as, content_type): (&str, &str),
        life: Duration,
    ) -> Result<String, FileError> {
        let config = PresigningConfig::expires_in(life).map_err(|error| FileError::failed("presign", error))?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(keys::file(grant.organization(), area, name))
            .response_content_disposition(disposition(download_as))
            .response_content_type(content_type)
            .presigned(config)
            .await
            .map_err(|error| FileError::failed("presign", error))?;
        Ok(request.uri().to_owned())
    }
}

/// The `Content-Disposition` of a download of this name, whatever is in it: in quotes what ASCII has of it, and behind that
/// the whole of it where that is more.
///
/// <https://www.rfc-editor.org/rfc/rfc6266#section-4>, <https://www.rfc-editor.org/rfc/rfc8187#section-3.2>
fn disposition(name: &str) -> String {
    let plain = |char: char| if matches!(char, ' '..='~') && !matches!(char, '"' | '\\' | '%') { char } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    if ascii == name {
        return format!("attachment; filename=\"{ascii}\"");
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_download_has_its_name() {
        for (name, header) in [
            ("leads.csv", r#"attachment; filename="leads.csv""#),
            ("fee \"new\".pdf", r#"attachment; filename="fee _new_.pdf"; filename*=UTF-8''fee%20%22new%22%2Epdf"#),
            ("é", "attachment; filename=\"_\"; filename*=UTF-8''%C3%A9"),
        ] {
            assert_eq!(disposition(name), header);
        }
    }

    proptest! {
        #[test]
        fn a_name_never_leaves_its_place(name in any::<String>()) {
            let header = disposition(&name);
            let inside = header.strip_prefix("attachment; filename=\"").expect("it begins so");
            let (quoted, rest) = inside.split_once('"').expect("it ends");
            prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{header}");
            prop_assert!(!quoted.contains('\\'), "{header}");
            if let Some(encoded) = rest.strip_prefix("; filename*=UTF-8''") {
                prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{header}");
                let whole = percent_encoding::percent_decode_str(encoded).decode_utf8().expect("UTF-8");
                prop_assert_eq!(whole, name);
            } else {
                prop_assert_eq!((quoted, rest), (name.as_str(), ""));
            }
        }
    }
}
