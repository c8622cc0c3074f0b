//! Which addresses may be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// Which addresses webhooks may ask. Without more it is the public internet over `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach(Inner);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Inner {
    #[default]
    Public,
    Loopback,
    /// As if this address of the machine that tests were one of the public internet.
    #[cfg(test)]
    PublicAnd(IpAddr),
}

/// An address may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not one of the public internet")]
pub struct NotPublic;

impl Reach {
    /// The public internet, over `https` alone.
    pub const PUBLIC: Self = Self(Inner::Public);

    /// Also this machine itself, there over `http` too: for those who develop a receiver beside the local platform, and
    /// for nobody else.
    pub const fn with_loopback() -> Self {
        Self(Inner::Loopback)
    }

    #[cfg(test)]
    pub(super) const fn with(address: IpAddr) -> Self {
        Self(Inner::PublicAnd(address))
    }

    /// Whether the connection must be encrypted.
    pub(super) fn is_https_only(self) -> bool {
        self.0 == Inner::Public
    }

    /// Whether this may be asked, as far as the text tells; what its name leads to is looked at with each call.
    pub fn check(self, url: &str) -> Result<(), NotPublic> {
        let uri: Uri = url.parse().map_err(|_| NotPublic)?;
        let host = uri.host().ok_or(NotPublic)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
        let literal = bare.parse::<IpAddr>().ok();
        let here = bare == "localhost" || literal.is_some_and(|address| address.is_loopback());
        let good = match (uri.scheme_str(), literal) {
            (Some("https"), Some(address)) => self.has(address),
            (Some("https"), None) => is_name(&bare) || (here && self.0 == Inner::Loopback),
            (Some("http"), Some(address)) => self.takes_http(here) && self.has(address),
            (Some("http"), None) => self.takes_http(here),
            _ => false,
        };
        if good { Ok(()) } else { Err(NotPublic) }
    }

    fn takes_http(self, here: bool) -> bool {
        match self.0 {
            Inner::Public => false,
            Inner::Loopback => here,
            #[cfg(test)]
            Inner::PublicAnd(_) => true,
        }
    }

    /// Whether this address may be asked.
    pub(super) fn has(self, address: IpAddr) -> bool {
        match self.0 {
            Inner::Public => is_public(address),
            Inner::Loopback => is_public(address) || address.is_loopback(),
            #[cfg(test)]
            Inner::PublicAnd(also) => is_public(address) || address == also,
        }
    }
}

/// Whether a host can be a name of the public internet. One whose last part is a number is none: resolvers read `0177.1`,
/// `2130706433` and `0x7f000001` as addresses of their own. The names of RFC 6761 and of private networks are none either.
///
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn is_name(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !is_number && host.contains('.') && !matches!(last, "localhost" | "local" | "internal" | "home" | "lan" | "corp")
}

/// Whether an address is one of the public internet, by IANA's registries of special purposes.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [a, b, ..] = address.segments();
    // Of what is handed out, 2000::/3: not documentation, not what carries an IPv4 address (6to4, Teredo) or is special.
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_asked() {
        for good in ["8.8.8.8", "203.0.112.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(good.parse().expect("an address")), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.170",
            "203.0.113.7",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "fec0::1",
        ] {
            assert!(!is_public(bad.parse().expect("an address")), "{bad}");
        }
    }

    #[test]
    fn an_address_must_be_https_and_public_as_it_is_written() {
        for good in
            ["https://hooks.example/a", "https://8.8.8.8/", "https://hooks.example.:8443/", "https://1a.example/"]
        {
            assert_eq!(Reach::PUBLIC.check(good), Ok(()), "{good}");
        }
        for bad in [
            "http://hooks.example/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0177.0.0.1/",
            "https://0177.0.0.01./",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.0.0.0x1/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://hooks.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://intranet/",
            "https://[::1]:8080/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://169.254.169.254/latest/meta-data",
            "ftp://hooks.example/",
            "/a",
            "",
        ] {
            assert_eq!(Reach::PUBLIC.check(bad), Err(NotPublic), "{bad}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "this is what it is about")]
    fn whoever_develops_reaches_their_own_machine_and_nothing_else_more() {
        let reach = Reach::with_loopback();
        for good in ["http://localhost:8000/a", "http://127.0.0.1/", "https://localhost/", "http://[::1]:1/"] {
            assert_eq!(reach.check(good), Ok(()), "{good}");
        }
        for bad in ["http://hooks.example/", "http://10.0.0.1/", "https://10.0.0.1/"] {
            assert_eq!(reach.check(bad), Err(NotPublic), "{bad}");
        }
    }
}
