//! The data key under which personal fields are sealed, replaced when it is old.

use runtime::Platform;

use crate::TickError;

/// Makes a new data key where the newest is a quarter of a year old: 1 `GetItem` where it is not. What the old one
/// sealed stays as it is until its next write.
pub(crate) async fn replace_old(platform: &Platform) -> Result<(), TickError> {
    if let Some(version) = platform.table().rotate_old_data_key(platform.now()).await? {
        tracing::info!(version, "there is a new data key");
    }
    Ok(())
}
