//! Addresses of pages and files on the web.

use std::str::FromStr;

use super::wire::wire_text;
use crate::Invalid;

const MAX_CHARS: usize = 2_048;
const SCHEME: &str = "https://";

/// An address that begins with `https://` and names a host, without a user or a password in it: at most 2,048 printable
/// ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpsUrl(String);

impl HttpsUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpsUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required());
        }
        if text.len() > MAX_CHARS {
            return Err(Invalid::new("too_long", "must have at most 2,048 characters"));
        }
        let malformed = || Invalid::new("not_https", "must be an address that begins with https://");
        let rest = text.get(SCHEME.len()..).filter(|_| text[..SCHEME.len()].eq_ignore_ascii_case(SCHEME));
        let rest = rest.ok_or_else(malformed)?;
        let printable = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default();
        if !printable || host.is_empty() || authority.contains('@') {
            return Err(malformed());
        }
        Ok(Self(format!("{SCHEME}{rest}")))
    }
}

wire_text!(HttpsUrl, |schema| schema.pattern(Some("^https://")).max_length(Some(MAX_CHARS)));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_an_address_with_a_host_and_no_password_is_one() {
        for good in ["https://files.example/a.mp3", " HTTPS://files.example:8443/a?b=c#d ", "https://[2001:db8::1]/a"] {
            assert!(good.parse::<HttpsUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://files.example/a.mp3",
            "https://",
            "https:///a",
            "https://me:secret@files.example/a",
            "https://files.example/a b",
            "https://files.example/<script>",
            "javascript:alert(1)",
            "",
            "é",
        ] {
            assert!(bad.parse::<HttpsUrl>().is_err(), "{bad}");
        }
        assert!(format!("https://files.example/{}", "a".repeat(2_048)).parse::<HttpsUrl>().is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_what_it_wrote_reads_back(text in "(https://)?\\PC{0,60}") {
            if let Ok(url) = text.parse::<HttpsUrl>() {
                prop_assert_eq!(url.as_str().parse::<HttpsUrl>(), Ok(url.clone()));
            }
        }
    }
}
