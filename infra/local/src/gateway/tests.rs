use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::routing::{any, post};
use http::{HeaderValue, Method};
use http_body_util::{BodyExt as _, Full};
use lambda_http::{Adapter, LambdaEvent, Service as _};
use serde_json::{Value, json};

use super::*;
use crate::template::Route;

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)), 50_000);

fn function(timeout: Duration) -> Function {
    let routes = ["/leads", "/leads/{proxy+}"].map(|path| Route { method: None, path: path.to_owned() });
    Function {
        id: "LeadsFunction".to_owned(),
        binary: "leads".to_owned(),
        timeout,
        environment: std::collections::BTreeMap::new(),
        routes: routes.into(),
        queues: Vec::new(),
        streams: Vec::new(),
        sockets: Vec::new(),
        schedules: Vec::new(),
    }
}

fn gateway(router: Router, timeout: Duration) -> Gateway {
    let clock = MovableClock::starting_at("2026-11-20T06:30:00Z".parse().ok());
    let template = Template { stage: "v1".to_owned(), ..Template::default() };
    let sockets = standins::Sockets::new(&standins::Setup::default());
    let mut gateway = Gateway::new(&template, &clock, 7, &sockets, &crate::stop::Stopper::new().listen());
    gateway.add(&function(timeout), router).expect("its routes");
    gateway
}

async fn answer(gateway: &Gateway, request: Request<Full<Bytes>>) -> (http::response::Parts, Bytes) {
    let path = gateway.path(request.uri().path()).expect("text").expect("of the API");
    let (parts, body) = gateway.answer(request, path, PEER, 3000).await.into_parts();
    (parts, body.collect().await.expect("a body").to_bytes())
}

fn request(
    method: Method,
    uri: &str,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body.into()));
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse().expect("a URI");
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    request
}

/// The event of a request.
async fn event_of(request: Request<Full<Bytes>>) -> aws_lambda_events::apigw::ApiGatewayV2httpRequest {
    let gateway = gateway(Router::new(), Duration::from_secs(1));
    let path = gateway.path(request.uri().path()).expect("text").expect("of the API");
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let matched = gateway.routes.find(&parts.method, path.route()).expect("a route");
    let at = "2026-11-20T06:30:00Z".parse().expect("a time");
    let arrival = Arrival { peer: PEER.ip(), port: 3000, id: 0x0123_4567_89ab_cdef, at };
    event::event(parts, &body, path, "v1", &matched, &arrival)
}

