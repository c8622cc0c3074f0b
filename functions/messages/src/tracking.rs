//! The links of an e-mail through which it is told that somebody follows them, and the pixel that tells that it is opened.

use domain::{Communication, OrganizationId};
use html5gum::{DefaultEmitter, HtmlString, Span, Spanned, StartTag, Token, Tokenizer};
use store::{HashKey, Target, TrackingLink};
use url::Url;

/// Whoever writes a mail marks a link so that nobody is told of it.
const UNTRACKED: &[u8] = b"data-no-track";

/// What makes the links of one e-mail.
pub(crate) struct Tracking<'a> {
    base: &'a str,
    own: Option<Url>,
    key: &'a HashKey,
    organization: OrganizationId,
    communication: &'a Communication,
}

impl<'a> Tracking<'a> {
    /// For an e-mail that stands on somebody's timeline; `base` is where the API is.
    pub(crate) fn new(base: &'a str, key: &'a HashKey, communication: &'a Communication) -> Self {
        let own = Url::parse(&format!("{base}/public/")).ok();
        Self { base, own, key, organization: communication.meta.organization, communication }
    }

    /// The HTML with each link to the web leading through ours, and with the pixel at its end. Left as they are: what leads
    /// elsewhere (`mailto:`, `tel:`, a place in the mail), what is marked with `data-no-track`, our own pages (the link by
    /// which people unsubscribe), links of more than 2,048 bytes, and all that is no link, byte for byte.
    pub(crate) fn put_into(&self, html: &str) -> String {
        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        let (mut tracked, mut copied) = (String::with_capacity(2 * html.len()), 0);
        let mut end = None;
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) if *tag.name == b"a" => {
                    let Span { start, end } = tag.span;
                    let (Some(before), Some(link)) = (html.get(copied..start), self.link(&tag)) else { continue };
                    // A place that is not the tag's own would tear the mail apart.
                    if !html.get(start..end).is_some_and(|text| text.starts_with('<') && text.ends_with('>')) {
                        continue;
                    }
                    tracked.push_str(before);
                    tracked.push_str(&link);
                    copied = end;
                }
                Token::EndTag(tag) if *tag.name == b"body" && html.get(tag.span.start..).is_some() => {
                    // The last one counts, as browsers move what follows an earlier one into the body.
                    if let Some(before) = html.get(copied..tag.span.start) {
                        tracked.push_str(before);
                        copied = tag.span.start;
                        end = Some(tracked.len());
                    }
                }
                _ => {}
            }
        }
        tracked.push_str(html.get(copied..).unwrap_or_default());
        tracked.insert_str(end.unwrap_or(tracked.len()), &self.pixel());
        tracked
    }

    /// The tag with its link leading through ours; `None` where it stays as it is.
    fn link(&self, tag: &StartTag<usize>) -> Option<String> {
        if tag.attributes.contains_key(UNTRACKED) {
            return None;
        }
        let link = tag.attributes.get(b"href".as_slice())?;
        let target = self.target(std::str::from_utf8(link).ok()?)?;
        let ours = self.signed("clicks", Some(target));
        let attribute = |(name, value): (&HtmlString, &Spanned<HtmlString, usize>)| {
            let value = if **name == b"href" { ours.clone() } else { escaped(&String::from_utf8_lossy(value)) };
            format!(" {}=\"{value}\"", String::from_utf8_lossy(name))
        };
        let attributes: String = tag.attributes.iter().map(attribute).collect();
        Some(format!("<a{attributes}>"))
    }

    /// Where a link leads as a browser reads it, if somebody may be sent on there from us.
    fn target(&self, link: &str) -> Option<Target> {
        let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let is_ours = |own: &Url| url.origin() == own.origin() && url.path().starts_with(own.path());
        if self.own.as_ref().is_some_and(is_ours) { None } else { Target::new(url.as_str()) }
    }

    fn pixel(&self) -> String {
        let link = self.signed("opens", None);
        format!("<img src=\"{link}\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0\">\n")
    }

    fn signed(&self, path: &str, target: Option<Target>) -> String {
        let link = TrackingLink { organization: self.organization, communication: self.communication.id, target };
        format!("{}/public/{path}/{}", self.base, link.sign(self.key))
    }
}

