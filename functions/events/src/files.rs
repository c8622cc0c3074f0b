//! The bytes of files go with their records.

use domain::file::AREA;
use domain::{Caller, File, Record as _};
use runtime::Platform;
use store::StreamImage;
use store::keys::{self, attr};

use crate::error::Unfollowed;

/// Removes the bytes of the files among the records that the table purged: 1 `ListObjectsV2` and 1 `DeleteObject` for each. No
/// record comes back under the id of another.
pub(crate) async fn forget(platform: &Platform, images: &[StreamImage]) -> Result<(), Unfollowed> {
    for image in images.iter().filter(|image| image.sk == keys::RECORD && image.new.is_none()) {
        let kind = image.old.as_ref().and_then(|old| old.get(attr::KIND));
        let place = keys::split_partition(&image.pk).filter(|_| kind.is_some_and(|kind| kind == File::KIND));
        let Some((organization, id)) = place else { continue };
        let grant = Caller::system(organization, "events").own();
        platform.files()?.remove_all(&grant, AREA, id).await?;
    }
    Ok(())
}