fn sample() -> Request<Full<Bytes>> {
    let headers = [
        ("host", "localhost:3000"),
        ("user-agent", "curl/8.5.0"),
        ("content-type", "application/json"),
        ("x-several", "one"),
        ("x-several", "two"),
        ("cookie", "a=1; b=2"),
        ("connection", "keep-alive"),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    request(Method::POST, "/v1/leads/lead%201/status?tag=a&tag=b%20c&x=", &headers, r#"{"to":"lost"}"#)
}

#[tokio::test]
async fn an_event_has_the_shape_that_api_gateway_gives_it() {
    let event = serde_json::to_value(event_of(sample()).await).expect("JSON");
    let expected = json!({
        "version": "2.0",
        "routeKey": "ANY /leads/{proxy+}",
        "rawPath": "/v1/leads/lead 1/status",
        "rawQueryString": "tag=a&tag=b%20c&x=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": "localhost:3000",
            "user-agent": "curl/8.5.0",
            "content-type": "application/json",
            "x-several": "one,two",
            "x-forwarded-for": "198.51.100.1, 203.0.113.7",
            "x-forwarded-port": "3000",
            "x-forwarded-proto": "http",
            "x-amzn-trace-id": "Root=1-6affe8e8-000000000123456789abcdef",
        },
        "queryStringParameters": {"tag": "a,b c", "x": ""},
        "pathParameters": {"proxy": "lead 1/status"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost:3000",
            "domainPrefix": "localhost",
            "http": {
                "method": "POST",
                "path": "/v1/leads/lead 1/status",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "00000000000000000123456789abcdef",
            "routeKey": "ANY /leads/{proxy+}",
            "stage": "v1",
            "time": "20/Nov/2026:06:30:00 +0000",
            "timeEpoch": 1_795_156_200_000_i64,
        },
        "body": r#"{"to":"lost"}"#,
        "isBase64Encoded": false,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&event[name], value, "{name}");
    }
}

#[tokio::test]
async fn its_passage_through_json_would_change_nothing() {
    let host = ("host", "localhost");
    let bytes =
        |body: &'static [u8]| request(Method::POST, "/v1/leads", &[host, ("content-type", "application/zip")], body);
    let makes: [&dyn Fn() -> Request<Full<Bytes>>; 3] =
        [&sample, &|| request(Method::PUT, "/api/leads", &[host], ""), &|| bytes(b"\0\xff\x80PK")];
    for make in makes {
        let text = serde_json::to_string(&event_of(make()).await).expect("JSON");
        let through: lambda_http::Request = serde_json::from_str::<LambdaRequest>(&text).expect("an event").into();
        let straight = lambda_http::Request::from(LambdaRequest::ApiGatewayV2(event_of(make()).await));
        assert_eq!(through.uri(), straight.uri());
        assert_eq!(through.method(), straight.method());
        assert_eq!(through.headers(), straight.headers());
        assert_eq!(through.body(), straight.body());
        assert_eq!(through.query_string_parameters(), straight.query_string_parameters());
        assert_eq!(through.path_parameters(), straight.path_parameters());
    }
}

/// Answers in every way there is.
fn answering() -> Router {
    Router::new().fallback(any(|request: Request<axum::body::Body>| async move {
        let mut answer = match request.uri().query() {
            Some("binary") => Response::new(axum::body::Body::from(&b"\0\xff"[..])),
            Some("empty") => Response::new(axum::body::Body::empty()),
            _ => Response::new(axum::body::Body::from("{\"text\":\"é\"}")),
        };
        *answer.status_mut() = StatusCode::CREATED;
        let kind = if request.uri().query() == Some("binary") { "application/zip" } else { "application/json" };
        let headers = answer.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(kind));
        for (name, value) in [("vary", "Accept"), ("vary", "Origin"), ("set-cookie", "a=1"), ("set-cookie", "b=2")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        answer
    }))
}

#[tokio::test]
async fn an_answer_is_what_the_lambda_adapter_would_have_given() {
    for query in ["text", "binary", "empty"] {
        let make = || request(Method::GET, &format!("/v1/leads?{query}"), &[("host", "localhost")], "");
        let event = LambdaRequest::ApiGatewayV2(event_of(make()).await);
        let adapted = Adapter::from(answering()).call(LambdaEvent::new(event, Context::default())).await;
        let Ok(adapted) = adapted;
        let adapted: Value = serde_json::to_value(adapted).expect("JSON");

        let (parts, body) = answer(&gateway(answering(), Duration::from_secs(1)), make()).await;
        assert_eq!(adapted["statusCode"], parts.status.as_u16());
        // The listener writes the length itself.
        let headers =
            adapted["headers"].as_object().expect("headers").iter().filter(|(name, _)| *name != "content-length");
        for (name, value) in headers {
            assert_eq!(
                parts.headers.get_all(name).iter().collect::<Vec<_>>(),
                [value.as_str().expect("text")],
                "{name}"
            );
        }
        let cookies: Vec<_> =
            parts.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text")).collect();
        assert_eq!(adapted["cookies"], json!(cookies));
        let expected = adapted["body"].as_str().unwrap_or_default();
        if adapted["isBase64Encoded"] == true {
            use base64::Engine as _;
            assert_eq!(base64::engine::general_purpose::STANDARD.encode(&body), expected);
        } else {
            assert_eq!(body, expected.as_bytes());
        }
    }
}

#[tokio::test]
async fn bytes_arrive_as_they_were_sent() {
    let echo = Router::new().fallback(post(|body: Bytes| async move { body }));
    let sent: Vec<u8> = (0..=255).collect();
    let (parts, body) =
        answer(&gateway(echo, Duration::from_secs(1)), request(Method::POST, "/v1/leads", &[], sent.clone())).await;
    assert_eq!((parts.status, body.to_vec()), (StatusCode::OK, sent));
}

#[tokio::test]
async fn what_api_gateway_refuses_is_refused_in_its_words() {
    let slow = Router::new().fallback(any(std::future::pending::<()>));
    let crash = Router::new().fallback(any(|| async { assert!(std::hint::black_box(false), "a crash") }));
    let large = Router::new().fallback(any(|| async { "x".repeat(PAYLOAD_LIMIT + 1) }));
    let fine = || Router::new().fallback(any(|| async { "fine" }));
    let json = [("content-type", "application/json")];
    let long: &'static str = Box::leak("x".repeat(HEAD_LIMIT).into_boxed_str());
    for (router, request, status, message) in [
        (fine(), request(Method::GET, "/v1/nothing", &[], ""), 404, "Not Found"),
        (fine(), request(Method::POST, "/v1/leads", &[], vec![b'x'; BODY_LIMIT + 1]), 413, "Request Entity Too Large"),
        (fine(), request(Method::POST, "/v1/leads", &[], vec![0; 5 * 1024 * 1024]), 413, "Request Entity Too Large"),
        (
            fine(),
            request(Method::POST, "/v1/leads", &json, vec![b'"'; 4 * 1024 * 1024]),
            413,
            "Request Entity Too Large",
        ),
        (fine(), request(Method::GET, "/v1/leads", &[("x-long", long)], ""), 431, "Request Header Fields Too Large"),
        (fine(), request(Method::GET, "/v1/leads", &[("host", "a b")], ""), 400, "Bad Request"),
        (slow, request(Method::GET, "/v1/leads", &[], ""), 503, "Service Unavailable"),
        (crash, request(Method::GET, "/v1/leads", &[], ""), 500, "Internal Server Error"),
        (large, request(Method::GET, "/v1/leads", &[], ""), 500, "Internal Server Error"),
    ] {
        let (parts, body) = answer(&gateway(router, Duration::from_millis(100)), request).await;
        assert_eq!(parts.status.as_u16(), status, "{message}");
        assert_eq!(body, format!("{{\"message\":\"{message}\"}}"));
    }
    let four = request(Method::POST, "/v1/leads", &[], vec![0; 4 * 1024 * 1024]);
    assert_eq!(answer(&gateway(fine(), Duration::from_secs(1)), four).await.0.status, StatusCode::OK);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_stop_a_function() {
    let (done, mut ended) = tokio::sync::mpsc::channel(1);
    let router = Router::new().fallback(any(move || {
        let done = done.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            done.send(()).await.expect("the test listens");
        }
    }));
    let gateway = gateway(router, Duration::from_secs(5));
    let calling = answer(&gateway, request(Method::GET, "/v1/leads", &[], ""));
    assert!(tokio::time::timeout(Duration::from_millis(1), calling).await.is_err());
    assert_eq!(ended.recv().await, Some(()));
}

#[test]
fn only_hosts_that_a_url_may_have_are_taken() {
    for good in ["localhost", "localhost:3000", "127.0.0.1:3000", "[::1]:3000", "api.example.com"] {
        assert!(is_host(good), "{good}");
    }
    for bad in ["", "[", "a b", "1.2.3.4.5", "localhost:99999", "me@localhost", "a..b", "xn--a", "localhost:", "x/y"] {
        assert!(!is_host(bad), "{bad}");
    }
}