/// Text as it stands in an attribute between two quotation marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use domain::communication::{CommunicationDetails, Placing};
    use domain::{BranchId, CommunicationId, CommunicationType, ContactPurpose, MessageId, UserId};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const BASE: &str = "https://api.sampark.test/v1";

    fn a_mail() -> Communication {
        let now = Timestamp::UNIX_EPOCH;
        let placing = Placing {
            id: CommunicationId::at(now, [1; 10]),
            organization: OrganizationId::at(now, [2; 10]),
            branch: BranchId::at(now, [3; 10]),
            user: UserId::at(now, [4; 10]),
            lead: None,
            contact: None,
            now,
        };
        let details = CommunicationDetails::outbound(CommunicationType::Email, ContactPurpose::Marketing, None);
        Communication::carry(details, placing, MessageId::at(now, [5; 10])).after
    }

    fn tracked(html: &str) -> String {
        Tracking::new(BASE, &HashKey::new("one"), &a_mail()).put_into(html)
    }

    /// What our links in it are, in order: where each leads, and nowhere for the pixel. The rest of it is left over.
    fn ours(html: &str) -> (Vec<Option<String>>, String) {
        let (mut links, mut rest, mut text) = (Vec::new(), String::new(), html);
        while let Some((before, after)) = text.split_once(&format!("{BASE}/public/")) {
            let (token, after) = after.split_at(after.find('"').unwrap_or(after.len()));
            let opened = token.split_once('/').and_then(|(_, token)| TrackingLink::open(token, &HashKey::new("one")));
            rest.push_str(before);
            text = after;
            if let Some(link) = opened {
                assert_eq!(link.communication, a_mail().id);
                links.push(link.target.map(|target| target.as_str().to_owned()));
            }
        }
        rest.push_str(text);
        (links, rest)
    }

    fn clicks(html: &str) -> Vec<String> {
        let (mut links, _) = ours(&tracked(html));
        assert_eq!(links.pop(), Some(None), "the pixel is the last");
        links.into_iter().map(|link| link.expect("one pixel alone")).collect()
    }

    #[test]
    fn a_link_leads_through_ours_and_keeps_what_else_it_says() {
        let html = "<p class=x>Look: <A CLASS='b c' HREF='https://example.com/?a=1&amp;b=\"2\"' title='A \"b\" & c'>here</A></p>";
        let (links, rest) = ours(&tracked(html));
        assert_eq!(links, [Some("https://example.com/?a=1&b=%222%22".to_owned()), None]);
        let link =
            "<p class=x>Look: <a class=\"b c\" href=\"\" title=\"A &quot;b&quot; &amp; c\">here</A></p><img src=\"\"";
        assert!(rest.starts_with(link), "{rest}");
    }

    #[test]
    fn links_are_read_as_browsers_read_them() {
        for (link, target) in [
            ("https://example.com", "https://example.com/"),
            (" HTTPS://Example.com/A ", "https://example.com/A"),
            ("http://example.com/a b#c", "http://example.com/a%20b#c"),
            ("https://example.com/é?q=ü", "https://example.com/%C3%A9?q=%C3%BC"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https:example.com", "https://example.com/"),
        ] {
            assert_eq!(clicks(&format!("<a href=\"{link}\">x</a>")), [target]);
        }
        assert_eq!(clicks("<a href=https://example.com/a>x</a><a\nhref = 'http://example.com'>y</a>").len(), 2);
    }

    #[test]
    fn what_is_not_to_be_told_stays_as_it_is() {
        let long = format!("<a href=\"https://example.com/{}\">x</a>", "a".repeat(2_048));
        for html in [
            "<a href=\"mailto:a@example.com\">x</a>",
            "<a href=\"tel:+919876543210\">x</a>",
            "<a href=\"#top\">x</a>",
            "<a href=\"/pricing\">x</a>",
            "<a href=\"\">x</a>",
            "<a name=\"top\">x</a>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a data-no-track href=\"https://example.com\">x</a>",
            "<a href='https://example.com' DATA-NO-TRACK='yes'>x</a>",
            "<a href=\"https://api.sampark.test/v1/public/unsubscribe/AAAA\">x</a>",
            "<a href=\"HTTPS://API.sampark.test:443/v1/public/preferences/AAAA\">x</a>",
            "<link href=\"https://example.com\"><abbr title=\"https://example.com\">x</abbr>",
            "<!-- <a href=\"https://example.com\">x</a> -->",
            "<style>a[href=\"https://example.com\"] {color: <a href='https://example.com'>}</style>",
            "<textarea><a href=\"https://example.com\">x</a></textarea>",
            "&lt;a href=\"https://example.com\"&gt; <a href=\"https://example.com",
            long.as_str(),
        ] {
            assert_eq!(clicks(html), [""; 0], "{html}");
            assert!(tracked(html).starts_with(html), "{html}");
        }
        assert_eq!(clicks("<a href=\"https://api.sampark.test/pricing\">x</a>").len(), 1, "another page is a page");
    }

    #[test]
    fn the_pixel_is_the_end_of_the_body() {
        for (html, before) in [
            ("<html><body><p>a</p></body></html>", "<html><body><p>a</p>"),
            ("<p>a</p>", "<p>a</p>"),
            ("", ""),
            ("<body>a</body>b</BODY ></html>", "<body>a</body>b"),
        ] {
            let whole = tracked(html);
            let after = &html[before.len()..];
            assert!(whole.starts_with(&format!("{before}<img src=\"{BASE}/public/opens/")), "{whole}");
            assert!(whole.ends_with(after), "{whole}");
            assert_eq!(whole.matches("<img").count(), 1);
        }
    }

    proptest! {
        #[test]
        fn all_that_is_no_link_stays_byte_for_byte(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("<a href=\"https://example.com/a?b=c&amp;d\" title='é'>x</a>".to_owned()),
                    Just("<a href=mailto:a@example.com>".to_owned()),
                    Just("<!--".to_owned()),
                    Just("<script>".to_owned()),
                    Just("</body>".to_owned()),
                    Just("<p a='b'/>\r\n".to_owned()),
                    "\\PC{0,12}",
                    "[<>/a&;\"'=! -]{0,12}",
                ],
                0..12,
            ),
        ) {
            let html = parts.concat();
            let whole = tracked(&html);
            let (links, _) = ours(&whole);
            prop_assert_eq!(links.iter().filter(|link| link.is_none()).count(), 1);
            // Without what was put in it is what it was, but for how a link is written.
            let bare = |html: &str| {
                let parts: Vec<String> = Tokenizer::new(html)
                    .map(|Ok(token)| match token {
                        Token::StartTag(tag) if *tag.name == b"a" => format!("<a {}>", tag.attributes.len()),
                        Token::StartTag(tag) => format!("{tag:?}"),
                        Token::String(text) => String::from_utf8_lossy(&text).into_owned(),
                        Token::Error(_) => String::new(),
                        other => format!("{other:?}"),
                    })
                    .collect();
                parts.concat()
            };
            let place = whole.find(&format!("<img src=\"{BASE}/public/opens/")).expect("a pixel");
            let end = place + whole[place..].find(">\n").expect("its end") + 2;
            let without = format!("{}{}", &whole[..place], &whole[end..]);
            prop_assert_eq!(bare(&without), bare(&html));
            if links.len() == 1 {
                prop_assert_eq!(without, html);
            }
        }
    }
}
