//! Who may ask the pages of this machine, and what the pages may do.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::uri::Authority;

/// Nothing runs, nothing is loaded, and forms lead back here only.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The outbox holds links that let people in, so pages answer to this machine's names only: a site elsewhere
/// could have its own name lead here. Nor may a page of such a site have a browser press a button here.
pub(super) async fn guarded(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_local(headers) {
        return (StatusCode::MISDIRECTED_REQUEST, "this page is for this machine only\n").into_response();
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read && asked_by(headers) == AskedBy::Another {
        return refused();
    }
    let mut page = next.run(request).await;
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

/// A form may be sent from any page unasked, so a button is taken only where the browser says whose it is.
pub(super) async fn own_forms(request: Request, next: Next) -> Response {
    if asked_by(request.headers()) == AskedBy::ThisPage { next.run(request).await } else { refused() }
}

fn refused() -> Response {
    (StatusCode::FORBIDDEN, "buttons of this page are pressed on this page only\n").into_response()
}

/// Whose page had a browser ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedBy {
    ThisPage,
    Another,
    /// Nothing says so: it is no browser, or a very old one.
    Nobody,
}

fn asked_by(headers: &HeaderMap) -> AskedBy {
    let site = headers.get("sec-fetch-site").map(|site| site == "same-origin");
    let origin = headers.get(header::ORIGIN).map(|origin| is_own(origin, headers));
    match (site, origin) {
        (None, None) => AskedBy::Nobody,
        (Some(false), _) | (_, Some(false)) => AskedBy::Another,
        _ => AskedBy::ThisPage,
    }
}

/// Whether an origin is the address under which it asks.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let authority = |text: &str| text.parse::<Authority>().ok();
    let origin = origin.to_str().ok().and_then(|origin| authority(origin.strip_prefix("http://")?));
    let host = headers.get(header::HOST).and_then(|host| authority(host.to_str().ok()?));
    origin.is_some() && origin == host
}

fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    host.is_some_and(|host| {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    #[test]
    fn a_page_is_told_by_what_browsers_say_of_it() {
        for (told, by) in [
            (&[][..], AskedBy::Nobody),
            (&[("origin", "http://localhost:3000")], AskedBy::ThisPage),
            (&[("sec-fetch-site", "same-origin")], AskedBy::ThisPage),
            (&[("origin", "http://localhost:3000"), ("sec-fetch-site", "same-origin")], AskedBy::ThisPage),
            (&[("origin", "http://localhost:3001")], AskedBy::Another),
            (&[("origin", "https://localhost:3000")], AskedBy::Another),
            (&[("origin", "http://elsewhere.example")], AskedBy::Another),
            (&[("origin", "null")], AskedBy::Another),
            (&[("origin", "")], AskedBy::Another),
            (&[("sec-fetch-site", "same-site")], AskedBy::Another),
            (&[("sec-fetch-site", "cross-site")], AskedBy::Another),
            (&[("sec-fetch-site", "none")], AskedBy::Another),
            (&[("origin", "http://localhost:3000"), ("sec-fetch-site", "cross-site")], AskedBy::Another),
            (&[("origin", "http://elsewhere.example"), ("sec-fetch-site", "same-origin")], AskedBy::Another),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:3000"))]);
            let told =
                told.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            headers.extend(told);
            assert_eq!(asked_by(&headers), by, "{headers:?}");
        }
    }
}
