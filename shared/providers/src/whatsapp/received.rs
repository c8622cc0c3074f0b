//! Files that people send over WhatsApp: `GET /{version}/{media-id}` tells where one lies for five minutes, and there it is
//! asked for with the same token, by
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media/>. Meta keeps what a
//! webhook tells of for 7 days.

use domain::integration::Credential;
use http::{HeaderValue, Uri};
use serde::Deserialize;

use crate::SendError;
use crate::api::{Answer, Api, secret};
use crate::graph::{failure, is_id, meaning, passes};

/// The largest file that is fetched: WhatsApp takes documents of 100 MB; ours come within a worker's few seconds.
const MAX_FETCHED: usize = 16_000_000;
/// Where Meta has files.
const LIES_AT: &str = "lookaside.fbsbx.com";

/// Fetches what people send to a number.
#[derive(Debug, Clone)]
pub struct CloudMedia {
    api: Api,
    base: String,
    authorization: HeaderValue,
}

#[derive(Deserialize)]
struct Told {
    url: String,
    #[serde(default)]
    file_size: Option<u64>,
}

impl CloudMedia {
    /// With a token that may read the number's messages (`whatsapp_business_messaging`), at
    /// [`CloudWhatsApp::BASE`](crate::CloudWhatsApp::BASE) or where a double of it lies.
    pub fn new(api: Api, base: &str, token: &Credential) -> Result<Self, SendError> {
        let authorization = secret(&format!("Bearer {}", token.expose()))?;
        Ok(Self { api, base: base.to_owned(), authorization })
    }

    /// The bytes of a file, by Meta's id of it: 2 `GET`s. Refused where it will never be had: it is gone, or has more than
    /// 16 MB.
    pub async fn fetch(&self, id: &str) -> Result<Vec<u8>, SendError> {
        if !is_id(id) {
            return Err(SendError::Refused("the id of the file is not one".to_owned()));
        }
        let secret = ("authorization", &self.authorization);
        let told = self.api.get("WhatsApp", id, &format!("{}/{id}", self.base), secret).await?;
        let Told { url, file_size } = good(&told)?.json()?;
        if file_size.is_some_and(|bytes| bytes > MAX_FETCHED as u64) {
            return Err(SendError::Refused(format!("the file has more than {MAX_FETCHED} bytes")));
        }
        // The token goes with the question, and so to nobody else.
        if !self.is_metas(&url) {
            return Err(SendError::Refused("the file lies at an address that is not WhatsApp's".to_owned()));
        }
        let file = self.api.download("WhatsApp", id, &url, secret, MAX_FETCHED).await?;
        Ok(good(&file)?.body.to_vec())
    }

    fn is_metas(&self, url: &str) -> bool {
        let place = |url: &str| {
            let uri: Uri = url.parse().ok()?;
            Some((uri.scheme_str()?.to_owned(), uri.authority()?.as_str().to_ascii_lowercase()))
        };
        let Some((scheme, authority)) = place(url) else { return false };
        (scheme == "https" && authority == LIES_AT) || Some((scheme, authority)) == place(&self.base)
    }
}

fn good(answer: &Answer) -> Result<&Answer, SendError> {
    if answer.is_success() { Ok(answer) } else { Err(failure("WhatsApp", answer, passes, meaning)) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::webhook::Reach;

    #[test]
    fn the_token_goes_to_meta_alone() {
        let api = Api::new(Reach::PUBLIC, Duration::from_secs(1)).expect("a client");
        let token = "not-a-real-token".parse().expect("a token");
        let media = CloudMedia::new(api, "https://graph.facebook.com/v24.0", &token).expect("a client");
        for good in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=3",
            "https://LOOKASIDE.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://graph.facebook.com/anywhere",
        ] {
            assert!(media.is_metas(good), "{good}");
        }
        for bad in [
            "http://lookaside.fbsbx.com/",
            "https://lookaside.fbsbx.com:8443/",
            "https://lookaside.fbsbx.com.example/",
            "https://lookaside.fbsbx.com@example.com/",
            "https://example.com/?lookaside.fbsbx.com",
            "https://fbsbx.com/",
            "//lookaside.fbsbx.com/",
            "lookaside.fbsbx.com",
            "",
        ] {
            assert!(!media.is_metas(bad), "{bad}");
        }
    }
}
