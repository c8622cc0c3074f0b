//! Cursors: opaque, and safe to be tampered with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::secret::HashKey;

/// Where a list goes on. Sealed with the list it belongs to: of another list, another tenant or
/// another filter it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The place after which to go on, as the index sorts.
    pub(crate) after: String,
}

/// The cursor is not one of this list's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub struct BadCursor;

const TAG: usize = 16;

impl Cursor {
    /// A place in an index.
    pub(crate) fn after(place: impl Into<String>) -> Self {
        Self { after: place.into() }
    }

    /// The place as a worker of ours keeps it with its progress; a client gets it [sealed](Self::seal).
    pub fn place(&self) -> &str {
        &self.after
    }

    /// Goes on behind a [`place`](Self::place).
    pub fn behind(place: &str) -> Self {
        Self::after(place)
    }

    /// The text a client gets; `list` names the list and everything it was asked with.
    pub fn seal(&self, key: &HashKey, list: &str) -> String {
        let mut bytes = key.digest(&["cursor", list, &self.after]).to_vec();
        bytes.extend_from_slice(self.after.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`seal`](Self::seal) wrote.
    pub fn open(text: &str, key: &HashKey, list: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let (tag, after) = bytes.split_at_checked(TAG).ok_or(BadCursor)?;
        let after = std::str::from_utf8(after).map_err(|_| BadCursor)?;
        let expected = key.digest(&["cursor", list, after]);
        if bool::from(expected.as_slice().ct_eq(tag)) { Ok(Self::after(after)) } else { Err(BadCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_for_its_own_list() {
        let key = HashKey::new("key");
        let text = Cursor::after("place").seal(&key, "org#lead");
        assert_eq!(Cursor::open(&text, &key, "org#lead"), Ok(Cursor::after("place")));
        assert_eq!(Cursor::open(&text, &key, "other#lead"), Err(BadCursor));
        assert_eq!(Cursor::open("", &key, "org#lead"), Err(BadCursor));
        assert_eq!(Cursor::open(&text[1..], &key, "org#lead"), Err(BadCursor));
    }
}
