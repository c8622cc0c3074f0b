//! `multipart/form-data`: texts and one file, bounded.

use std::collections::HashMap;

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use domain::Invalid;

use crate::{Problem, Scope, Warning, idempotency::MAX_BODY};

/// At most so many parts.
const MAX_PARTS: usize = 20;
/// At most so many bytes in a part that is no file.
const MAX_TEXT: usize = 64 * 1024;

/// A form with texts and at most one file, in the part named `file`.
#[derive(Debug, Default)]
pub struct Form {
    /// The texts by name.
    pub texts: HashMap<String, String>,
    /// The file.
    pub file: Option<FormFile>,
}

/// An uploaded file.
#[derive(Debug)]
pub struct FormFile {
    /// Its name as the person's machine gave it; only ever shown, never used as a path.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Form {
    /// The file, which must be there, where nothing else of the form has an effect.
    pub fn into_file(self, scope: &Scope) -> Result<FormFile, Problem> {
        let Self { texts, file } = self;
        scope.warn(texts.into_keys().map(|field| Warning { field, code: "unknown_field".to_owned() }));
        file.ok_or_else(|| Problem::field("file", Invalid::required()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let boundary = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| multer::parse_boundary(value).ok())
            .ok_or_else(|| {
                Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "not_multipart",
                    "The body must be multipart/form-data with a boundary.",
                )
            })?;
        let bytes = crate::body::read(request, MAX_BODY).await?;
        let stream = futures::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
        let mut parts = multer::Multipart::new(stream, boundary);
        let mut form = Self::default();
        let unreadable =
            |error: multer::Error| Problem::bad_request("bad_multipart", format!("The form cannot be read: {error}."));
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            count += 1;
            if count > MAX_PARTS {
                return Err(Problem::bad_request("bad_multipart", "A form may have 20 parts at most."));
            }
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(unreadable)?;
            if name == "file" {
                let name = displayable(&file_name.unwrap_or_else(|| "file".to_owned()));
                form.file = Some(FormFile { name, bytes: bytes.to_vec() });
            } else if bytes.len() <= MAX_TEXT {
                let text = String::from_utf8(bytes.to_vec())
                    .map_err(|_| Problem::bad_request("bad_multipart", format!("The part {name} is not UTF-8.")))?;
                form.texts.insert(name, text);
            } else {
                return Err(Problem::bad_request("bad_multipart", "A text of a form may have 64 KiB at most."));
            }
        }
        Ok(form)
    }
}

/// A file's name fit to be shown: its last part, without control characters, at most 255 characters.
fn displayable(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(255).collect();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_never_a_path() {
        assert_eq!(displayable("../../etc/passwd"), "passwd");
        assert_eq!(displayable("C:\\x\\leads.csv"), "leads.csv");
        assert_eq!(displayable("a\0b\n.csv"), "ab.csv");
        assert_eq!(displayable(""), "file");
        assert_eq!(displayable(&"x".repeat(300)).len(), 255);
    }
}
