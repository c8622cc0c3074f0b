//! Files at Meta's Cloud API: `POST /{version}/{phone-number-id}/media` takes one and tells an id by which messages name it,
//! by <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media>.

use domain::communication::Media;
use serde::Deserialize;
use serde_json::{Value, json};

use super::WhatsAppMedia;
use crate::api::Answer;
use crate::{Attachment, SendError};

#[derive(Deserialize)]
struct Uploaded {
    id: String,
}

/// A file as a form: its boundary, and the body. The boundary is the message's id, which nobody knew who made the file.
pub(super) fn form(boundary: &str, file: &Attachment) -> Result<(String, Vec<u8>), SendError> {
    let Attachment { name, content_type, bytes } = file;
    if name.chars().any(char::is_control) {
        return Err(SendError::Refused("the file's name holds control characters".to_owned()));
    }
    // As browsers write it: <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>.
    let name = name.replace('"', "%22");
    let essence = content_type.split(';').next().unwrap_or_default();
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"type\"\r\n\r\n{essence}\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: {essence}\r\n\r\n"
    );
    let form = [head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    Ok((format!("multipart/form-data; boundary={boundary}"), form))
}

/// The id of a file that was taken.
pub(super) fn id(answer: &Answer) -> Result<String, SendError> {
    let Uploaded { id } = answer.json()?;
    answer.id(id)
}

/// A message's part that names a file: `image`, `video`, `audio` or `document`.
pub(super) fn part(media: &WhatsAppMedia, id: &str) -> Result<(&'static str, Value), SendError> {
    let WhatsAppMedia { file, caption } = media;
    let kind = match file.content_type.split('/').next() {
        Some("image") => "image",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "document",
    };
    let mut part = json!({"id": id});
    if kind == "document" {
        part["filename"] = file.name.as_str().into();
    }
    if let Some(caption) = caption {
        if kind == "audio" || caption.is_empty() || caption.chars().count() > Media::MAX_CAPTION {
            let most = Media::MAX_CAPTION;
            let why = format!("the words below the file do not have 1 to {most} characters, or it is sound");
            return Err(SendError::Refused(why));
        }
        part["caption"] = caption.as_str().into();
    }
    Ok((kind, part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(name: &str, content_type: &'static str) -> Attachment {
        Attachment { name: name.to_owned(), content_type, bytes: b"%PDF-1".to_vec() }
    }

    #[test]
    fn a_file_is_named_as_what_it_is() {
        let named = |content_type, caption: Option<&str>| {
            part(&WhatsAppMedia { file: file("a.b", content_type), caption: caption.map(str::to_owned) }, "1")
        };
        assert_eq!(named("image/png", Some("Hello")), Ok(("image", json!({"id": "1", "caption": "Hello"}))));
        assert_eq!(named("video/mp4", None), Ok(("video", json!({"id": "1"}))));
        assert_eq!(named("audio/ogg", None), Ok(("audio", json!({"id": "1"}))));
        assert_eq!(
            named("application/pdf", Some("Hello")),
            Ok(("document", json!({"id": "1", "filename": "a.b", "caption": "Hello"})))
        );
        assert!(named("audio/ogg", Some("Hello")).is_err());
        assert!(named("image/png", Some("")).is_err() && named("image/png", Some(&"é".repeat(1_025))).is_err());
        assert!(named("image/png", Some(&"é".repeat(1_024))).is_ok());
    }

    proptest! {
        #[test]
        fn a_name_never_leaves_its_place(name in "\\PC{1,60}|(\\r|\\n|;|\"|=|a|-){1,20}") {
            let Ok((_, form)) = form("msg_1", &file(&name, "application/pdf")) else {
                prop_assert!(name.chars().any(char::is_control));
                return Ok(());
            };
            let text = String::from_utf8(form).expect("text");
            let (_, rest) = text.split_once("filename=\"").expect("a name");
            let (quoted, rest) = rest.split_once('"').expect("it ends");
            prop_assert_eq!(quoted.replace("%22", "\""), name.replace("%22", "\""));
            prop_assert_eq!(rest, "\r\ncontent-type: application/pdf\r\n\r\n%PDF-1\r\n--msg_1--\r\n");
        }
    }
}
