//! What goes with a communication.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Communication;
use crate::file::Contents;
use crate::{Change, File, FileId, FileName, FileType, Line};

/// A communication has so many attachments at most.
pub const MAX_ATTACHMENTS: usize = 20;
/// The files of an e-mail have so many bytes at most, all together: written as an e-mail they stay below the 10 MB that
/// Amazon SES takes.
///
/// <https://docs.aws.amazon.com/ses/latest/dg/quotas.html>
pub const MAX_MAILED: u64 = 7 * 1024 * 1024;

/// How WhatsApp shows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound, which has no words below it.
    Audio,
    /// Anything else, by its name.
    Document,
}

impl Media {
    /// The longest words below a file, in characters.
    pub const MAX_CAPTION: usize = 1_024;

    /// How WhatsApp shows a kind of file; `None` for those that it does not take.
    ///
    /// <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types>
    pub const fn of(kind: FileType) -> Option<Self> {
        match kind {
            FileType::Jpeg | FileType::Png => Some(Self::Image),
            FileType::Mp4 => Some(Self::Video),
            FileType::Mp3 | FileType::Ogg => Some(Self::Audio),
            FileType::Pdf | FileType::Docx | FileType::Xlsx | FileType::Pptx | FileType::Text => Some(Self::Document),
            FileType::Gif | FileType::Webp | FileType::Zip | FileType::Csv => None,
        }
    }

    /// How many bytes a file of it has at most. WhatsApp takes documents of 100 MB; ours go within a worker's few seconds.
    pub const fn max_bytes(self) -> u32 {
        match self {
            Self::Image => 5_000_000,
            Self::Video | Self::Audio | Self::Document => 16_000_000,
        }
    }
}

/// A file that goes with a communication, as it was when it was attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachedFile {
    /// The file.
    pub id: FileId,
    /// What it is called.
    pub name: FileName,
    /// What it is.
    pub content_type: FileType,
    /// How many bytes it has.
    pub bytes: u32,
}

impl AttachedFile {
    /// A file, where its bytes are there.
    pub fn of(file: &File) -> Option<Self> {
        let Contents { content_type, bytes, sha256: _ } = file.contents()?;
        Some(Self { id: file.id, name: file.name.clone(), content_type, bytes })
    }
}

/// What goes with a communication: the names of all, and the files that some of them are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachments {
    /// The names of all, in their order.
    pub names: Vec<Line<255>>,
    /// The files among them.
    pub files: Vec<AttachedFile>,
}

impl Attachments {
    /// One more name, of what is no file here.
    pub fn name(&mut self, name: Line<255>) {
        self.names.push(name);
    }

    /// One more file; one that is there already goes once.
    pub fn file(&mut self, file: AttachedFile) {
        if self.files.iter().all(|known| known.id != file.id) {
            self.names.push(file.name.line().clone());
            self.files.push(file);
        }
    }

    /// How many bytes the files have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| u64::from(file.bytes)).sum()
    }
}

impl Communication {
    /// A file that came with it is kept. One that is there already stays there once; where its name stood, it is the file's.
    pub fn keep_file(self, file: AttachedFile, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        if after.files.iter().all(|known| known.id != file.id) {
            if !after.attachments.contains(file.name.line()) {
                after.attachments.push(file.name.line().clone());
            }
            after.files.push(file);
            after.meta.updated_at = now;
        }
        Change::update(self, after, "communication.updated")
    }

    /// What goes with it from now on. A name that was a file's stays one, for frontends that send back what they were shown.
    pub(super) fn attach(&mut self, attachments: Attachments) {
        let Attachments { names, mut files } = attachments;
        for known in std::mem::take(&mut self.files) {
            let wanted = names.iter().filter(|name| *name == known.name.line()).count();
            let there = files.iter().filter(|file| file.name == known.name).count();
            if there < wanted && files.iter().all(|file| file.id != known.id) {
                files.push(known);
            }
        }
        (self.attachments, self.files) = (names, files);
    }
}
