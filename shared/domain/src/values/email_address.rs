//! E-mail addresses.

use std::fmt;
use std::str::FromStr;

use super::wire::wire_text;
use crate::Invalid;

/// RFC 5321 §4.5.3.1.3: a path has 256 octets, two of them angle brackets.
const MAX: usize = 254;
/// RFC 5321 §4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 1035 §2.3.4.
const MAX_DOMAIN_LABEL: usize = 63;

/// An e-mail address as [browsers accept it](https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address),
/// with the dots of RFC 5321 (none first, last or twice) and a domain of at least two labels.
/// Trimmed; the domain in lower case, the local part as written. A domain outside ASCII must come
/// in its `xn--` form. Equality is that of the text; compare people by [`EmailAddress::normalized`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`, as written.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain, in lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form by which addresses are compared: all in lower case, because no mail system in use
    /// tells two people apart by case.
    pub fn normalized(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// For eyes that need not see it: `a***@example.com`.
    pub fn masked(&self) -> String {
        format!("{}***@{}", &self.0[..1], self.domain())
    }
}

fn is_local_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn is_domain_label(label: &str) -> bool {
    (1..=MAX_DOMAIN_LABEL).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl FromStr for EmailAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let malformed = || Invalid::new("not_an_email_address", "must be an e-mail address, such as name@example.com");
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required());
        }
        if text.len() > MAX {
            return Err(Invalid::new("too_long", "must have at most 254 characters"));
        }
        let (local, domain) = text.rsplit_once('@').ok_or_else(malformed)?;
        if local.len() > MAX_LOCAL {
            return Err(Invalid::new("too_long", "must have at most 64 characters before the @"));
        }
        let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        if local.is_empty() || dots || !local.bytes().all(is_local_byte) {
            return Err(malformed());
        }
        let domain = domain.to_ascii_lowercase();
        let mut labels = domain.split('.');
        let top_level = labels.next_back().unwrap_or_default();
        let has_parent = domain.contains('.') && labels.all(is_domain_label);
        // A top level of digits would be the tail of an IP address.
        if !has_parent || !is_domain_label(top_level) || top_level.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        Ok(Self(format!("{local}@{domain}")))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

wire_text!(EmailAddress, |schema| schema
    .format(Some(utoipa::openapi::SchemaFormat::Custom("email".to_owned())))
    .max_length(Some(MAX))
    .examples([serde_json::json!("a_lead@example.com")]));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_domain_is_lower_case_and_the_local_part_as_written() {
        let address: EmailAddress = "  Asha.Example+Crm@EXAMPLE.Com ".parse().expect("address");
        assert_eq!(address.as_str(), "Asha.Example+Crm@example.com");
        assert_eq!((address.local(), address.domain()), ("Asha.Example+Crm", "example.com"));
        assert_eq!(address.normalized(), "asha.example+crm@example.com");
    }

    #[test]
    fn what_cannot_be_delivered_to_is_refused() {
        for text in [
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a@@example.com",
            "a b@example.com",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "a@-example.com",
            "a@example-.com",
            "a@example..com",
            "a@example.com.",
            "a@1.2.3.4",
            "a@[127.0.0.1]",
            "\"a\"@example.com",
            "a@exämple.com",
            "ä@example.com",
            "a\n@example.com",
            "a@example.com\r\nBcc: b",
        ] {
            assert_eq!(text.parse::<EmailAddress>().map_err(|e| e.code), Err("not_an_email_address"), "{text}");
        }
        assert!("a@xn--exmple-cua.com".parse::<EmailAddress>().is_ok());
        assert_eq!("".parse::<EmailAddress>().map_err(|e| e.code), Err("required"));
    }

    #[test]
    fn lengths_are_those_of_rfc_5321() {
        let of = |local: usize, label: usize| {
            format!("{}@{}.com", "a".repeat(local), "b".repeat(label)).parse::<EmailAddress>()
        };
        assert!(of(64, 63).is_ok());
        assert_eq!(of(65, 1).map_err(|e| e.code), Err("too_long"));
        assert_eq!(of(1, 64).map_err(|e| e.code), Err("not_an_email_address"));
        let long = format!("a@{}example.com", "b.".repeat(121));
        assert_eq!(long.parse::<EmailAddress>().map_err(|e| e.code), Err("too_long"));
    }

    #[test]
    fn a_log_shows_no_address() {
        let address: EmailAddress = "a_lead@example.com".parse().expect("address");
        assert_eq!(format!("{address:?}"), "EmailAddress(a***@example.com)");
    }

    proptest! {
        #[test]
        fn reading_what_was_written_changes_nothing(text in "\\PC{0,40}|[A-Za-z0-9.+]{1,20}@[A-Za-z0-9.-]{1,20}\\.[A-Za-z]{2,4}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert_eq!(address.as_str().parse::<EmailAddress>(), Ok(address.clone()));
                prop_assert_eq!(address.normalized().parse::<EmailAddress>().map(|a| a.normalized()), Ok(address.normalized()));
            }
        }
    }
}
