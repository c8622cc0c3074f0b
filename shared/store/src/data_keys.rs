//! The data keys of the platform: made, opened and replaced.
//!
//! They lie wrapped in one item of the platform. Old ones stay: what they sealed is sealed anew, with the newest, by
//! its next write, and until then they open it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::item::{self, Item, n, s, text};
use crate::keys::{self, attr};
use crate::projections::StreamImage;
use crate::seal::{DataKey, KeyRing, KeyWrapper, WrapError};
use crate::table::Table;

/// The newest data key is replaced when it is so old.
pub const DATA_KEY_AGE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Tries against other functions that start at the same moment.
const TRIES: u32 = 4;

/// A data key as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    version: u16,
    /// What the wrapper made of it, in base 64.
    wrapped: String,
    created_at: Timestamp,
}

impl Table {
    /// With the data keys under which personal fields are sealed. Without, records that have such fields can neither
    /// be written nor read.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyRing) -> Self {
        self.keys = keys;
        self
    }

    /// The data keys.
    pub const fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Opens the newest data key, and makes the platform's first: 1 `GetItem`, 0.5 read units, and one call of the
    /// wrapper. Each function does it while it starts; older keys are opened when something that they sealed is met,
    /// and so are newer ones.
    ///
    /// A function that may make none begins without where there is none: nothing sealed is there to be read yet.
    pub async fn open_data_keys(&self, now: Timestamp) -> Result<(), StoreError> {
        let Some(wrapper) = &self.keys.wrapper else { return Ok(()) };
        let kept = self.kept_data_keys().await?;
        let Some(newest) = kept.last() else {
            return match self.add_data_key(wrapper.as_ref(), kept, now).await {
                Err(NotAdded::Wrap(WrapError::NotAllowed(cause))) => {
                    tracing::info!(cause, "there is no data key yet, and this function may make none");
                    Ok(())
                }
                // Another function was first.
                Ok(None) => match self.kept_data_keys().await?.last() {
                    Some(newest) => self.open_data_key(wrapper.as_ref(), newest).await,
                    None => Err(StoreError::Busy { operation: "data key", cause: "it came and went".to_owned() }),
                },
                Ok(Some(_)) => Ok(()),
                Err(error) => Err(error.into()),
            };
        };
        self.open_data_key(wrapper.as_ref(), newest).await
    }

    /// Makes a new data key, with which everything is sealed from now on, and tells its version. Functions that run
    /// already go on with theirs until they meet the new one.
    pub async fn rotate_data_key(&self, now: Timestamp) -> Result<u16, StoreError> {
        let wrapper = self.wrapper()?;
        for _ in 0..TRIES {
            let kept = self.kept_data_keys().await?;
            if let Some(version) = self.add_data_key(wrapper, kept, now).await? {
                return Ok(version);
            }
        }
        Err(StoreError::Busy { operation: "data key", cause: "others make data keys too".to_owned() })
    }

    /// Makes a new data key where the newest is [`DATA_KEY_AGE`] old, and tells its version: 1 `GetItem`, 0.5 read
    /// units, where it is not.
    pub async fn rotate_old_data_key(&self, now: Timestamp) -> Result<Option<u16>, StoreError> {
        if self.keys.wrapper.is_none() {
            return Ok(None);
        }
        let kept = self.kept_data_keys().await?;
        if kept.last().is_none_or(|newest| now.duration_since(newest.created_at) < DATA_KEY_AGE) {
            return Ok(None);
        }
        // Where another was first, its key is young.
        Ok(self.add_data_key(self.wrapper()?, kept, now).await?)
    }

    /// Opens the data keys that the items of a stream are sealed with and that are not open yet.
    pub async fn learn_data_keys(&self, images: &[StreamImage]) -> Result<(), StoreError> {
        self.learn_versions(self.keys.missing(images.iter().filter_map(|image| image.sealed.as_deref()))).await
    }

    /// Opens the data keys that items are sealed with and that are not open yet: most often none, and no call.
    pub(crate) async fn learn<'a>(&self, items: impl IntoIterator<Item = &'a Item>) -> Result<(), StoreError> {
        let sealed = items.into_iter().filter_map(|item| item::bytes(item, attr::SEALED));
        self.learn_versions(self.keys.missing(sealed)).await
    }

    async fn learn_versions(&self, missing: BTreeSet<u16>) -> Result<(), StoreError> {
        let Some(wrapper) = self.keys.wrapper.as_ref().filter(|_| !missing.is_empty()) else { return Ok(()) };
        let kept = self.kept_data_keys().await?;
        let newest = kept.last().map(|newest| newest.version);
        let opened = self.keys.versions();
        for key in kept.iter().filter(|key| missing.contains(&key.version) || newest == Some(key.version)) {
            if !opened.contains(&key.version) {
                self.open_data_key(wrapper.as_ref(), key).await?;
            }
        }
        Ok(())
    }

    fn wrapper(&self) -> Result<&dyn KeyWrapper, StoreError> {
        let none = || StoreError::Broken { operation: "data key", cause: "nothing wraps data keys here".to_owned() };
        self.keys.wrapper.as_deref().ok_or_else(none)
    }

    async fn open_data_key(&self, wrapper: &dyn KeyWrapper, key: &Kept) -> Result<(), StoreError> {
        let place = keys::data_keys();
        let wrapped = STANDARD_NO_PAD.decode(&key.wrapped).map_err(|error| StoreError::unreadable(&place.pk, error))?;
        self.keys.put(key.version, &wrapper.unwrap(&wrapped).await?);
        Ok(())
    }

    /// Those that the table holds, the newest last.
    async fn kept_data_keys(&self) -> Result<Vec<Kept>, StoreError> {
        let key = keys::data_keys();
        let Some(item) = self.get_item(&key, true).await? else { return Ok(Vec::new()) };
        let data = text(&item, attr::DATA).ok_or_else(|| StoreError::unreadable(&key.pk, "no data"))?;
        serde_json::from_str(data).map_err(|error| StoreError::unreadable(&key.pk, error))
    }

    /// Adds one to those that the table held when they were read; `None` if it holds others by now.
    async fn add_data_key(
        &self,
        wrapper: &dyn KeyWrapper,
        mut kept: Vec<Kept>,
        now: Timestamp,
    ) -> Result<Option<u16>, NotAdded> {
        let place = keys::data_keys();
        let before = kept.len();
        let version = kept.last().map_or(Some(1), |newest| newest.version.checked_add(1));
        let version = version.ok_or_else(|| StoreError::unreadable(&place.pk, "no version is left"))?;
        let (key, wrapped): (DataKey, Vec<u8>) = wrapper.generate().await.map_err(NotAdded::Wrap)?;
        kept.push(Kept { version, wrapped: STANDARD_NO_PAD.encode(wrapped), created_at: now });
        let data = serde_json::to_string(&kept).map_err(|error| StoreError::unreadable(&place.pk, error))?;
        let sent = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(place.pk))
            .item(attr::SK, s(place.sk))
            .item(attr::VERSION, n(kept.len()))
            .item(attr::DATA, s(data))
            .condition_expression("attribute_not_exists(#v) OR #v = :before")
            .expression_attribute_names("#v", attr::VERSION)
            .expression_attribute_values(":before", n(before))
            .send()
            .await;
        match sent {
            Ok(_) => {
                self.keys.put(version, &key);
                Ok(Some(version))
            }
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(StoreError::from_sdk("PutItem", &error).into()),
        }
    }
}

/// Why no data key was added.
enum NotAdded {
    /// None could be made.
    Wrap(WrapError),
    /// It could not be written.
    Store(StoreError),
}

impl From<StoreError> for NotAdded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotAdded> for StoreError {
    fn from(error: NotAdded) -> Self {
        match error {
            NotAdded::Wrap(error) => error.into(),
            NotAdded::Store(error) => error,
        }
    }
}
