use super::part::{Claim, Packed, PartReader};
use super::xml::Xml;
use crate::{Limits, SheetError};
use flate2::bufread::DeflateDecoder;
use std::collections::HashMap;
use std::io::Cursor;
use zip::{CompressionMethod, ZipArchive};

/// Entries an archive may list. Workbooks have tens.
const MAX_PARTS: usize = 4096;

/// Signature of an entry in a ZIP archive's directory (APPNOTE 4.3.12).
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";

/// The parts of a workbook: entries of a ZIP archive, by name. Names are keys here and nowhere paths.
pub(super) struct Package<'a> {
    bytes: &'a [u8],
    entries: HashMap<String, Entry>,
    limits: Limits,
    left: u64,
}

struct Entry {
    start: usize,
    packed: usize,
    claim: Claim,
    method: CompressionMethod,
}

impl<'a> Package<'a> {
    /// Reads the directory; inflates nothing.
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, SheetError> {
        // Counted before the archive is parsed, since parsing takes memory for each entry, and in the
        // bytes themselves, since the count in the trailer may lie.
        if bytes.windows(4).filter(|window| *window == DIRECTORY_ENTRY).count() > MAX_PARTS {
            return Err(SheetError::TooManyParts { limit: MAX_PARTS });
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
        if archive.has_duplicate_names() {
            return Err(SheetError::damaged("two parts have one name"));
        }
        let mut entries = HashMap::with_capacity(archive.len());
        let mut claimed = 0_u64;
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|error| unreadable(&error))?;
            if entry.encrypted() {
                return Err(SheetError::Encrypted);
            }
            claimed = claimed.saturating_add(entry.size());
            let name = entry.name().map_err(|error| unreadable(&error))?;
            let place = entry.data_start().and_then(|start| usize::try_from(start).ok());
            let packed = usize::try_from(entry.compressed_size()).ok();
            let (Some(start), Some(packed)) = (place, packed) else {
                return Err(SheetError::damaged("a part lies outside the file"));
            };
            let claim = Claim { size: entry.size(), crc: entry.crc32() };
            let method = entry.compression();
            let entry = Entry { start, packed, claim, method };
            if entries.insert(key(&name), entry).is_some() {
                return Err(SheetError::damaged("two parts have one name"));
            }
        }
        if claimed > limits.max_uncompressed_bytes {
            return Err(SheetError::UnpacksTooLarge { limit: limits.max_uncompressed_bytes });
        }
        Ok(Self { bytes, entries, limits: *limits, left: limits.max_uncompressed_bytes })
    }

    /// Opens a part as XML; `None` where the workbook has none of that name.
    pub(super) fn part(&self, name: &str) -> Result<Option<Xml<'a>>, SheetError> {
        let Some(entry) = self.entries.get(&key(name)) else {
            return Ok(None);
        };
        let bytes = entry
            .start
            .checked_add(entry.packed)
            .and_then(|end| self.bytes.get(entry.start..end))
            .ok_or_else(|| SheetError::damaged("a part lies outside the file"))?;
        let packed = match entry.method {
            CompressionMethod::Stored => Packed::Stored(bytes),
            CompressionMethod::Deflated => Packed::Deflated(DeflateDecoder::new(bytes)),
            _ => {
                return Err(SheetError::damaged("a part is packed in a way workbooks do not use"));
            }
        };
        Ok(Some(Xml::new(PartReader::new(packed, entry.claim, self.left, self.limits))))
    }

    /// Takes what a part inflated to from what is left for the others.
    pub(super) fn spend(&mut self, part: &Xml<'_>) {
        self.left = self.left.saturating_sub(part.inflated());
    }

    /// What an archive without a workbook looks like.
    pub(super) fn looks_like(&self) -> &'static str {
        let has = |start: &str| self.entries.keys().any(|name| name.starts_with(start));
        if has("xl/workbook.bin") {
            "a binary workbook (.xlsb)"
        } else if has("word/") {
            "a Word document"
        } else if has("ppt/") {
            "a PowerPoint presentation"
        } else if has("mimetype") && has("content.xml") {
            "an OpenDocument file"
        } else {
            "a ZIP archive without a workbook"
        }
    }
}

/// Part names are compared without regard to case (ECMA-376 part 2, 6.3.5); some programs write `\`.
fn key(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase()
}

fn unreadable(error: &zip::result::ZipError) -> SheetError {
    SheetError::damaged(format!("the archive cannot be read ({error})"))
}
