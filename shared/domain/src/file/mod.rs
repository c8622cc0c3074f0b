//! Files: what people upload, to be sent and looked at.
//!
//! The record says what a file is; its bytes lie beside the table, under their tenant. Where they lie follows from what they
//! are, so that nobody who may still put bytes somewhere changes those of a file that was looked at.

mod kind;
mod name;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use kind::FileType;
pub use name::FileName;

use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{BranchId, Change, FileId, OrganizationId, UserId};

/// The area that files lie in: policies are set on it.
pub const AREA: &str = "files";
/// The area that bytes wait in until somebody looked at them: what lies there is gone after a day.
pub const WAITING_AREA: &str = "tmp";
/// A file has so many bytes at most.
pub const MAX_BYTES: u32 = 25 * 1024 * 1024;
/// One that comes in a request, likewise.
pub const MAX_UPLOADED: u32 = 5 * 1024 * 1024;
/// A file whose bytes did not come is gone after so long.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

wire_enum! {
    /// Whether a file's bytes are there.
    FileState, "unknown_file_state",
    /// They are to come.
    Waiting = "waiting",
    /// They are there, and were looked at.
    Ready = "ready",
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: FileId,
    /// The branch of whoever uploaded it; of what somebody sent, the branch that their message went to.
    pub branch_id: BranchId,
    /// Who uploaded it; of what somebody sent, who is told of their message.
    pub uploaded_by: UserId,
    /// What it is called.
    pub name: FileName,
    /// What it is: what was seen in its bytes, or was said of them while they are to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<FileType>,
    /// How many bytes it has, or is to have.
    pub bytes: u32,
    /// Their SHA-256 in hexadecimal digits, once they are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Whether they are there.
    pub state: FileState,
}

/// A file to be.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// The id it gets.
    pub id: FileId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch of whoever uploads it.
    pub branch: BranchId,
    /// Who uploads it.
    pub by: UserId,
    /// What it is called.
    pub name: FileName,
    /// When.
    pub now: Timestamp,
}

/// What was seen in a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What they are.
    pub content_type: FileType,
    /// How many.
    pub bytes: u32,
    /// Their SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Contents {
    /// Where they lie, below the tenant's part of [`AREA`].
    pub fn place(&self, id: FileId) -> String {
        place(id, &self.sha256)
    }
}

fn place(id: FileId, sha256: &str) -> String {
    format!("{id}/{sha256}")
}

impl File {
    /// One whose bytes are there.
    pub fn upload(new: NewFile, contents: Contents) -> Change<Self> {
        let Contents { content_type, bytes, sha256 } = contents;
        let file = Self {
            content_type: Some(content_type),
            sha256: Some(sha256),
            state: FileState::Ready,
            ..Self::waiting(new, None, bytes)
        };
        Change::create(file, "file.uploaded")
    }

    /// One that came with what somebody wrote.
    pub fn receive(new: NewFile, contents: Contents) -> Change<Self> {
        Change { kind: "file.received", ..Self::upload(new, contents) }
    }

    /// One whose bytes are to come: so many, and of this type where somebody says so.
    pub fn announce(new: NewFile, said: Option<FileType>, bytes: u32) -> Change<Self> {
        Change::create(Self::waiting(new, said, bytes), "file.announced")
    }

    fn waiting(new: NewFile, said: Option<FileType>, bytes: u32) -> Self {
        let NewFile { id, organization, branch, by, name, now } = new;
        Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            uploaded_by: by,
            name,
            content_type: said,
            bytes,
            sha256: None,
            state: FileState::Waiting,
        }
    }

    /// Its bytes came, and were looked at. One that is ready stays what it is.
    pub fn complete(self, contents: Contents, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        if self.state == FileState::Waiting {
            let Contents { content_type, bytes, sha256 } = contents;
            after.meta.updated_at = now;
            after.content_type = Some(content_type);
            after.bytes = bytes;
            after.sha256 = Some(sha256);
            after.state = FileState::Ready;
        }
        Change::update(self, after, "file.uploaded")
    }

    /// What it is, where its bytes are there.
    pub fn contents(&self) -> Option<Contents> {
        let (Some(content_type), Some(sha256)) = (self.content_type, self.sha256.clone()) else { return None };
        (self.state == FileState::Ready).then_some(Contents { content_type, bytes: self.bytes, sha256 })
    }

    /// Where its bytes lie until they were looked at, below the tenant's part of [`WAITING_AREA`].
    pub fn waiting_place(id: FileId) -> String {
        format!("files/{id}")
    }

    /// Deletes it softly; its bytes go when it is purged.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "file.deleted")
    }

    /// Brings it back.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "file.restored")
    }
}

impl Record for File {
    const KIND: &'static str = "file";
    type Id = FileId;

    fn id(&self) -> FileId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        Some(self.uploaded_by)
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::Two, "user", self.uploaded_by), List::new(Slot::Three, "branch", self.branch_id)]
    }
    fn expires(&self) -> Option<Timestamp> {
        (self.state == FileState::Waiting).then(|| self.meta.created_at + WAITS)
    }
    /// People name files after people.
    const SEALED: &'static [&'static str] = &["name"];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewFile {
        let now = Timestamp::UNIX_EPOCH;
        NewFile {
            id: FileId::at(now, [0; 10]),
            organization: OrganizationId::PLATFORM,
            branch: BranchId::at(now, [1; 10]),
            by: UserId::at(now, [2; 10]),
            name: "a.pdf".parse().expect("a name"),
            now,
        }
    }

    fn contents(sha256: &str) -> Contents {
        Contents { content_type: FileType::Pdf, bytes: 9, sha256: sha256.to_owned() }
    }

    #[test]
    fn a_file_waits_a_day_for_its_bytes_and_then_stays() {
        let now = Timestamp::UNIX_EPOCH;
        let waiting = File::announce(new(), None, 9).after;
        assert_eq!((waiting.contents(), waiting.expires()), (None, Some(now + WAITS)));
        let ready = waiting.complete(contents("ab"), now).after;
        assert_eq!((ready.contents(), ready.expires()), (Some(contents("ab")), None));
        let again = ready.clone().complete(contents("cd"), now);
        assert!(again.changes().is_empty() && again.after == ready, "what was looked at stays");
    }
}
