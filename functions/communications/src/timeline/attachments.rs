//! What goes with a communication: names, and files that were uploaded.

use std::collections::HashMap;
use std::str::FromStr;

use domain::communication::{AttachedFile, Attachments};
use domain::{FieldInvalid, File, FileId, Grant, Invalid, Line, Permission};
use web::{App, Problem};

/// One of them, as people tell it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attachment {
    /// The name of what is no file here.
    Name(Line<255>),
    /// A file, by its id.
    File(FileId),
}

impl From<Line<255>> for Attachment {
    fn from(line: Line<255>) -> Self {
        FileId::from_str(line.as_str()).map_or(Self::Name(line), Self::File)
    }
}

/// Looks the files up that are named, those whose bytes are there and that the caller sees: no call where there are none, or
/// 1 `BatchGetItem`. 422 `unknown_file` for each other.
pub(super) async fn attached(app: &App, grant: &Grant, all: &[Attachment]) -> Result<Attachments, Problem> {
    let id = |one: &Attachment| if let Attachment::File(id) = one { Some(*id) } else { None };
    let ids: Vec<FileId> = all.iter().filter_map(id).collect();
    let files: HashMap<FileId, File> = if ids.is_empty() || !grant.may(Permission::FilesRead) {
        HashMap::new()
    } else {
        app.table().get_many_to_change(grant, &ids).await?
    };
    let (mut attachments, mut wrong) = (Attachments::default(), Vec::new());
    for (place, one) in all.iter().enumerate() {
        match one {
            Attachment::Name(name) => attachments.name(name.clone()),
            Attachment::File(id) => match files.get(id).and_then(AttachedFile::of) {
                Some(file) => attachments.file(file),
                None => {
                    let invalid = Invalid::new("unknown_file", "is no file that you see and that is ready");
                    wrong.push(FieldInvalid::new(format!("attachments.{place}"), invalid));
                }
            },
        }
    }
    if wrong.is_empty() { Ok(attachments) } else { Err(wrong.into()) }
}
