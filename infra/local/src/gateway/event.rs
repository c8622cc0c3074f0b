//! A request as the event API Gateway makes of it: an HTTP API's payload of version 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::net::IpAddr;

use aws_lambda_events::apigw::{
    ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext, ApiGatewayV2httpRequestContextHttpDescription,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use super::path::ApiPath;
use super::routes::Matched;
use crate::template::account;

/// The API's id.
const API: &str = "local";

/// Headers that concern one connection, and those that arrive under another name.
const NOT_PASSED: [HeaderName; 8] = [
    header::CONNECTION,
    header::COOKIE,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// What is known of a request beside what it carries.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Whom it came from.
    pub peer: IpAddr,
    /// The port it came to.
    pub port: u16,
    /// Its number, of 64 bits that never come again.
    pub id: u128,
    /// When it came.
    pub at: Timestamp,
}

impl Arrival {
    /// The request's id, as API Gateway and the function's log name it.
    pub fn request_id(&self) -> String {
        format!("{:032x}", self.id)
    }
}

/// Makes the event.
pub fn event<T>(
    parts: Parts,
    body: &Bytes,
    path: ApiPath,
    stage: &str,
    matched: &Matched<'_, T>,
    arrival: &Arrival,
) -> ApiGatewayV2httpRequest {
    let Parts { method, uri, version, headers, .. } = parts;
    let query = uri.query().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost").to_owned();
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
    let cookies = cookies(&headers);
    let (body, is_base64_encoded) = encoded(&headers, body);

    let mut http = ApiGatewayV2httpRequestContextHttpDescription::default();
    http.method = method;
    http.path = Some(path.whole.clone());
    http.protocol = Some(format!("{version:?}"));
    http.source_ip = Some(arrival.peer.to_string());
    http.user_agent = agent;

    let mut context = ApiGatewayV2httpRequestContext::default();
    context.account_id = Some(account::NUMBER.to_owned());
    context.apiid = Some(API.to_owned());
    context.domain_prefix = host.split(['.', ':']).next().map(str::to_owned);
    context.domain_name = Some(host);
    context.request_id = Some(arrival.request_id());
    context.route_key = Some(matched.key.to_string());
    context.stage = Some(stage.to_owned());
    context.time = Some(arrival.at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string());
    context.time_epoch = arrival.at.as_millisecond();
    context.http = http;

    let mut event = ApiGatewayV2httpRequest::default();
    event.version = Some("2.0".to_owned());
    event.route_key = Some(matched.key.to_string());
    event.raw_path = Some(path.whole);
    event.raw_query_string = Some(query.to_owned());
    if !query.is_empty() {
        event.query_string_parameters = query.parse().unwrap_or_default();
    }
    event.cookies = cookies;
    event.headers = passed(headers, arrival);
    event.path_parameters =
        matched.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    event.request_context = context;
    event.body = body;
    event.is_base64_encoded = is_base64_encoded;
    event
}

/// The request's headers, those that came more than once joined by commas, and what API Gateway adds.
fn passed(mut headers: HeaderMap, arrival: &Arrival) -> HeaderMap {
    for name in NOT_PASSED {
        headers.remove(name);
    }
    let peer = arrival.peer.to_string();
    let before = headers.get(FORWARDED_FOR).and_then(|before| before.to_str().ok());
    let forwarded = before.map_or_else(|| peer.clone(), |before| format!("{before}, {peer}"));
    let trace = format!("Root=1-{:08x}-{:024x}", arrival.at.as_second(), arrival.id & ((1 << 96) - 1));
    for (name, value) in [(FORWARDED_FOR, forwarded), (FORWARDED_PORT, arrival.port.to_string()), (TRACE, trace)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    if headers.len() == headers.keys_len() {
        return headers;
    }
    let joined = headers.keys().filter_map(|name| {
        let values: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        Some((name.clone(), HeaderValue::from_bytes(&values.join(&b',')).ok()?))
    });
    joined.collect()
}

fn cookies(headers: &HeaderMap) -> Option<Vec<String>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let cookies: Vec<_> = lines.flat_map(|line| line.split(';')).map(|cookie| cookie.trim().to_owned()).collect();
    (!cookies.is_empty()).then_some(cookies)
}

/// Text goes as it is; everything else, and what calls itself text and is none, as base 64.
fn encoded(headers: &HeaderMap, body: &Bytes) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    const TEXT: [&str; 3] = ["application/json", "application/javascript", "application/xml"];
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/") || TEXT.contains(&kind.as_str()) || kind.ends_with("+json") || kind.ends_with("+xml")
}

/// How long the event would be as JSON, near enough: what counts is its body.
pub fn length(event: &ApiGatewayV2httpRequest) -> usize {
    let headers: usize = event.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 6).sum();
    let body = event.body.as_deref().unwrap_or_default();
    let escaped = if event.is_base64_encoded {
        0
    } else {
        body.bytes()
            .map(|byte| match byte {
                b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
                0..=31 => 5,
                _ => 0,
            })
            .sum()
    };
    headers + body.len() + escaped
}
