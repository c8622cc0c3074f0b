//! `Idempotency-Key`: the same POST again gets the same answer again.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::{FieldInvalid, Invalid, OrganizationId};
use sha2::{Digest as _, Sha256};
use store::{Begun, StoredResponse};

use crate::scope::Scope;
use crate::signed_in::Found;
use crate::{Address, App, Problem};

const KEY: &str = "idempotency-key";
/// A repeated answer carries this header.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longer answers are not kept; the key then only guards against doing it twice.
const MAX_KEPT: usize = 256 * 1024;
/// The largest body a function takes.
pub(crate) const MAX_BODY: usize = 6 * 1024 * 1024;

/// Runs a POST with a key once. Other requests pass.
pub(crate) async fn layer(app: App, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match once(app, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(app: App, request: Request, next: Next) -> Result<Response, Problem> {
    let key = client_key(request.headers())?;
    let (organization, subject) = match request.extensions().get::<Found>() {
        Some(Found::Somebody(entering)) => (entering.0.caller.organization(), entering.0.user.to_string()),
        _ => (OrganizationId::PLATFORM, Address::of(request.extensions()).0),
    };
    let (parts, body) = request.into_parts();
    let bytes = crate::body::read(Request::from_parts(parts.clone(), body), MAX_BODY).await?;
    let operation = format!("{} {}", parts.method, parts.uri);
    let fingerprint = HEXLOWER
        .encode(&Sha256::new().chain_update(operation.as_bytes()).chain_update([0]).chain_update(&bytes).finalize());
    let place: [&str; 2] = [&subject, &key];
    match app.table().begin_idempotent(organization, &place, &fingerprint, app.now()).await? {
        Begun::New => {}
        Begun::InFlight => {
            return Err(Problem::conflict("in_flight", "The first request with this key has not answered yet."));
        }
        Begun::Differs => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key_reused",
                "This key was used with another body or for another operation.",
            )
            .naming([FieldInvalid::new(
                "Idempotency-Key",
                Invalid::new("key_reused", "was used for something else"),
            )]));
        }
        Begun::Done(stored) => return replay(stored),
    }
    let scope = parts.extensions.get::<Scope>().cloned().unwrap_or_default();
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    // An answer that may turn out otherwise next time is not kept: the key is free again.
    let status = response.status();
    // Nor is one that its handler forbids to store: tokens are in it.
    let secret = response.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == "no-store");
    if secret
        || status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::UNAUTHORIZED
    {
        app.table().forget_idempotent(organization, &place).await?;
        return Ok(response);
    }
    let (parts, body) = crate::service::finished(&scope, response).await.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    if let (true, Ok(text)) = (bytes.len() <= MAX_KEPT, std::str::from_utf8(&bytes)) {
        let stored =
            StoredResponse { status: parts.status.as_u16(), headers: kept(&parts.headers), body: text.to_owned() };
        app.table().finish_idempotent(organization, &place, &fingerprint, &stored, app.now()).await?;
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// 1 to 255 visible ASCII characters.
fn client_key(headers: &HeaderMap) -> Result<String, Problem> {
    headers
        .get(KEY)
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(str::to_owned)
        .ok_or_else(|| {
            Problem::bad_request("bad_idempotency_key", "Idempotency-Key takes 1 to 255 visible ASCII characters.")
                .naming([FieldInvalid::new(
                    "Idempotency-Key",
                    Invalid::new("bad_idempotency_key", "must have 1 to 255 visible ASCII characters"),
                )])
        })
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    [header::CONTENT_TYPE, header::LOCATION, header::ETAG]
        .iter()
        .filter_map(|name| Some((name.as_str().to_owned(), headers.get(name)?.to_str().ok()?.to_owned())))
        .collect()
}

fn replay(stored: StoredResponse) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(stored.status).map_err(Problem::internal)?;
    let mut response = (status, stored.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in stored.headers {
        let name = HeaderName::try_from(name).map_err(Problem::internal)?;
        headers.insert(name, HeaderValue::try_from(value).map_err(Problem::internal)?);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
