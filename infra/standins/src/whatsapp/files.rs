//! The files of a number: what was handed over to be sent, and what people sent to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use http::request::Parts;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::provider::{self, Response, header_of};

const MAX_CAPTION: usize = 1_024;
/// The id of the first file that is handed over.
const FIRST_HANDED: u64 = 1_037_543_291_543_636;
/// The id of the first file that somebody sends.
const FIRST_RECEIVED: u64 = 2_762_702_990_552_401;
/// Where files lie.
pub(super) const LIES_AT: &str = "/whatsapp_business/attachments/";

/// A file, as it was handed over or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What it was called.
    pub name: String,
    /// What it was said to be.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// By Meta's ids of them.
type Known = Mutex<BTreeMap<u64, Media>>;

#[derive(Default)]
pub(super) struct Files {
    handed: Known,
    received: Known,
}

fn known(files: &Known) -> MutexGuard<'_, BTreeMap<u64, Media>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    /// What was handed over, the oldest first.
    pub(super) fn handed(&self) -> Vec<Media> {
        known(&self.handed).values().cloned().collect()
    }

    /// Somebody sent this: its kind and the part of the message that tells of it, by which it can be fetched.
    pub(super) fn receive(&self, media: Media, caption: Option<&str>) -> (&'static str, Value) {
        let kind = kind_of(&media.content_type).unwrap_or("sticker");
        let mut part =
            json!({"mime_type": media.content_type, "sha256": STANDARD.encode(Sha256::digest(&media.bytes))});
        if kind == "document" {
            part["filename"] = media.name.as_str().into();
        }
        if let Some(caption) = caption {
            part["caption"] = caption.into();
        }
        let mut known = known(&self.received);
        let id = FIRST_RECEIVED + known.len() as u64;
        known.insert(id, media);
        drop(known);
        part["id"] = id.to_string().into();
        (kind, part)
    }

    /// Nobody has any more what people sent.
    pub(super) fn forget(&self) {
        known(&self.received).clear();
    }

    /// Takes a file that is handed over, as <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media> has it.
    pub(super) fn upload(&self, request: &Parts, body: &[u8]) -> Result<Response, u32> {
        let boundary = multer::parse_boundary(header_of(request, "content-type")).map_err(|_| 100_u32)?;
        let body = bytes::Bytes::copy_from_slice(body);
        let stream = futures::stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(body)));
        // All of it is there already.
        let (product, media) = futures::executor::block_on(form(multer::Multipart::new(stream, boundary)))?;
        if product != "whatsapp" {
            return Err(100);
        }
        let media = media.ok_or(131_008_u32)?;
        let most = most(kind_of(&media.content_type).ok_or(131_053_u32)?);
        if media.bytes.is_empty() || media.bytes.len() > most {
            return Err(131_053);
        }
        let mut known = known(&self.handed);
        let id = FIRST_HANDED + known.len() as u64;
        known.insert(id, media);
        Ok(provider::json(200, &json!({"id": id.to_string()})))
    }

    /// Where a file lies that somebody sent, as
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media/> has it.
    pub(super) fn lies(&self, request: &Parts, id: &str) -> Option<Response> {
        let known = known(&self.received);
        let Media { name: _, content_type, bytes } = known.get(&id.parse().ok()?)?;
        let sha256 = HEXLOWER.encode(&Sha256::digest(bytes));
        Some(provider::json(
            200,
            &json!({
                "messaging_product": "whatsapp",
                "url": format!("http://{}{LIES_AT}?mid={id}", header_of(request, "host")),
                "mime_type": content_type, "sha256": sha256, "file_size": bytes.len(), "id": id,
            }),
        ))
    }

    /// The file itself.
    pub(super) fn received(&self, request: &Parts) -> Response {
        let query = request.uri.query().unwrap_or_default();
        let id = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "mid");
        let known = known(&self.received);
        let media = id.and_then(|(_, id)| id.parse::<u64>().ok()).and_then(|id| known.get(&id));
        match media {
            Some(Media { name: _, content_type, bytes }) => provider::file(content_type, bytes.clone()),
            None => provider::json(404, &json!({"error": "not found"})),
        }
    }

    /// What its receiver sees of a file that was handed over.
    pub(super) fn shown(&self, kind: &str, part: &Value) -> Result<String, u32> {
        let id = part["id"].as_str().ok_or(131_008_u32)?;
        let known = known(&self.handed);
        let media = id.parse().ok().and_then(|id: u64| known.get(&id)).ok_or(131_009_u32)?;
        if kind_of(&media.content_type) != Some(kind) || part["link"].is_string() {
            return Err(131_009);
        }
        let name = part["filename"].as_str().filter(|_| kind == "document").unwrap_or(kind);
        let shown = format!("[{name}, {} bytes]", media.bytes.len());
        match part["caption"].as_str() {
            Some(caption) if kind == "audio" || caption.chars().count() > MAX_CAPTION => Err(131_009),
            Some(caption) => Ok(format!("{shown}\n{caption}")),
            None => Ok(shown),
        }
    }
}

/// A form's `messaging_product`, and its file.
async fn form(mut parts: multer::Multipart<'_>) -> Result<(String, Option<Media>), u32> {
    let (mut product, mut said, mut media) = (String::new(), None, None);
    while let Some(part) = parts.next_field().await.map_err(|_| 100_u32)? {
        let (name, file) = (part.name().unwrap_or_default().to_owned(), part.file_name().map(str::to_owned));
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(|_| 100_u32)?.to_vec();
        match name.as_str() {
            "messaging_product" => product = String::from_utf8(bytes).map_err(|_| 100_u32)?,
            "type" => said = Some(String::from_utf8(bytes).map_err(|_| 100_u32)?),
            "file" => {
                let (name, content_type) = (file.ok_or(100_u32)?, content_type.ok_or(100_u32)?);
                media = Some(Media { name, content_type, bytes });
            }
            _ => {}
        }
    }
    // Where both say what it is, they agree.
    match (&said, &media) {
        (Some(said), Some(media)) if *said != media.content_type => Err(131_053),
        _ => Ok((product, media)),
    }
}

/// How a file of a type is shown.
fn kind_of(content_type: &str) -> Option<&'static str> {
    const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
    match content_type {
        "image/jpeg" | "image/png" => Some("image"),
        "video/mp4" | "video/3gp" => Some("video"),
        "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" => Some("audio"),
        "text/plain"
        | "application/pdf"
        | "application/msword"
        | "application/vnd.ms-excel"
        | "application/vnd.ms-powerpoint" => Some("document"),
        other => other.starts_with(OFFICE).then_some("document"),
    }
}

/// So many bytes are taken.
fn most(kind: &str) -> usize {
    match kind {
        "image" => 5_000_000,
        "document" => 100_000_000,
        _ => 16_000_000,
    }
}
