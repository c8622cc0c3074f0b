//! How far a follower of a stream has come.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::files;

/// A place in a stream, kept in a file where there is a folder for it.
#[derive(Debug)]
pub(super) struct Checkpoint {
    file: Option<PathBuf>,
    at: Mutex<Option<String>>,
}

impl Checkpoint {
    /// The checkpoint of this name.
    pub(super) fn open(folder: Option<&Path>, name: &str) -> std::io::Result<Self> {
        let file = folder.map(|folder| folder.join(format!("stream-{name}")));
        let at = file.as_deref().map(files::read).transpose()?.flatten();
        Ok(Self { file, at: Mutex::new(at) })
    }

    /// Where it stands; `None` if nothing was read yet.
    pub(super) fn get(&self) -> Option<String> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Moves it. What lies before is never read again.
    pub(super) fn set(&self, at: &str) -> std::io::Result<()> {
        if let Some(file) = &self.file {
            files::replace(file, at.as_bytes())?;
        }
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_goes_on_where_it_stood() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || Checkpoint::open(Some(folder.path()), "events").expect("opens");
        assert_eq!(open().get(), None);
        open().set("100000000000000000042").expect("kept");
        assert_eq!(open().get().as_deref(), Some("100000000000000000042"));
    }
}
