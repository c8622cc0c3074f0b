//! Links in e-mails by which it is told that somebody opened them, or followed a link in them.

use domain::communication::Following;
use domain::{CommunicationId, OrganizationId};
use uuid::Uuid;

use crate::secret::HashKey;
use crate::signed;

/// What a link in an e-mail says by which it is told what somebody does with it. It names nobody, never ends (people follow
/// links of old mails), and is verified without a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingLink {
    /// The organization that wrote.
    pub organization: OrganizationId,
    /// The e-mail, as it stands on somebody's timeline.
    pub communication: CommunicationId,
    /// Where it leads; `None` for the pixel, which leads nowhere.
    pub target: Option<Target>,
}

/// An address of the web that people are sent on to: `http` or `https`, of at most [`Target::MOST`] bytes, without white
/// space and of ASCII alone, so that it stands in a header as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// The longest one, in bytes.
    pub const MOST: usize = 2_048;

    /// Takes an address; `None` where people cannot be sent on to it.
    pub fn new(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        let has_host = !rest.is_empty() && !rest.starts_with(['/', '?', '#', '\\']);
        (is_web && is_plain && has_host && url.len() <= Self::MOST).then(|| Self(url.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The version of the form, two UUIDs, what is told; then the address.
const HEAD: usize = 1 + 2 * 16 + 1;
const VERSION: u8 = 1;
const PURPOSE: &str = "tracking";

impl TrackingLink {
    /// What it tells.
    pub const fn following(&self) -> Following {
        if self.target.is_some() { Following::Click } else { Following::Open }
    }

    /// The text of the link: at most 2,798 characters, 67 for the pixel.
    pub fn sign(&self, key: &HashKey) -> String {
        let target = self.target.as_ref().map_or("", Target::as_str);
        let mut bytes = Vec::with_capacity(HEAD + target.len() + 16);
        bytes.push(VERSION);
        bytes.extend(self.organization.uuid().as_bytes());
        bytes.extend(self.communication.uuid().as_bytes());
        bytes.push(u8::from(self.target.is_some()));
        bytes.extend(target.as_bytes());
        signed::sign(key, PURPOSE, bytes)
    }

    /// Reads a link; `None` where it is not one that was signed with this key.
    pub fn open(text: &str, key: &HashKey) -> Option<Self> {
        let bytes = signed::open(key, PURPOSE, text, HEAD + Target::MOST)?;
        let (head, target) = bytes.split_at_checked(HEAD)?;
        let uuid = |at: usize| Uuid::from_slice(&head[at..at + 16]).ok();
        let target = match (head[0], head[HEAD - 1]) {
            (VERSION, 0) if target.is_empty() => None,
            (VERSION, 1) => Some(Target::new(std::str::from_utf8(target).ok()?)?),
            _ => return None,
        };
        Some(Self {
            organization: OrganizationId::from_uuid(uuid(1)?),
            communication: CommunicationId::from_uuid(uuid(17)?),
            target,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use domain::ReachabilityId;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::outreach::UnsubscribeLink;

    fn a_target() -> impl Strategy<Value = Target> {
        "https?://[a-z0-9.-]{1,40}(/[!-~]{0,200})?".prop_filter_map("a target", |url| Target::new(&url))
    }

    fn a_link() -> impl Strategy<Value = TrackingLink> {
        (any::<[u8; 10]>(), any::<[u8; 10]>(), proptest::option::of(a_target())).prop_map(|(one, two, target)| {
            let now = Timestamp::UNIX_EPOCH;
            TrackingLink {
                organization: OrganizationId::at(now, one),
                communication: CommunicationId::at(now, two),
                target,
            }
        })
    }

    proptest! {
        #[test]
        fn a_link_is_read_as_it_was_signed_and_with_no_other_key(link in a_link()) {
            let text = link.sign(&HashKey::new("one"));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            prop_assert_eq!(TrackingLink::open(&text, &HashKey::new("two")), None);
            prop_assert_eq!(TrackingLink::open(&text, &HashKey::new("one")), Some(link));
        }

        #[test]
        fn no_bit_of_it_can_be_changed_and_no_byte_cut_or_added(link in a_link()) {
            let key = HashKey::new("one");
            let text = link.sign(&key);
            let bytes = URL_SAFE_NO_PAD.decode(&text).expect("base 64");
            let refused = |bytes: &[u8]| TrackingLink::open(&URL_SAFE_NO_PAD.encode(bytes), &key).is_none();
            for bit in 0..bytes.len() * 8 {
                let mut forged = bytes.clone();
                forged[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(refused(&forged), "bit {}", bit);
            }
            for cut in 0..bytes.len() {
                prop_assert!(refused(&bytes[..cut]) && refused(&bytes[bytes.len() - cut..]), "{}", cut);
            }
            for cut in 0..text.len() {
                prop_assert_eq!(TrackingLink::open(&text[..cut], &key), None);
            }
            prop_assert_eq!(TrackingLink::open(&format!("{text}A"), &key), None);
            prop_assert_eq!(TrackingLink::open(&format!("{text}="), &key), None);
        }

        #[test]
        fn no_text_is_a_link_by_chance(text in "[A-Za-z0-9_-]{0,200}|\\PC{0,60}") {
            prop_assert_eq!(TrackingLink::open(&text, &HashKey::new("one")), None);
        }

        #[test]
        fn a_target_leads_to_the_web_and_breaks_no_header(url in "\\PC{0,60}|[a-zA-Z]{0,11}:/{0,3}[!-~\r\n \t\\PC]{0,40}") {
            if let Some(target) = Target::new(&url) {
                let lower = target.as_str().to_ascii_lowercase();
                prop_assert!(lower.starts_with("http://") || lower.starts_with("https://"));
                prop_assert!(lower.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(target.as_str(), url);
            }
        }
    }

    #[test]
    fn people_are_sent_on_to_addresses_of_the_web_alone() {
        let longest = format!("https://example.com/{}", "a".repeat(Target::MOST - 20));
        for url in ["https://example.com", "HTTP://EXAMPLE.COM/?a=b&c#d", "https://[2001:db8::1]/", longest.as_str()] {
            assert_eq!(Target::new(url).map(|target| target.0).as_deref(), Some(url));
        }
        let others = [
            "",
            "/pricing",
            "//example.com/",
            "https:/example.com",
            "https://",
            "https:///example.com",
            "https://\\example.com",
            "javascript:alert(1)",
            "javascript://example.com/%0aalert(1)",
            "data:text/html,x",
            "mailto:a@example.com",
            "ftp://example.com/",
            "https://example.com/a b",
            "https://example.com/\r\nSet-Cookie: a=b",
            "https://example.com/é",
            &format!("{longest}a"),
        ];
        for url in others {
            assert_eq!(Target::new(url), None, "{url}");
        }
    }

    #[test]
    fn a_link_of_one_kind_is_none_of_another() {
        let (key, now) = (HashKey::new("one"), Timestamp::UNIX_EPOCH);
        let organization = OrganizationId::at(now, [1; 10]);
        let contact = ReachabilityId::at(now, [2; 10]);
        let objecting = UnsubscribeLink { organization, contact, channel: domain::ContactChannel::Email, lead: None };
        assert_eq!(TrackingLink::open(&objecting.sign(&key), &key), None);
        let target = Target::new("https://example.com/aaaaaaaaaaaa");
        let tracking = TrackingLink { organization, communication: CommunicationId::at(now, [3; 10]), target };
        assert_eq!(UnsubscribeLink::open(&tracking.sign(&key), &key), None);
    }

    #[test]
    fn the_longest_fits() {
        let (key, now) = (HashKey::new("one"), Timestamp::UNIX_EPOCH);
        let target = Target::new(&format!("https://example.com/{}", "a".repeat(Target::MOST - 20)));
        assert!(target.is_some());
        let organization = OrganizationId::at(now, [1; 10]);
        let link = TrackingLink { organization, communication: CommunicationId::at(now, [2; 10]), target };
        let text = link.sign(&key);
        assert_eq!((text.len(), TrackingLink::open(&text, &key)), (2_798, Some(link.clone())));
        assert_eq!(TrackingLink { target: None, ..link }.sign(&key).len(), 67);
    }
}
