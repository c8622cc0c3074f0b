use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use domain::file::Contents;
use domain::{FileName, FileType, Invalid};
use tokio::task::{JoinError, spawn_blocking};

/// The bytes of a file, and what is seen in them under this name. Refused where they are of no kind that is kept.
pub async fn look_at(bytes: Vec<u8>, name: FileName) -> Result<Result<(Vec<u8>, Contents), Invalid>, JoinError> {
    let look = move || {
        let content_type = FileType::of(&bytes, &name)?;
        let sha256 = HEXLOWER.encode(digest(&SHA256, &bytes).as_ref());
        let count = u32::try_from(bytes.len()).map_err(|_| Invalid::new("too_large", "has too many bytes"))?;
        Ok((bytes, Contents { content_type, bytes: count, sha256 }))
    };
    // Megabytes are hashed here: work for the processor.
    spawn_blocking(look).await
}
