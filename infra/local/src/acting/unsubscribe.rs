//! The receiver's mail program: one click, by <https://www.rfc-editor.org/rfc/rfc8058>.

use mail_parser::MessageParser;
use standins::{Callback, Telling};

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// The link of a mail that says it takes one click.
pub(super) fn link(raw: &[u8]) -> Option<String> {
    let mail = MessageParser::default().parse(raw)?;
    let header = |name: &str| mail.header_raw(name).map(|text| text.split_whitespace().collect::<String>());
    if header("List-Unsubscribe-Post")? != ONE_CLICK {
        return None;
    }
    let links = header("List-Unsubscribe")?;
    let mut links = links.split(',').filter_map(|link| link.strip_prefix('<')?.strip_suffix('>'));
    links.find(|link| link.starts_with("http")).map(str::to_owned)
}

/// What the program posts there.
pub(super) fn click(url: String) -> Telling {
    Telling { url, callback: Callback::new("application/x-www-form-urlencoded", ONE_CLICK) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_only_where_the_mail_says_that_it_takes_one_click() {
        let list = "List-Unsubscribe: <mailto:no@example.com>,\r\n <http://a.example/u/1>\r\n";
        let post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
        let mail = |headers: &str| format!("Subject: x\r\n{headers}\r\nHello").into_bytes();
        assert_eq!(link(&mail(&format!("{list}{post}"))).as_deref(), Some("http://a.example/u/1"));
        for none in [list, post, "", "List-Unsubscribe: <mailto:no@example.com>\r\n"] {
            assert_eq!(link(&mail(none)), None, "{none}");
        }
    }
}
