//! Answers: a function's, and the gateway's own.

use axum::body::Body;
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};
use lambda_http::Body as LambdaBody;

/// What a listener sends: an answer that lies ready, or a page of the console.
pub type AnswerBody = Either<Full<Bytes>, Body>;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// An answer of the gateway itself, in its words.
pub(crate) fn refusal(status: StatusCode) -> Response<AnswerBody> {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or("Unknown"),
    };
    let mut answer = Response::new(Either::Left(Full::new(Bytes::from(format!("{{\"message\":\"{message}\"}}")))));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// What API Gateway makes of a function's answer. `None` if it is larger than a function may give.
pub(super) fn answer(from: Response<LambdaBody>, request_id: &str, limit: usize) -> Option<Response<AnswerBody>> {
    let (mut parts, body) = from.into_parts();
    let body = match body {
        LambdaBody::Text(text) => Bytes::from(text),
        LambdaBody::Binary(bytes) if bytes.len() > limit / 4 * 3 => return None,
        LambdaBody::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    if body.len() > limit {
        return None;
    }
    parts.headers = singled(parts.headers);
    // The function's own word on it is dropped: it does not know how the connection frames its answer.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts.headers.remove(header::CONNECTION);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        parts.headers.insert(REQUEST_ID, id);
    }
    Some(Response::from_parts(parts, Either::Left(Full::new(body))))
}

/// A function's answer has each header once: of those that it sets more often, `lambda_http` writes the first.
/// Cookies travel apart.
fn singled(headers: HeaderMap) -> HeaderMap {
    if headers.len() == headers.keys_len() {
        return headers;
    }
    let mut single = HeaderMap::with_capacity(headers.keys_len());
    for name in headers.keys() {
        if name == header::SET_COOKIE {
            single.extend(headers.get_all(name).iter().map(|cookie| (name.clone(), cookie.clone())));
        } else if let Some(first) = headers.get(name) {
            single.insert(name.clone(), first.clone());
        }
    }
    single
}
